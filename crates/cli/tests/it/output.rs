use crate::{CLUSTER, folder, palisade, run};

#[test]
fn a_first_run_says_what_to_do() {
    let run = palisade(&[]);
    assert_eq!(run.code(), 2);
    assert!(run.stdout().contains("palisade audit FOLDER"));
}

#[test]
fn findings_show_their_source() {
    let run = palisade(&["audit", "examples/weak", "--select", "FW002"]);
    assert_eq!(run.code(), 1);
    insta::assert_snapshot!(run.stdout());
}

#[test]
fn severities_decide_the_exit_code() {
    let folder = folder(&[("a.json", CLUSTER)]);
    for (severity, code) in [("high", 1), ("critical", 0), ("never", 0)] {
        let run = run(
            folder.path(),
            &["audit", ".", "--select", "FW001", "--fail-on", severity],
            "",
        );
        assert_eq!(run.code(), code, "{severity}");
    }
    let run = run(folder.path(), &["audit", ".", "--fail-on", "bad"], "");
    assert_eq!(run.code(), 2);
}

#[test]
fn strict_asks_for_evidence() {
    let folder = folder(&[("a.json", CLUSTER)]);
    let arguments = ["audit", ".", "--select", "MON001"];
    assert_eq!(run(folder.path(), &arguments, "").code(), 0);
    let strict = run(folder.path(), &[&arguments[..], &["--strict"]].concat(), "");
    assert_eq!(strict.code(), 3);
    assert!(
        strict
            .stdout()
            .contains("az monitor diagnostic-settings list"),
        "{}",
        strict.stdout()
    );
    let complete = run(
        folder.path(),
        &[&arguments[..], &["--complete"]].concat(),
        "",
    );
    assert_eq!(complete.code(), 1);
}

#[test]
fn several_formats_in_one_run() {
    let folder = folder(&[("a.json", CLUSTER)]);
    let arguments = [
        "audit",
        "a.json",
        "-o",
        "r.html",
        "-o",
        "r.sarif",
        "-o",
        "json=r.out",
        "--format",
        "concise",
    ];
    let run = run(folder.path(), &arguments, "");
    assert_eq!(run.code(), 1, "{}", run.stderr());
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read("r.html").starts_with("<!doctype html>"));
    assert!(read("r.sarif").contains("\"version\": \"2.1.0\""));
    assert!(read("r.out").contains("\"outboundType\"") || read("r.out").contains("FW001"));
}

/// Each ending that a file may have tells its format.
#[test]
fn endings_tell_the_format() {
    let folder = folder(&[("a.json", CLUSTER)]);
    let starts = [
        ("r.md", "<!-- palisade -->"),
        ("r.xml", "<?xml"),
        ("r.csv", "control,name,"),
        ("r.xlsx", "PK"),
        ("r.jsonl", "{\"activity_id\""),
        ("r.ocsf.json", "{\"activity_id\""),
        ("r.oscal.json", "{\n  \"assessment-results\""),
        ("r.prom", "# HELP palisade_"),
        ("r.sarif.json", "{\n  \"$schema\""),
        ("r.JSON", "{\n  \"version\""),
        (
            "github=r.log",
            "::error title=FW001 high,file=a.json,line=4",
        ),
        ("azure-pipelines=r.azure", "##vso[task.logissue type=error;"),
    ];
    let mut arguments = vec!["audit", "a.json", "--select", "FW001"];
    for (file, _) in starts {
        arguments.extend(["-o", file]);
    }
    let done = run(folder.path(), &arguments, "");
    assert_eq!(done.code(), 1, "{}", done.stderr());
    for (file, start) in starts {
        let file = file.split('=').next_back().unwrap();
        let bytes = std::fs::read(folder.path().join(file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(
            text.starts_with(start),
            "{file}: {}",
            &text[..text.len().min(80)]
        );
    }
    let unknown = run(folder.path(), &["audit", "a.json", "-o", "r.pdf"], "");
    assert_eq!(unknown.code(), 2);
    assert!(
        unknown.stderr().contains("FORMAT=FILE"),
        "{}",
        unknown.stderr()
    );
}

#[test]
fn quiet_leaves_the_report_and_errors() {
    let twice = "{\"id\": \"/subscriptions/s1/x\", \"id\": 1}";
    let folder = folder(&[
        ("a.json", CLUSTER),
        ("b.json", "{\"id\": "),
        ("c.json", twice),
    ]);
    let arguments = ["audit", ".", "--select", "FW001", "--format", "concise"];
    let loud = run(folder.path(), &arguments, "");
    assert!(loud.stderr().contains("warning: "), "{}", loud.stderr());
    let quiet = run(folder.path(), &[&arguments[..], &["--quiet"]].concat(), "");
    assert!(quiet.stderr().starts_with("error: ") && !quiet.stderr().contains("warning: "));
    assert_eq!(quiet.stdout(), loud.stdout());
}

#[test]
fn links_start_as_told() {
    let folder = folder(&[("a.json", CLUSTER)]);
    let base = "https://github.com/o/r/blob/main";
    let arguments = [
        "audit",
        "a.json",
        "--format",
        "markdown",
        "--link-base",
        base,
    ];
    let comment = run(folder.path(), &arguments, "").stdout();
    assert!(
        comment.contains("(https://github.com/o/r/blob/main/a.json#L4)"),
        "{comment}"
    );
}

#[test]
fn controls_are_chosen_by_code_name_prefix_and_number() {
    let folder = folder(&[("a.json", CLUSTER)]);
    for name in ["FW001", "outbound-type-bypasses-firewall", "fw", "1"] {
        let run = run(
            folder.path(),
            &["audit", ".", "--select", name, "--format", "concise"],
            "",
        );
        assert!(run.stdout().contains("[FW001]"), "{name}: {}", run.stderr());
    }
    let left = run(
        folder.path(),
        &["audit", ".", "--ignore", "FW", "--format", "concise"],
        "",
    );
    assert!(!left.stdout().contains("[FW"), "{}", left.stdout());
    let unknown = run(
        folder.path(),
        &["audit", ".", "--select", "outbound-type"],
        "",
    );
    assert_eq!(unknown.code(), 2);
    assert!(
        unknown.stderr().contains("did you mean FW001"),
        "{}",
        unknown.stderr()
    );
}

#[test]
fn explain_prints_the_page_without_its_tests() {
    let page = palisade(&["explain", "fw001"]).stdout();
    assert!(page.starts_with("# FW001 outbound-type-bypasses-firewall"));
    assert!(page.contains("## How to fix") && !page.contains("## Tests"));
}

#[test]
fn every_control_is_listed() {
    let list = palisade(&["controls"]).stdout();
    assert!(list.lines().filter(|line| line.starts_with("FW")).count() >= 2);
    assert!(
        palisade(&["controls", "--format", "json"])
            .stdout()
            .starts_with("[\n")
    );
}

/// The formats of a report, as the command names them when it is asked for one that there isn't.
fn formats() -> Vec<String> {
    let refusal = palisade(&["audit", ".", "--format", "none-such"]).stderr();
    let (_, list) = refusal.split_once("[possible values: ").unwrap();
    let (list, _) = list.split_once(']').unwrap();
    list.split(", ").map(str::to_owned).collect()
}

/// The report in all formats, each with its bytes.
fn reports(example: &str, threads: &str) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let formats = formats();
    assert!(formats.len() >= 14, "{formats:?}");
    let mut command = assert_cmd::Command::cargo_bin("palisade").unwrap();
    command
        .current_dir(crate::root())
        .env("RAYON_NUM_THREADS", threads)
        .args(["audit", example, "--today", "2026-11-23", "--show", "all"]);
    for format in &formats {
        let path = folder.path().join(format);
        command.args(["-o", &format!("{format}={}", path.display())]);
    }
    command.output().unwrap();
    let read = |format: String| {
        let bytes = std::fs::read(folder.path().join(&format)).unwrap();
        (format, bytes)
    };
    formats.into_iter().map(read).collect()
}

/// The same input gives the same bytes, however many threads there are.
#[test]
fn no_format_depends_on_threads() {
    for example in ["examples/weak", "examples/hardened"] {
        let alone = reports(example, "1");
        for threads in ["2", "8"] {
            for ((format, one), (_, other)) in alone.iter().zip(reports(example, threads)) {
                assert!(one.len() > 200, "{format} of {example} is empty");
                assert!(
                    *one == other,
                    "{format} of {example} with {threads} threads"
                );
            }
        }
    }
}

#[test]
fn no_colour_reaches_a_pipe() {
    let folder = folder(&[("a.json", CLUSTER)]);
    let mut command = assert_cmd::Command::cargo_bin("palisade").unwrap();
    let output = command
        .current_dir(folder.path())
        .args(["audit", ".", "--select", "FW001"])
        .output()
        .unwrap();
    assert!(!output.stdout.contains(&0x1b));
    let mut forced = assert_cmd::Command::cargo_bin("palisade").unwrap();
    forced.env("CLICOLOR_FORCE", "1").current_dir(folder.path());
    assert!(
        forced
            .args(["audit", ".", "--select", "FW001"])
            .output()
            .unwrap()
            .stdout
            .contains(&0x1b)
    );
}
