use std::cmp::Ordering;
use std::fs;

use jsonschema::validator_for;
use palisade_controls::page::{Case, cases};
use palisade_document::Text;
use palisade_project::{Configuration, TEMPLATE, every_control, reference, schema};
use serde_json::Value;

use crate::{configuration, example, files, judge, root};

fn errors(toml: &str) -> String {
    let (_, diagnostics) = Configuration::read(Text::new("palisade.toml", toml));
    let lines = diagnostics.iter().map(|diagnostic| {
        let place = diagnostic.position.unwrap();
        let help = diagnostic.help.clone().unwrap_or_default();
        format!("{place}: {}; {help}", diagnostic.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A generated file is the one of the code; `UPDATE=1` writes it.
fn is_fresh(path: &str, content: &str) {
    let path = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, content).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == content,
        "{} is stale; run UPDATE=1 cargo test -p palisade-project",
        path.display()
    );
}

#[test]
fn the_schema_in_the_repository_is_the_one_of_the_code() {
    is_fresh("schemas/palisade.schema.json", &schema());
}

#[test]
fn the_reference_in_the_repository_is_the_one_of_the_code() {
    let page = reference();
    assert!(!page.contains("{{"), "a placeholder is left");
    is_fresh("docs/configuration.md", &page);
}

/// Every key and a parameter of every kind, as the documentation has them.
const EVERYTHING: &str = include_str!("fixtures/everything.toml");

/// TOML as JSON, dates as texts, as editors hand it to a schema.
fn as_json(toml: &str) -> Value {
    fn convert(value: &toml::de::DeValue<'_>) -> Value {
        use toml::de::DeValue;
        match value {
            DeValue::String(text) => Value::from(text.as_ref()),
            DeValue::Integer(number) => number.as_str().parse::<i64>().unwrap().into(),
            DeValue::Float(number) => number.as_str().parse::<f64>().unwrap().into(),
            DeValue::Boolean(switch) => Value::from(*switch),
            DeValue::Datetime(day) => Value::from(day.to_string()),
            DeValue::Array(items) => items.iter().map(|item| convert(item.get_ref())).collect(),
            DeValue::Table(table) => table
                .iter()
                .map(|(key, value)| (key.get_ref().to_string(), convert(value.get_ref())))
                .collect(),
        }
    }
    let table = toml::de::DeTable::parse(toml).unwrap().into_inner();
    convert(&toml::de::DeValue::Table(table))
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let schema = serde_json::from_str(&schema()).unwrap();
    let validator = validator_for(&schema).unwrap();
    // What `init` writes, and the same with every example in it brought to life.
    let alive: String = TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with('[') || rest.contains(" = ") => format!("{rest}\n"),
            _ if line.starts_with('#') => String::new(),
            _ => format!("{line}\n"),
        })
        .collect();
    for toml in [EVERYTHING, TEMPLATE, &alive] {
        assert_eq!(errors(toml), "", "{toml}");
        let problems: Vec<_> = validator
            .iter_errors(&as_json(toml))
            .map(|problem| format!("{}: {problem}", problem.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{problems:?}");
    }
    let top: Vec<_> = as_json(EVERYTHING)
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let known: Value = schema;
    let known: Vec<_> = known["properties"].as_object().unwrap().keys().collect();
    assert_eq!(
        top.iter().collect::<Vec<_>>(),
        known,
        "an example of each key"
    );
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = validator_for(&serde_json::from_str(&schema()).unwrap()).unwrap();
    for toml in [
        "selct = []",
        "select = \"FW\"",
        "fail-on = \"bad\"",
        "show = [\"failures\"]",
        "strict = 1",
        "[paths]\nexcluded = []",
        "[resources]\ninclude = [{}]",
        "[control.FW]\nseverity = \"low\"",
        "[control.FW001]\nseverity = \"bad\"",
        "[control.FW001]\ndays = 3",
        "[control.MON015]\ndays = 0",
        "[control.MON015]\ndays = \"90\"",
        "[control.NP013]\nports = [70000]",
        "[[waiver]]\ncontrols = [\"FW001\"]\nreason = \"x\"",
        "[[waiver]]\nid = \"x\"\nreason = \"x\"",
        "[[waiver]]\ncontrols = [\"FW001\"]\nid = \"x\"\nexpires = \"soon\"",
    ] {
        assert_ne!(errors(toml), "", "the reader takes {toml}");
        assert!(
            !validator.is_valid(&as_json(toml)),
            "the schema takes {toml}"
        );
    }
}

#[test]
fn every_defect_is_told_at_its_place() {
    insta::assert_snapshot!(errors(include_str!("fixtures/broken.toml")));
}

#[test]
fn what_is_no_toml_is_told() {
    assert!(errors("select = [\n").starts_with("1:"));
    assert!(errors("strict = true\nstrict = true\n").starts_with("2:1: duplicate key"));
    assert!(errors("a = \u{0}").starts_with("1:"));
}

#[test]
fn controls_are_chosen_and_rated() {
    let estate = example("weak");
    let judged = judge(
        &estate,
        "select = [\"FW\", \"MON015\"]\nignore = [\"FW002\", \"low\"]\n[control.FW001]\nseverity = \"info\"\n[control.MON015]\ndays = 30",
    );
    let codes: Vec<_> = judged.audit.controls.iter().map(|one| one.code).collect();
    assert!(codes.contains(&"FW001") && !codes.contains(&"FW002"));
    assert!(codes.iter().all(|code| !code.starts_with("NP")));
    let of = |code: &str| {
        let findings = judged.audit.findings.iter();
        let own: Vec<_> = findings.filter(|one| one.control.code == code).collect();
        assert!(!own.is_empty());
        own
    };
    assert!(
        of("FW001")
            .iter()
            .all(|one| one.severity.as_str() == "info")
    );
    assert!(of("MON015").iter().all(|one| !one.is_failure()));
    let control = palisade_controls::find("MON015").unwrap();
    let changed = judged.audit.settings.changed(control);
    assert!(changed.len() == 1 && changed[0].is_weaker);
}

#[test]
fn resources_are_left_out_after_judging() {
    let estate = example("weak");
    let whole = judge(&estate, "");
    let only = judge(&estate, "[resources]\ninclude = [{cluster = \"aks-shop\"}]");
    let without = judge(&estate, "[resources]\nexclude = [{cluster = \"aks-shop\"}]");
    let (all, only, without) = (whole.failures(), only.failures(), without.failures());
    assert!(!only.is_empty() && !without.is_empty());
    assert_eq!(only.len() + without.len(), all.len());
    assert!(only.iter().chain(&without).all(|line| all.contains(line)));
}

#[test]
fn paths_are_matched_from_the_folder_of_the_file() {
    let filter = configuration(
        "[paths]\ninclude = [\"estate/**\"]\nexclude = [\"**/test/**\", \"**/*.tmp.json\"]",
    )
    .paths;
    for (path, admits) in [
        ("estate/a.json", true),
        ("estate/b/c.yaml", true),
        ("estate\\b\\c.yaml", true),
        ("other/a.json", false),
        ("estate/test/a.json", false),
        ("estate/a.tmp.json", false),
    ] {
        assert_eq!(filter.admits(path), admits, "{path}");
    }
}

/// For every parameter another value than its default.
const OTHERS: &[(&str, &str, &str)] = &[
    ("AP003", "least-effect", "\"deny\""),
    ("AP004", "least-effect", "\"deny\""),
    ("AP005", "least-effect", "\"deny\""),
    ("AP006", "least-effect", "\"deny\""),
    (
        "AP011",
        "exempt-namespaces",
        "[\"shop\", \"default\", \"web\"]",
    ),
    (
        "AP012",
        "exempt-namespaces",
        "[\"shop\", \"default\", \"web\"]",
    ),
    ("AP016", "least-effect", "\"deny\""),
    ("FW004", "least-mode", "\"Alert\""),
    ("FW005", "least-mode", "\"Alert\""),
    ("FW007", "ports", "[23]"),
    (
        "FW012",
        "allowed-services",
        "[\"microsoft.storage\", \"Microsoft.KeyVault\"]",
    ),
    ("FW014", "allowed-ranges", "[\"0.0.0.0/0\"]"),
    ("GW018", "notice-days", "0"),
    ("MON015", "days", "1"),
    ("NP004", "exempt-namespaces", "[\"shop\", \"default\"]"),
    ("NP005", "exempt-namespaces", "[\"shop\", \"default\"]"),
    ("NP010", "exempt-namespaces", "[\"monitoring\"]"),
    ("NP013", "ports", "[5985]"),
    ("NP020", "ports", "[8]"),
    ("NP021", "ports", "[1]"),
    ("NP022", "ports", "[1]"),
    ("NP028", "exempt-namespaces", "[\"shop\"]"),
    ("NP029", "exempt-namespaces", "[\"shop\"]"),
    ("NW004", "days", "1"),
    ("PC003", "allowed-ranges", "[\"0.0.0.0/0\"]"),
    ("PC003", "shortest-prefix", "1"),
    (
        "WAF007",
        "allowed-rules",
        "[\"Bot100200\", \"941320\", \"941130\", \"932100\", \"941100\", \"942100\"]",
    ),
    // Nothing is weaker than the default.
    ("WAF012", "minimum-tls-version", "\"1.3\""),
];

/// On the cases of its control's page, a parameter that is said to let more pass does so, and
/// another lets less pass.
#[test]
fn parameters_change_what_passes() {
    for control in every_control() {
        for parameter in control.parameters {
            let known = OTHERS
                .iter()
                .find(|(code, name, _)| *code == control.code && *name == parameter.name);
            let Some((code, name, value)) = known else {
                panic!("{} {}: add a value to OTHERS", control.code, parameter.name);
            };
            let of = |toml: &str| -> Vec<String> {
                let failures = |case: Case<'_>| {
                    judge(
                        &files(&case.files),
                        &format!("select = [\"{code}\"]\n{toml}"),
                    )
                    .failures()
                };
                cases(control.page).into_iter().flat_map(failures).collect()
            };
            let (before, after) = (of(""), of(&format!("[control.{code}]\n{name} = {value}")));
            let settings = configuration(&format!("[control.{code}]\n{name} = {value}")).settings;
            let wanted = match settings.changed(control)[0].is_weaker {
                true => Ordering::Less,
                false => Ordering::Greater,
            };
            let found = after.len().cmp(&before.len());
            assert_eq!(found, wanted, "{code} {name}: {before:?} {after:?}");
        }
    }
}
