//! An editor and the server, over a connection in memory.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed"
)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::civil::date;
use lsp_server::{Connection, Message, Notification, Request, Response};
use palisade_controls::{Context, audit};
use palisade_document::Diagnostic;
use palisade_lsp::{Audited, Buffers, Failure, Workspace, serve};
use palisade_project::{Configuration, Settlement, choose, settle};
use palisade_report::Report;
use palisade_sources::File;
use serde_json::{Value, json};

/// Files at `/w`. No audit starts while somebody holds the gate.
struct Files {
    texts: BTreeMap<String, String>,
    gate: Arc<Mutex<()>>,
}

impl Workspace for Files {
    fn folder(&self) -> &Path {
        Path::new("/w")
    }

    fn audit(&self, buffers: &Buffers) -> Result<Audited, Vec<Diagnostic>> {
        let _gate = self.gate.lock();
        let mut files = self.texts.clone();
        for (path, text) in buffers {
            let path = path.strip_prefix("/w").unwrap().to_str().unwrap();
            files.insert(path.to_owned(), text.clone());
        }
        let files: Vec<_> = files.into_iter().collect();
        let load = |(path, text): &(String, String)| {
            Ok(File {
                path: path.clone(),
                bytes: text.clone().into_bytes(),
            })
        };
        let input = palisade_sources::read_all(&files, load, false);
        let configuration = Configuration::default();
        let (controls, checks) = choose(&[], &[], &configuration.settings);
        let today = date(2026, 11, 23);
        let mut audit = audit(&Context::new(&input.estate, today), controls);
        let settlement = Settlement {
            configuration: &configuration,
            checks: &checks,
            baseline: None,
            today,
        };
        settle(&input.estate, &mut audit, settlement);
        let texts = input
            .estate
            .documents()
            .iter()
            .map(|document| document.text());
        Ok(Audited {
            report: Report::new(&input, &audit, files.len(), 0),
            texts: texts
                .map(|text| (text.path().to_owned(), text.clone()))
                .collect::<HashMap<_, _>>(),
            shown: vec!["fail"],
        })
    }

    fn text(&self, path: &str) -> Option<String> {
        self.texts.get(path).cloned()
    }
}

struct Editor {
    connection: Connection,
    server: JoinHandle<Result<(), Failure>>,
    gate: Arc<Mutex<()>>,
    published: HashMap<String, Vec<Value>>,
    last: i32,
}

impl Editor {
    fn start(files: &[(&str, &str)], capabilities: Value) -> Self {
        let (connection, other) = Connection::memory();
        let files = files
            .iter()
            .map(|&(path, text)| (path.to_owned(), text.to_owned()));
        let gate = Arc::new(Mutex::new(()));
        let files = Files {
            texts: files.collect(),
            gate: gate.clone(),
        };
        let server = thread::spawn(move || {
            serve(&other, |folders| {
                assert_eq!(folders, [PathBuf::from("/w")]);
                Ok(files)
            })
        });
        let mut editor = Self {
            connection,
            server,
            gate,
            published: HashMap::new(),
            last: 0,
        };
        let folders = json!([{ "uri": "file:///w", "name": "w" }]);
        let parameters = json!({ "capabilities": capabilities, "workspaceFolders": folders });
        editor.ask("initialize", parameters).unwrap();
        editor.tell("initialized", json!({}));
        editor
    }

    fn tell(&self, method: &str, parameters: Value) {
        let told = Notification::new(method.to_owned(), parameters);
        self.connection.sender.send(told.into()).unwrap();
    }

    fn open(&self, path: &str, text: &str, version: i32) {
        let document =
            json!({ "uri": uri(path), "languageId": "yaml", "version": version, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn send(&mut self, method: &str, parameters: Value) -> i32 {
        self.last += 1;
        let request = Request::new(self.last.into(), method.to_owned(), parameters);
        self.connection.sender.send(request.into()).unwrap();
        self.last
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Result<Value, i32> {
        let id = self.send(method, parameters);
        self.response(id)
    }

    fn response(&mut self, wanted: i32) -> Result<Value, i32> {
        loop {
            match self.receive() {
                Message::Response(Response {
                    id,
                    response_result,
                }) if id == wanted.into() => {
                    return response_result.map_err(|error| error.code);
                }
                _ => continue,
            }
        }
    }

    fn receive(&mut self) -> Message {
        let wait = Duration::from_secs(20);
        let message = self.connection.receiver.recv_timeout(wait).unwrap();
        if let Message::Notification(told) = &message
            && told.method == "textDocument/publishDiagnostics"
        {
            let uri = told.params["uri"].as_str().unwrap().to_owned();
            let diagnostics = told.params["diagnostics"].as_array().unwrap().clone();
            self.published.insert(uri, diagnostics);
        }
        message
    }

    /// The next diagnostics that are published for a file.
    fn diagnostics(&mut self, path: &str) -> Vec<Value> {
        let uri = uri(path);
        self.published.remove(&uri);
        while !self.published.contains_key(&uri) {
            self.receive();
        }
        self.published[&uri].clone()
    }

    fn actions(&mut self, path: &str, range: &Value) -> Vec<Value> {
        let parameters = json!({ "textDocument": { "uri": uri(path) }, "range": range, "context": { "diagnostics": [] } });
        let actions = self.ask("textDocument/codeAction", parameters).unwrap();
        actions.as_array().cloned().unwrap_or_default()
    }

    fn leave(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null), Ok(Value::Null));
        self.tell("exit", Value::Null);
        self.server.join().unwrap().unwrap();
    }
}

fn uri(path: &str) -> String {
    format!("file:///w/{path}")
}

fn with_code(diagnostics: &[Value], code: &str) -> Value {
    let mut found = diagnostics.iter().filter(|one| one["code"] == code);
    found
        .next()
        .unwrap_or_else(|| panic!("no {code} in {diagnostics:#?}"))
        .clone()
}

/// A cluster, written with characters that are two code units of UTF-16 each.
const CLUSTER: &str = "\
id: /subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks
name: aks
type: Microsoft.ContainerService/managedClusters
tags: {team: 😀😀}
properties: {note: \"😀ø\", disableLocalAccounts: false, aadProfile: {managed: true}}
";
const CODE: &str = "PC007";

#[test]
fn a_finding_shows_at_its_value_in_utf16_with_code_link_and_page() {
    let mut editor = Editor::start(&[("a.yaml", CLUSTER)], json!({}));
    let diagnostics = editor.diagnostics("a.yaml");
    let finding = with_code(&diagnostics, CODE);
    let line = CLUSTER.lines().nth(4).unwrap();
    let before = &line[..line.find("false").unwrap()];
    let column = before.encode_utf16().count();
    assert_ne!(column, before.chars().count());
    let range = json!({
        "start": { "line": 4, "character": column },
        "end": { "line": 4, "character": column + 5 },
    });
    assert_eq!(finding["range"], range);
    assert_eq!(finding["source"], "palisade");
    let link = finding["codeDescription"]["href"].as_str().unwrap();
    assert!(link.starts_with("https://learn.microsoft.com/"), "{link}");
    let place = json!({ "textDocument": { "uri": uri("a.yaml") }, "position": range["start"] });
    let hover = editor.ask("textDocument/hover", place).unwrap();
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(
        text.contains("## Why it matters") && !text.contains("## Tests"),
        "{text}"
    );
    assert_eq!(hover["range"], range);
    let nowhere = json!({ "textDocument": { "uri": uri("b.yaml") }, "position": range["start"] });
    assert_eq!(editor.ask("textDocument/hover", nowhere), Ok(Value::Null));
    editor.leave();
}

#[test]
fn what_is_open_goes_before_the_disk() {
    let mut editor = Editor::start(&[("a.yaml", CLUSTER)], json!({}));
    with_code(&editor.diagnostics("a.yaml"), CODE);
    editor.open(
        "a.yaml",
        &CLUSTER.replace("Accounts: false", "Accounts: true"),
        1,
    );
    let mended = editor.diagnostics("a.yaml");
    assert!(mended.iter().all(|one| one["code"] != CODE), "{mended:#?}");
    let document = json!({ "uri": uri("a.yaml"), "version": 2 });
    let changes = json!([{ "text": "" }]);
    let change = json!({ "textDocument": document, "contentChanges": changes });
    editor.tell("textDocument/didChange", change);
    assert_eq!(editor.diagnostics("a.yaml"), [Value::Null; 0]);
    editor.tell(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri("a.yaml") } }),
    );
    with_code(&editor.diagnostics("a.yaml"), CODE);
    editor.leave();
}

#[test]
fn a_quick_fix_keeps_what_it_promises() {
    let versioned = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut editor = Editor::start(&[("a.yaml", CLUSTER)], versioned);
    editor.open("a.yaml", CLUSTER, 7);
    let finding = with_code(&editor.diagnostics("a.yaml"), CODE);
    let actions = editor.actions("a.yaml", &finding["range"]);
    let titled = |start: &str| {
        let title = |action: &&Value| action["title"].as_str().unwrap().starts_with(start);
        actions
            .iter()
            .find(title)
            .unwrap_or_else(|| panic!("{actions:#?}"))
    };
    let change = &titled("change false to true")["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"]["version"], 7);
    assert_eq!(change["edits"][0]["range"], finding["range"]);
    assert_eq!(change["edits"][0]["newText"], "true");
    let waiver = &titled(&format!("waive {CODE}"))["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!(waiver["newText"], format!("# palisade: ignore[{CODE}] \n"));
    let at = json!({ "line": 4, "character": 0 });
    assert_eq!(waiver["range"], json!({ "start": at, "end": at }));
    editor.leave();
}

#[test]
fn a_setting_that_is_not_the_cause_is_not_turned() {
    let text = CLUSTER.replace("disableLocalAccounts: false, ", "");
    let mut editor = Editor::start(&[], json!({}));
    editor.open("a.yaml", &text, 1);
    let everywhere =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9, "character": 0 } });
    let actions = editor.actions("a.yaml", &everywhere);
    let mut titles = actions
        .iter()
        .map(|action| action["title"].as_str().unwrap());
    assert!(
        titles.all(|title| title.starts_with("waive ")),
        "{actions:#?}"
    );
    assert!(!actions.is_empty());
    editor.leave();
}

#[test]
fn plain_json_gets_no_comment_and_broken_files_are_told() {
    let json = r#"{"id": "/subscriptions/s1/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks", "properties": {"disableLocalAccounts": false, "aadProfile": {"managed": true}}}"#;
    let mut editor = Editor::start(&[], json!({}));
    editor.open("a.json", json, 1);
    let everywhere =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 } });
    let actions = editor.actions("a.json", &everywhere);
    assert!(
        actions
            .iter()
            .all(|one| !one["title"].as_str().unwrap().starts_with("waive"))
    );
    assert!(
        actions.iter().any(|one| one["edit"]["changes"].is_object()),
        "{actions:#?}"
    );
    editor.open("b.json", "{\"a\": \"😀\" \"b\": 1}", 1);
    let problems = editor.diagnostics("b.json");
    assert_eq!(problems[0]["severity"], 1, "{problems:#?}");
    assert_eq!(
        problems[0]["range"]["start"]["character"], 11,
        "{problems:#?}"
    );
    editor.leave();
}

#[test]
fn requests_can_be_taken_back_and_unknown_ones_are_refused() {
    let mut editor = Editor::start(&[("a.yaml", CLUSTER)], json!({}));
    let place = json!({ "textDocument": { "uri": uri("b.yaml") }, "position": { "line": 0, "character": 0 } });
    let gate = editor.gate.clone();
    let held = gate.lock();
    let first = editor.send("textDocument/hover", place.clone());
    let second = editor.send("textDocument/hover", place);
    editor.tell("$/cancelRequest", json!({ "id": second }));
    drop(held);
    assert_eq!(editor.response(first), Ok(Value::Null));
    assert_eq!(editor.response(second), Err(-32800));
    assert_eq!(editor.ask("textDocument/rename", json!({})), Err(-32601));
    assert_eq!(editor.ask("textDocument/hover", json!({})), Err(-32602));
    editor.leave();
}

#[test]
fn an_editor_that_leaves_early_is_told_of() {
    let editor = Editor::start(&[], json!({}));
    editor.tell("exit", Value::Null);
    assert!(matches!(
        editor.server.join().unwrap(),
        Err(Failure::Protocol(_))
    ));
}
