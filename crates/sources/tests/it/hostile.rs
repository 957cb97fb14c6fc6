use std::time::{Duration, Instant};

use palisade_sources::FileReading;

use crate::{exposed, read, read_all};

const RESOURCE: &str = r#"{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses/p", "properties": {"a": 1}}"#;
const OBJECT: &str = "apiVersion: v1\nkind: Namespace\nmetadata: {name: after}\n";

fn problems(reading: &FileReading) -> Vec<String> {
    let problems = reading.diagnostics.iter().map(|problem| {
        let at = problem
            .position
            .map(|at| at.to_string())
            .unwrap_or_default();
        format!("{at} {}", problem.message)
    });
    problems.collect()
}

/// How many resources and objects a file gave.
fn count(reading: &FileReading) -> usize {
    reading
        .reading
        .as_ref()
        .map_or(0, |reading| reading.resources.len() + reading.objects.len())
}

/// Far above what any of these inputs needs, far below what a quadratic reader takes.
#[track_caller]
fn read_soon(name: &str, content: impl Into<Vec<u8>>) -> FileReading {
    let start = Instant::now();
    let reading = read(name, content);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    assert!(
        reading.diagnostics.len() <= 22,
        "{} diagnostics",
        reading.diagnostics.len()
    );
    reading
}

#[test]
fn what_precedes_the_end_of_a_truncated_file_is_read() {
    let reading = read(
        "a.json",
        format!("{RESOURCE}\n[{RESOURCE}, {{\"id\": \"/sub"),
    );
    assert_eq!(count(&reading), 1);
    assert_eq!(problems(&reading).len(), 1);
    assert!(
        problems(&reading)[0].starts_with("2:"),
        "{:?}",
        problems(&reading)
    );
}

#[test]
fn a_binary_file_is_named() {
    for bytes in [
        b"\x7fELF\x02\x01\x01\0\0\0\0".to_vec(),
        b"PK\x03\x04\0\0\0\0\0".to_vec(),
        vec![0; 100_000],
    ] {
        let reading = read("a.json", bytes);
        assert_eq!(reading.not_understood[0].reason, "a binary file");
        assert!(reading.diagnostics.is_empty());
    }
}

#[test]
fn a_single_nul_is_an_error_with_its_place() {
    let padding = "# padding\n".repeat(40);
    let json = format!("{RESOURCE}\n{{\"a\":\n \u{0} 1}}{}", " ".repeat(200));
    assert_eq!(
        problems(&read("a.json", json.clone()))[0].split(' ').next(),
        Some("3:2")
    );
    assert_eq!(count(&read("a.json", json)), 1);
    let reading = read("a.yaml", format!("{padding}a: b\u{0}c\n---\n{OBJECT}"));
    assert!(
        problems(&reading)[0].starts_with("41:"),
        "{:?}",
        problems(&reading)
    );
    assert_eq!(count(&reading), 1);
}

#[test]
fn bytes_that_are_no_text_are_an_error_with_their_place() {
    assert_eq!(
        problems(&read("a.json", b"{\n\"a\": \"\xff\"}".to_vec())),
        ["2:7 not valid UTF-8 from here on"]
    );
    assert_eq!(
        problems(&read("a.json", b"\xff\xfe{\0\x00\xd8}\0".to_vec())),
        ["1:2 not valid UTF-8 from here on"]
    );
    assert_eq!(
        problems(&read("a.json", b"\xff\xfe{\0}\0\n".to_vec())),
        ["1:3 not valid UTF-8 from here on"]
    );
}

#[test]
fn a_lone_surrogate_is_an_error_with_its_place() {
    for escape in ["\\ud800", "\\udfff", "\\ud800\\u0041", "\\uZZZZ", "\\u12"] {
        let reading = read("a.json", format!("{RESOURCE}\n{{\"a\": \"{escape}\"}}"));
        assert_eq!(count(&reading), 1, "{escape}");
        assert!(
            problems(&reading)[0].starts_with("2:"),
            "{escape} {:?}",
            problems(&reading)
        );
    }
}

#[test]
fn no_number_is_too_large() {
    let digits = "9".repeat(10_000);
    for number in [
        digits.as_str(),
        "1e999999999",
        "-1e-99999",
        "0.00000000000000000000000001",
        "9223372036854775808",
    ] {
        let reading = read("a.json", RESOURCE.replace('1', number));
        assert_eq!(
            (count(&reading), problems(&reading).len()),
            (1, 0),
            "{number}"
        );
        let yaml = read(
            "a.yaml",
            format!("{OBJECT}spec: {number}\nhex: 0x{digits}\n"),
        );
        assert_eq!((count(&yaml), problems(&yaml).len()), (1, 0), "{number}");
    }
}

#[test]
fn an_id_that_is_none_is_named() {
    for id in [
        "/etc/passwd",
        "//",
        "/subscriptions/s\u{7}/x",
        "kiosk",
        "/subscriptions//providers/x/y/z",
    ] {
        let content = serde_json::json!([{"id": id, "name": "n"}, serde_json::from_str::<serde_json::Value>(RESOURCE).unwrap()]);
        let reading = read("a.json", content.to_string());
        assert_eq!(
            (count(&reading), reading.not_understood.len()),
            (1, 1),
            "{id}"
        );
    }
}

#[test]
fn aliases_that_turn_in_circles_lose_their_document_only() {
    let reading = read("a.yaml", format!("a: &a\n  b: *a\n---\n{OBJECT}"));
    assert_eq!(
        problems(&reading),
        ["2:6 the alias stands inside the value that it names"]
    );
    assert_eq!(count(&reading), 1);
}

fn laughs(line: impl Fn(usize) -> String) -> String {
    (1..12).fold("l0: &l0 [ha, ha]\n".to_owned(), |content, level| {
        content + &line(level)
    })
}

#[test]
fn a_billion_laughs_loses_its_document_only() {
    let lists = laughs(|level| {
        format!(
            "l{level}: &l{level} [{}]\n",
            vec![format!("*l{}", level - 1); 9].join(", ")
        )
    });
    let merges = laughs(|level| {
        let before = level - 1;
        let own: String = (0..9)
            .map(|n| format!("k{level}{n}: *l{before}, "))
            .collect();
        format!("l{level}: &l{level} {{{own}}}\n")
    });
    for laughs in [lists, merges] {
        let reading = read_soon("a.yaml", format!("{laughs}---\n{OBJECT}"));
        assert!(
            problems(&reading)[0].contains("aliases expand to more than"),
            "{:?}",
            problems(&reading)
        );
        assert_eq!(count(&reading), 1);
    }
}

#[test]
fn a_laugh_below_the_limit_is_read_soon() {
    let laughs = laughs(|level| match level {
        0..6 => format!(
            "l{level}: &l{level} [{}]\n",
            vec![format!("*l{}", level - 1); 9].join(", ")
        ),
        _ => String::new(),
    });
    read_soon(
        "a.yaml",
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{}}\ndata:\n  {}",
            laughs.replace('\n', "\n  ")
        ),
    );
    let list = format!("- &r {RESOURCE}\n{}", "- *r\n".repeat(100_000));
    assert_eq!(
        read_all(&[("a.yaml", list.as_str())])
            .estate
            .resources()
            .len(),
        1
    );
}

#[test]
fn deep_nesting_loses_its_value_only() {
    for deep in [
        "[".repeat(300_000),
        "{\"properties\": ".repeat(100_000),
        "{\"value\": [".repeat(100_000),
    ] {
        let reading = read_soon("a.json", format!("{RESOURCE}\n{deep}"));
        assert!(
            problems(&reading)[0].ends_with("nested deeper than 256 levels"),
            "{:?}",
            problems(&reading)
        );
        assert_eq!(count(&reading), 1);
    }
    let reading = read_soon(
        "a.yaml",
        format!("a: {}\n---\n{OBJECT}", "[".repeat(100_000)),
    );
    assert_eq!((count(&reading), problems(&reading).len()), (1, 1));
}

#[test]
fn the_deepest_nesting_that_is_read_is_walked_safely() {
    let (open, close) = ("{\"properties\": [".repeat(127), "]}".repeat(127));
    let content = format!(
        r#"{{"id": "/subscriptions/s/resourceGroups/g/providers/P/t/n", "x": {open}{close}}}"#
    );
    assert_eq!(
        read_all(&[("a.json", content.as_str())])
            .estate
            .resources()
            .len(),
        1
    );
}

#[test]
fn one_long_line_is_read_soon() {
    let item = |n| {
        RESOURCE
            .replace("/p\"", &format!("/p{n}\""))
            .replace("1}", "1, \"a\": 2}")
    };
    let items: Vec<_> = (0..40_000).map(item).collect();
    let reading = read_soon("a.json", format!("{{\"value\":[{}]}}", items.join(",")));
    assert_eq!(count(&reading), 40_000);
    let problems = problems(&reading);
    assert!(
        problems
            .last()
            .unwrap()
            .ends_with("more keys are given twice"),
        "{problems:?}"
    );
}

#[test]
fn many_broken_documents_are_counted() {
    let reading = read_soon(
        "a.yaml",
        format!("{}{OBJECT}", "a: [\n---\n".repeat(20_000)),
    );
    assert_eq!(
        problems(&reading).last().unwrap(),
        " 19980 more errors in this file"
    );
    assert_eq!(count(&reading), 1);
}

#[test]
fn a_large_mapping_is_merged_soon() {
    let members: String = (0..100_000).map(|n| format!("  k{n}: 1\n")).collect();
    let reading = read_soon(
        "a.yaml",
        format!("base: &base\n{members}both:\n  <<: *base\n{members}"),
    );
    assert!(problems(&reading).is_empty());
}

/// Texts made to be slow for one of the searches or readers.
#[test]
fn nonsense_is_read_soon() {
    for part in [
        "Lorem ipsum dolor: sit ",
        "a b c\n",
        "- ",
        "? ",
        "{",
        "\"",
        "'",
        "eyJ",
        ".eyJabcdefghijkl",
        "eyJabcdefghijkl.eyJ.",
        "Password=",
        "Password==",
        "Pwd=/subscriptions/",
        "pwd=$(",
        "pwd=\\/",
        "://",
        "://a:",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "Basic a",
        "{{",
        "{{ .Values",
        "&a ",
        "*a ",
        "a: b: ",
        "#",
        "|\n",
        "!",
        "%",
        "---\n",
        "--- |\n",
        "\t",
        "\\",
        "password: ",
        "\u{feff}",
        "é",
        "[1, ",
        "a: {b: ",
    ] {
        let nonsense = part.repeat(400_000 / part.len());
        read_soon("a.yaml", nonsense.clone());
        read_soon("a.yaml", format!("# {nonsense}"));
        read_soon("a.json", format!("{{\"a\": {nonsense}"));
        let text = serde_json::Value::from(nonsense).to_string();
        let reading = read_soon(
            "a.json",
            format!("[{RESOURCE}, {{\"name\": \"x\", \"value\": {text}}}]"),
        );
        assert_eq!(count(&reading), 1, "{part}");
    }
}

#[test]
fn a_diagnostic_never_quotes_the_file() {
    let secret = "hUnter2Xq";
    for content in [
        format!("{{\"a\": {secret}}}"),
        format!("{{\"a\": \"{secret}"),
        format!("{{\"a\": \"\\{secret}\"}}"),
        format!("a: *{secret}\n"),
        format!("a: &{secret} b\nc: [\n"),
        format!("a: !{secret}!x b\n"),
        format!("%TAG !{secret}\n"),
        format!("%{secret}\n---\na: [\n"),
        format!("a: \"{secret}\n"),
        format!("{secret}: : :\n"),
        format!("a: b\n{secret}\nc: d\n"),
    ] {
        let shown = exposed(&read("a", content.clone()));
        assert!(!shown.contains(secret), "{content}\n{shown}");
    }
}
