//! What the pages show as a fix is what its readers take: Terraform that the tables of the
//! provider know, attribute by attribute, and manifests that parse.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::{HashMap, HashSet};

use hcl_edit::structure::{Block, Body, Structure};
use palisade_controls::page::{blocks, section};
use palisade_document::{Notation, Text};

/// Types whose attributes no table knows, since they make nothing that an estate holds.
const WITHOUT_TABLE: [&str; 2] = [
    "azapi_update_resource",
    "azurerm_api_management_custom_domain",
];
/// Attributes that Terraform gives every resource.
const META: [&str; 3] = ["count", "depends_on", "for_each"];

/// The code of each control with the blocks of its fix in a language.
fn fixes(language: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    palisade_controls::all().flat_map(move |control| {
        let shown = blocks(section(control.page, "How to fix"), language);
        shown.map(|text| (control.code, text))
    })
}

#[test]
fn terraform_on_the_pages_names_what_the_provider_has() {
    let mut known: HashMap<_, HashSet<_>> = HashMap::new();
    for (resource_type, attribute) in palisade_terraform::known_attributes() {
        known.entry(resource_type).or_default().insert(attribute);
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for (code, text) in fixes("terraform") {
        let body: Body = text
            .parse()
            .unwrap_or_else(|error| panic!("{code}: {error}"));
        for structure in &body {
            count += 1;
            match resource(structure) {
                Some((kind, _)) if WITHOUT_TABLE.contains(&kind) => {}
                Some((kind, block)) => match known.get(kind) {
                    Some(attributes) => unknown(&block.body, "", attributes, &mut |path| {
                        wrong.push(format!("{code}: {kind} has no {path}"));
                    }),
                    None => wrong.push(format!("{code}: no table knows {kind}")),
                },
                None => wrong.push(format!("{code}: not a resource: {text}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 150, "{count}");
}

fn resource(structure: &Structure) -> Option<(&str, &Block)> {
    let block = structure
        .as_block()
        .filter(|block| block.ident.as_str() == "resource")?;
    Some((block.labels.first()?.as_str(), block))
}

/// Tells the attributes that aren't known. What a table leaves out is known with all below it.
fn unknown(body: &Body, around: &str, known: &HashSet<String>, tell: &mut dyn FnMut(String)) {
    for structure in body {
        let (name, inner) = match structure {
            Structure::Attribute(attribute) => (attribute.key.as_str(), None),
            Structure::Block(block) => (block.ident.as_str(), Some(&block.body)),
        };
        if around.is_empty() && META.contains(&name) {
            continue;
        }
        let path = match around {
            "" => name.to_owned(),
            around => format!("{around}.{name}"),
        };
        match inner {
            _ if known.contains(&path) => {}
            Some(inner) => unknown(inner, &path, known, tell),
            None => tell(path),
        }
    }
}

#[test]
fn manifests_on_the_pages_parse() {
    let mut count = 0;
    for (code, text) in fixes("yaml") {
        count += 1;
        let (_, problems) = palisade_document::parse(Text::new(code, text), Notation::Yaml);
        assert!(problems.is_empty(), "{code}: {problems:?}\n{text}");
    }
    assert!(count > 25, "{count}");
}

/// Placeholders stand for what isn't known; a command that ends within a quotation mark or on a
/// backslash was cut.
#[test]
fn commands_on_the_pages_are_whole() {
    let mut count = 0;
    for (code, text) in fixes("bash") {
        count += 1;
        for quote in ['\'', '"'] {
            let marks = text.chars().filter(|c| *c == quote).count();
            assert!(marks % 2 == 0, "{code}: {text}");
        }
        assert!(!text.trim_end().ends_with('\\'), "{code}: {text}");
    }
    assert!(count > 150, "{count}");
}
