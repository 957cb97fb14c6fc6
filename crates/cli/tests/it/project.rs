use std::fs;

use crate::{CLUSTER, folder, run};

const CONCISE: [&str; 4] = ["audit", ".", "--format", "concise"];

#[test]
fn init_writes_a_configuration_and_never_over_one() {
    let folder = folder(&[("a.json", CLUSTER)]);
    assert_eq!(run(folder.path(), &["init"], "").code(), 0);
    let path = folder.path().join("palisade.toml");
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(run(folder.path(), &CONCISE, "").code(), 1);
    fs::write(&path, "strict = true\n").unwrap();
    let again = run(folder.path(), &["init"], "");
    assert_eq!(again.code(), 2);
    assert!(
        again.stderr().contains("palisade.toml exists"),
        "{}",
        again.stderr()
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "strict = true\n");
    assert!(written.contains("fail-on = \"low\""));
}

#[test]
fn the_configuration_is_found_upwards() {
    let folder = folder(&[
        (
            "palisade.toml",
            "select = [\"FW001\"]\nfail-on = \"critical\"\n",
        ),
        ("deep/down/a.json", CLUSTER),
        ("other.toml", "select = [\"PC\"]\n"),
    ]);
    let deep = folder.path().join("deep/down");
    let found = run(&deep, &CONCISE, "");
    assert_eq!(
        (found.code(), found.stdout().lines().count()),
        (0, 1),
        "{}",
        found.stdout()
    );
    // Flags take precedence.
    let flags = ["--fail-on", "low", "--select", "PC"];
    let other = run(&deep, &[&CONCISE[..], &flags].concat(), "");
    assert_eq!(other.code(), 1);
    assert!(!other.stdout().contains("[FW001]"), "{}", other.stdout());
    let none = run(&deep, &[&CONCISE[..], &["--no-config"]].concat(), "");
    assert!(none.code() == 1 && none.stdout().lines().count() > 1);
    let named = run(
        &deep,
        &[&CONCISE[..], &["--config", "../../other.toml"]].concat(),
        "",
    );
    assert!(named.stdout().lines().all(|line| line.contains("[PC")));
    let missing = run(
        &deep,
        &[&CONCISE[..], &["--config", "nowhere.toml"]].concat(),
        "",
    );
    assert_eq!(missing.code(), 2);
}

#[test]
fn a_broken_configuration_ends_the_run() {
    let folder = folder(&[
        ("palisade.toml", "selct = []\nstrict = 1\n"),
        ("a.json", CLUSTER),
    ]);
    let run = run(folder.path(), &CONCISE, "");
    assert_eq!((run.code(), run.stdout().as_str()), (2, ""));
    insta::assert_snapshot!(run.stderr(), @r"
    error: palisade.toml:1:1: unknown key `selct`; did you mean `select`?
    error: palisade.toml:2:10: expected true or false, found integer
    ");
}

#[test]
fn files_are_left_out_from_folders_only() {
    let folder = folder(&[
        (
            "palisade.toml",
            "select = [\"FW001\"]\n[paths]\nexclude = [\"old/**\"]\n",
        ),
        ("old/a.json", CLUSTER),
    ]);
    assert_eq!(run(folder.path(), &CONCISE, "").code(), 3);
    let named = run(folder.path(), &["audit", "old/a.json"], "");
    assert_eq!(named.code(), 1);
    let inside = run(&folder.path().join("old"), &CONCISE, "");
    assert_eq!(inside.code(), 3, "{}", inside.stdout());
}

#[test]
fn a_baseline_leaves_what_is_new() {
    let folder = folder(&[("estate/a.json", CLUSTER)]);
    let accept = ["baseline", "accept", "estate", "--today", "2026-11-23"];
    let accepted = run(folder.path(), &accept, "");
    assert_eq!(accepted.code(), 0, "{}", accepted.stderr());
    assert!(accepted.stdout().ends_with(" in palisade-baseline.json\n"));
    let beside = ["audit", "estate", "--baseline", "palisade-baseline.json"];
    let same = run(folder.path(), &beside, "");
    assert_eq!(same.code(), 0, "{}", same.stdout());
    assert!(
        same.stdout()
            .contains("beside palisade-baseline.json: 0 new")
    );
    let path = folder.path().join("estate/a.json");
    fs::write(&path, CLUSTER.replace("loadBalancer", "managedNATGateway")).unwrap();
    let new = run(
        folder.path(),
        &[&beside[..], &["--format", "concise"]].concat(),
        "",
    );
    assert_eq!(new.code(), 1);
    assert!(new.stdout().contains("high[FW001]"), "{}", new.stdout());
    let again = run(folder.path(), &accept, "");
    assert_eq!(again.code(), 0);
    let fixed = CLUSTER.replace("loadBalancer", "userDefinedRouting");
    fs::write(&path, fixed).unwrap();
    let fixed = run(folder.path(), &beside, "");
    assert!(
        fixed.stdout().contains("fixed: FW001"),
        "{}",
        fixed.stdout()
    );
    let missing = run(
        folder.path(),
        &["audit", "estate", "--baseline", "no.json"],
        "",
    );
    assert_eq!(missing.code(), 2);
}
