//! The Bicep on the pages of the controls: that it reads as Bicep, and that its types and
//! properties are those of Azure, by the catalogue of the aliases of Azure Policy.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has failed"
)]

use std::collections::{BTreeSet, HashMap};
use std::fs::File;

use flate2::read::GzDecoder;
use palisade_controls::page::{blocks, section};
use serde_json::Value;

/// Objects whose members have names of the user's choice, below which nothing is looked up.
const FREE: [&str; 3] = [
    "properties.addonprofiles",
    "properties.customproperties",
    "properties.parameters",
];
/// What every resource has outside its properties, and what Bicep adds.
const ENVELOPE: [&str; 9] = [
    "identity", "kind", "location", "name", "parent", "scope", "sku", "tags", "zones",
];

#[test]
fn bicep_on_the_pages_names_what_azure_has() {
    let catalogue = catalogue();
    let anywhere: BTreeSet<&str> = catalogue
        .values()
        .flatten()
        .flat_map(|path| path.split('.'))
        .collect();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for control in palisade_controls::all() {
        for text in blocks(section(control.page, "How to fix"), "bicep") {
            let pieces = read(text).unwrap_or_else(|error| panic!("{}: {error}", control.code));
            for (kind, path) in pieces.iter().flat_map(|(kind, paths)| {
                paths
                    .iter()
                    .map(move |path| (kind.to_ascii_lowercase(), path.to_ascii_lowercase()))
            }) {
                count += 1;
                let is_known = match kind.as_str() {
                    // A part of a body: each name is one of Azure.
                    "" => path.split('.').all(|name| anywhere.contains(name)),
                    kind => catalogue.get(kind).is_some_and(|known| has(known, &path)),
                };
                let is_free = FREE.iter().any(|free| path.starts_with(free));
                if !is_known && !is_free {
                    wrong.push(format!("{}: {kind} has no {path}", control.code));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 500, "{count}");
}

/// Whether a type has a property. Parts such as subnets have `properties` of their own in a body
/// and none in an alias.
fn has(known: &BTreeSet<String>, path: &str) -> bool {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let flat = format!("{first}.{}", rest.replace("properties.", ""));
    ENVELOPE.contains(&first)
        || [path, flat.trim_end_matches('.')].iter().any(|path| {
            let below = format!("{path}.");
            known.contains(*path)
                || known
                    .range(below.clone()..)
                    .next()
                    .is_some_and(|next| next.starts_with(&below))
        })
}

/// The paths of the properties of each type, in lower case and without `[*]`.
fn catalogue() -> HashMap<String, BTreeSet<String>> {
    let path =
        palisade_corpus_tests::corpus("../knowledge/azure-policy").join("all_aliases.json.gz");
    let spaces: Value = serde_json::from_reader(GzDecoder::new(File::open(path).unwrap())).unwrap();
    let mut types = HashMap::new();
    for space in spaces.as_array().unwrap() {
        for kind in space["resourceTypes"].as_array().unwrap() {
            let name = format!(
                "{}/{}",
                space["namespace"].as_str().unwrap(),
                kind["resourceType"].as_str().unwrap()
            );
            let own: &mut BTreeSet<String> = types.entry(name.to_ascii_lowercase()).or_default();
            for alias in kind["aliases"].as_array().into_iter().flatten() {
                let more = alias["paths"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|path| &path["path"]);
                let paths = more
                    .chain([&alias["defaultPath"]])
                    .filter_map(Value::as_str);
                own.extend(paths.map(|path| path.replace("[*]", "").to_ascii_lowercase()));
            }
        }
    }
    types
}

/// A resource's type, or nothing for a part of a body, with the paths of what is set.
type Piece = (String, Vec<String>);

/// Reads as much of Bicep as a page shows: resources, parameters, parts of bodies.
fn read(text: &str) -> Result<Vec<Piece>, String> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
        paths: Vec::new(),
    };
    let mut pieces = Vec::new();
    reader.skip_lines();
    while let Some(token) = reader.peek().cloned() {
        let kind = match token {
            Token::Word(word) if word == "resource" => {
                reader.at += 2;
                let kind = match reader.next() {
                    Some(Token::Text(text)) => text,
                    other => return Err(format!("{other:?} instead of a type")),
                };
                reader.expect('=')?;
                reader.value("")?;
                kind.split('@').next().unwrap_or_default().to_owned()
            }
            Token::Word(word) if word == "targetScope" || word == "param" => {
                while reader
                    .peek()
                    .is_some_and(|token| *token != Token::Mark('\n'))
                {
                    reader.at += 1;
                }
                String::new()
            }
            Token::Mark('{' | '[') => {
                reader.value("")?;
                String::new()
            }
            _ => {
                reader.member("")?;
                String::new()
            }
        };
        pieces.push((kind, std::mem::take(&mut reader.paths)));
        reader.skip_lines();
    }
    Ok(pieces)
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Mark(char),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '\'' {
            let end =
                end_of_text(&rest[1..]).ok_or_else(|| format!("text without an end: {rest}"))?;
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else if "{}[]()\n:,=".contains(first) {
            tokens.push(Token::Mark(first));
            1
        } else {
            let end = rest.find([' ', '\'', '{', '}', '[', ']', '(', ')', '\n', ':', ',', '=']);
            let word = &rest[..end.unwrap_or(rest.len())];
            tokens.push(Token::Word(word.to_owned()));
            word.len()
        };
        rest = rest[length..].trim_start_matches([' ', '\t']);
    }
    Ok(tokens)
}

/// Where the quotation mark is that ends a text on the same line, outside of `${…}`.
fn end_of_text(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '\n' => return None,
            '{' if text[..at].ends_with('$') => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '\'' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    paths: Vec<String>,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned()
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        match self.next() {
            Some(Token::Mark(found)) if found == mark => Ok(()),
            found => Err(format!("{found:?} instead of {mark:?}")),
        }
    }

    fn skip_lines(&mut self) {
        while matches!(self.peek(), Some(Token::Mark('\n' | ','))) {
            self.at += 1;
        }
    }

    fn value(&mut self, path: &str) -> Result<(), String> {
        match self.peek() {
            Some(Token::Mark('{')) => self.all('}', |reader| reader.member(path)),
            Some(Token::Mark('[')) => self.all(']', |reader| reader.value(path)),
            _ => self.expression(path),
        }
    }

    /// Everything up to the mark that closes.
    fn all(
        &mut self,
        close: char,
        mut one: impl FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.at += 1;
        self.skip_lines();
        while self.peek() != Some(&Token::Mark(close)) {
            one(self)?;
            self.skip_lines();
        }
        self.expect(close)
    }

    fn member(&mut self, path: &str) -> Result<(), String> {
        let name = match self.next() {
            Some(Token::Word(name) | Token::Text(name)) => name,
            other => return Err(format!("{other:?} instead of a name in {path}")),
        };
        self.expect(':')?;
        match path {
            "" => self.value(&name),
            path => self.value(&format!("{path}.{name}")),
        }
    }

    /// An expression ends with its line or with what closes around it.
    fn expression(&mut self, path: &str) -> Result<(), String> {
        let (start, mut depth) = (self.at, 0);
        while let Some(token) = self.peek() {
            match token {
                Token::Mark('(' | '[' | '{') => depth += 1,
                Token::Mark(')' | ']' | '}') if depth == 0 => break,
                Token::Mark(')' | ']' | '}') => depth -= 1,
                Token::Mark('\n' | ',') if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        if self.at == start {
            return Err(format!("no value for {path}"));
        }
        self.paths.push(path.to_owned());
        Ok(())
    }
}
