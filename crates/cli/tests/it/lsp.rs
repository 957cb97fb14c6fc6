//! The language server over the standard streams of the command.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A cluster whose local accounts are on.
const CLUSTER: &str = "\
id: /subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks
type: Microsoft.ContainerService/managedClusters
properties:
  disableLocalAccounts: false
";

struct Editor {
    server: Child,
    reader: BufReader<ChildStdout>,
}

impl Editor {
    fn start(folder: &Path) -> Self {
        let mut server = Command::new(assert_cmd::cargo::cargo_bin!("palisade"))
            .args(["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let reader = BufReader::new(server.stdout.take().unwrap());
        let mut editor = Self { server, reader };
        let initialize = r#""id":1,"method":"initialize","params":{"capabilities":{},"rootUri":"file://FOLDER"}"#;
        editor.send(&initialize.replace("FOLDER", folder.to_str().unwrap()));
        assert!(editor.receive().contains(r#""hoverProvider":true"#));
        editor.send(r#""method":"initialized","params":{}"#);
        editor
    }

    fn send(&mut self, message: &str) {
        let body = format!(r#"{{"jsonrpc":"2.0",{message}}}"#);
        let mut input = self.server.stdin.as_ref().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }

    fn receive(&mut self) -> String {
        let mut length = 0;
        loop {
            let mut header = String::new();
            self.reader.read_line(&mut header).unwrap();
            match header.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().unwrap(),
                None if header.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }
}

#[test]
fn an_editor_is_told_what_the_command_would_say() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::write(root.join("a.yaml"), CLUSTER).unwrap();
    fs::write(root.join("palisade.toml"), "select = [\"PC007\"]\n").unwrap();
    let mut editor = Editor::start(&root);
    let told = editor.receive();
    assert!(
        told.contains("/a.yaml\"") && told.contains(r#""code":"PC007""#),
        "{told}"
    );
    assert_eq!(told.matches(r#""code":"#).count(), 1, "{told}");
    assert!(
        told.contains(r#""start":{"character":24,"line":3}"#),
        "{told}"
    );

    let open = r#""method":"textDocument/didOpen","params":{"textDocument":{"uri":"file://FOLDER/palisade.toml","languageId":"toml","version":1,"text":"selct = []\n"}}"#;
    fs::write(root.join("palisade.toml"), "selct = []\n").unwrap();
    editor.send(&open.replace("FOLDER", root.to_str().unwrap()));
    let (first, second) = (editor.receive(), editor.receive());
    assert!(
        first.contains("/a.yaml\"") && first.contains(r#""diagnostics":[]"#),
        "{first}"
    );
    assert!(
        second.contains("/palisade.toml\"") && second.contains("selct"),
        "{second}"
    );

    editor.send(r#""id":2,"method":"shutdown""#);
    assert!(editor.receive().contains(r#""result":null"#));
    editor.send(r#""method":"exit""#);
    assert!(editor.server.wait().unwrap().success());
}
