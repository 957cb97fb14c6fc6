//! Every item of every catalogue has a control or a reason, and every equivalent of a control is an
//! item. Holds `docs/peers.md` and `docs/compliance.md` fresh; `UPDATE=1` writes them.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_controls::catalogue::{self, Item, Standing};
use palisade_controls::{Control, Framework, Recommendation};

#[test]
fn every_item_has_a_control_or_a_reason() {
    for framework in Framework::ALL {
        for item in framework.items() {
            let is_asked = framework.controls_of(item.id).next().is_some();
            let is_judged = matches!(item.standing, Standing::Judged | Standing::Partly(_));
            let name = framework.as_str();
            assert_eq!(is_asked, is_judged, "{name} {}: {}", item.id, item.asks);
        }
    }
}

#[test]
fn every_equivalent_is_an_item_of_its_catalogue() {
    for control in palisade_controls::all() {
        for equivalent in control.equivalents {
            let items = equivalent.framework.items();
            let is_known = items.iter().any(|item| item.id == equivalent.id);
            assert!(is_known, "{}: {equivalent:?}", control.code);
        }
    }
}

#[test]
fn ids_are_unique() {
    for framework in Framework::ALL {
        let mut seen = BTreeSet::new();
        for item in framework.items() {
            assert!(seen.insert(item.id), "{} {}", framework.as_str(), item.id);
        }
    }
}

#[test]
fn the_union_is_covered() {
    let needs = catalogue::union();
    for need in needs {
        assert!(!need.controls.is_empty(), "{}", need.what);
        for code in need.controls {
            let is_code =
                palisade_controls::find(code).is_some_and(|control| control.code == *code);
            assert!(is_code, "{}: no control {code}", need.what);
        }
    }
    for recommendation in Recommendation::ALL {
        let number = recommendation.number();
        assert!(needs.iter().any(|need| need.recommendation == number));
    }
}

#[test]
fn the_tables_are_fresh() {
    for (file, text) in [("peers.md", peers()), ("compliance.md", compliance())] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs")
            .join(file);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "docs/{file} is stale; run `cargo xtask codegen`"
        );
    }
}

fn peers() -> String {
    let mut text = String::from(
        "# What other tools ask\n\n\
         Written by `cargo xtask codegen` from the catalogues and the controls. For somebody who comes from another \
         tool: which controls answer what it asks about the network of AKS, and what is left out and why. \
         What the tools ask is told in our words; their ids are theirs. What benchmarks ask is in \
         [compliance.md](compliance.md).\n\n",
    );
    text.push_str(&counts());
    for recommendation in Recommendation::ALL {
        text.push_str(&recommendation_section(recommendation));
    }
    let tools = Framework::ALL
        .into_iter()
        .filter(|framework| !framework.is_benchmark());
    for framework in tools {
        text.push_str(&format!(
            "\n## {}\n\n`palisade audit --framework {}` asks these only.\n\n",
            framework.title(),
            framework.as_str()
        ));
        text.push_str(&items(framework));
    }
    text
}

/// How many items of each tool the controls of each recommendation answer.
fn counts() -> String {
    let mut text = String::from(
        "## Counts\n\nThe items of each tool that the controls of a recommendation answer. One that several answer counts for each.\n\n| tool |",
    );
    for recommendation in Recommendation::ALL {
        text.push_str(&format!(
            " {} {} |",
            recommendation.number(),
            recommendation.prefix()
        ));
    }
    text.push_str(" answered | left out |\n|---|");
    text.push_str(&"---|".repeat(Recommendation::ALL.len() + 2));
    text.push('\n');
    for framework in Framework::ALL {
        text.push_str(&format!("| {} |", framework.title()));
        let items = framework.items();
        for recommendation in Recommendation::ALL {
            let own = items.iter().filter(|item| {
                framework
                    .controls_of(item.id)
                    .any(|control| control.recommendation == recommendation)
            });
            text.push_str(&format!(" {} |", own.count()));
        }
        let answered = items
            .iter()
            .filter(|item| framework.controls_of(item.id).next().is_some())
            .count();
        text.push_str(&format!(" {answered} | {} |\n", items.len() - answered));
    }
    text
}

fn recommendation_section(recommendation: Recommendation) -> String {
    let mut text = format!(
        "\n## {}. {}\n\n| asked by some tool | controls |\n|---|---|\n",
        recommendation.number(),
        recommendation.title()
    );
    let needs = catalogue::union().iter();
    for need in needs.filter(|need| need.recommendation == recommendation.number()) {
        let controls = need
            .controls
            .iter()
            .filter_map(|code| palisade_controls::find(code));
        text.push_str(&format!("| {} | {} |\n", need.what, links(controls)));
    }
    text.push_str("\n| control | what should be so | other tools |\n|---|---|---|\n");
    let controls =
        palisade_controls::all().filter(|control| control.recommendation == recommendation);
    for control in controls {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            link(control),
            control.title,
            elsewhere(control)
        ));
    }
    text
}

/// The tools' ids of a control, tool by tool.
fn elsewhere(control: &Control) -> String {
    let tools = Framework::ALL
        .into_iter()
        .filter(|framework| !framework.is_benchmark());
    let mut texts = Vec::new();
    for tool in tools {
        let own = control
            .equivalents
            .iter()
            .filter(|equivalent| equivalent.framework == tool);
        let ids: Vec<_> = own
            .map(|equivalent| format!("`{}`", equivalent.id))
            .collect();
        if !ids.is_empty() {
            texts.push(format!("{}: {}", tool.title(), ids.join(", ")));
        }
    }
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join("; ")
    }
}

fn compliance() -> String {
    let mut text = String::from(
        "# Compliance by benchmark\n\n\
         Written by `cargo xtask codegen` from the catalogues and the controls. Each benchmark with its own ids, in our \
         words: which controls answer an item, and what no configuration can answer and why. \
         `palisade audit --framework NAME` asks only the controls of a benchmark and reports item by item: an item \
         passes when every control that answers it passes; where a part is left to people it stays `manual` until \
         they have looked.\n",
    );
    let benchmarks = Framework::ALL
        .into_iter()
        .filter(|framework| framework.is_benchmark());
    for framework in benchmarks {
        let items = framework.items();
        let count = |wanted: fn(Standing) -> bool| {
            items.iter().filter(|item| wanted(item.standing)).count()
        };
        text.push_str(&format!(
            "\n## {}\n\n`--framework {}`: {} items are judged, {} in part, {} are left to people, {} are out of scope.\n\n",
            framework.title(),
            framework.as_str(),
            count(|standing| standing == Standing::Judged),
            count(|standing| matches!(standing, Standing::Partly(_))),
            count(|standing| matches!(standing, Standing::Manual(_))),
            count(|standing| matches!(standing, Standing::OutOfScope(_))),
        ));
        text.push_str(&self::items(framework));
    }
    text
}

fn items(framework: Framework) -> String {
    let mut text = String::from("| id | what it asks | answered by |\n|---|---|---|\n");
    for item in framework.items() {
        text.push_str(&format!(
            "| `{}` | {} | {} |\n",
            item.id,
            item.asks,
            answer(framework, item)
        ));
    }
    text
}

fn answer(framework: Framework, item: &Item) -> String {
    let controls = links(framework.controls_of(item.id));
    match item.standing {
        Standing::Judged => controls,
        Standing::Partly(why) => format!("{controls}; the rest by people: {why}"),
        Standing::Manual(why) => format!("people: {why}"),
        Standing::OutOfScope(why) => format!("out of scope: {why}"),
    }
}

fn links(controls: impl Iterator<Item = &'static Control>) -> String {
    controls.map(link).collect::<Vec<_>>().join(", ")
}

/// A link to the page of a control, wherever its folder is.
fn link(control: &Control) -> String {
    let page = page_path(control);
    let folder = page.parent().unwrap().file_name().unwrap();
    format!(
        "[{}](../crates/controls/src/{}/{})",
        control.code,
        folder.to_string_lossy(),
        page.file_name().unwrap().to_string_lossy()
    )
}

fn page_path(control: &Control) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = format!("{}.md", control.name.replace('-', "_"));
    let folders = fs::read_dir(source).unwrap().flatten();
    folders
        .map(|folder| folder.path().join(&file))
        .find(|path| path.is_file())
        .unwrap()
}
