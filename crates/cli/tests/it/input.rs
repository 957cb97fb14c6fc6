use crate::{CLUSTER, folder, run};

#[test]
fn a_broken_file_is_named_and_the_rest_is_read() {
    let folder = folder(&[
        ("a.json", "{\"id\": \"/subscriptions/s1"),
        ("b.json", CLUSTER),
        (
            "c.yaml",
            "kind: [\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n",
        ),
    ]);
    let run = run(
        folder.path(),
        &["audit", ".", "--select", "FW001", "--format", "concise"],
        "",
    );
    assert_eq!(run.code(), 1);
    assert!(
        run.stdout().contains("high[FW001] aks-1"),
        "{}",
        run.stdout()
    );
    insta::assert_snapshot!(run.stderr(), @r"
    error: unterminated string literal
    --> a.json:1:8
    error: unclosed bracket '['
    --> c.yaml:1:7
    ");
}

#[test]
fn binary_and_undecodable_files_are_named() {
    let folder = folder(&[("b.json", CLUSTER)]);
    std::fs::write(
        folder.path().join("image.json"),
        [0x89, b'P', b'N', b'G', 0, 1],
    )
    .unwrap();
    std::fs::write(folder.path().join("latin.yaml"), b"name: caf\xe9\n").unwrap();
    let run = run(folder.path(), &["audit", ".", "--select", "FW001"], "");
    assert!(
        run.stdout()
            .contains("left aside: image.json: a binary file"),
        "{}",
        run.stdout()
    );
    assert!(run.stderr().contains("latin.yaml:1:10"), "{}", run.stderr());
}

#[test]
fn ignored_and_hidden_files_stay_out() {
    let folder = folder(&[
        (".gitignore", "old/\n"),
        ("old/cluster.json", CLUSTER),
        (".hidden/cluster.json", CLUSTER),
        ("notes.md", "# Notes"),
        (
            "namespace.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n",
        ),
    ]);
    let run = run(folder.path(), &["audit", ".", "--select", "FW001"], "");
    assert!(
        run.stdout().contains("read 1 file: 0 resources, 1 object"),
        "{}",
        run.stdout()
    );
}

#[cfg(unix)]
#[test]
fn a_loop_of_folders_ends() {
    let folder = folder(&[("b.json", CLUSTER)]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    let run = run(folder.path(), &["audit", ".", "--select", "FW001"], "");
    assert!(run.stderr().contains("loop"), "{}", run.stderr());
    assert!(run.stdout().contains("1 resource,"), "{}", run.stdout());
}

#[test]
fn standard_input_is_read() {
    let folder = folder(&[]);
    let run = run(
        folder.path(),
        &["audit", "-", "--select", "FW001", "--format", "concise"],
        CLUSTER,
    );
    assert_eq!(
        run.stdout(),
        "stdin:4:55: high[FW001] aks-1: the outbound type is loadBalancer, which leads past any firewall\n"
    );
}

#[test]
fn nothing_to_read_is_exit_code_3() {
    let folder = folder(&[("a.json", "{\"openapi\": \"3.0.0\"}")]);
    for arguments in [["audit", "."], ["audit", "missing"]] {
        let run = run(folder.path(), &arguments, "");
        assert_eq!(run.code(), 3);
        assert!(
            run.stderr().starts_with("error: nothing to audit"),
            "{}",
            run.stderr()
        );
    }
}
