//! Writes the catalogue of aliases that `palisade-policy` embeds. What it says is Azure's: the
//! name of every alias and the path that it stands for, by resource type.
//!
//! One line a type (`/Microsoft.Network/virtualNetworks`), below it one line an alias, sorted by
//! name. A line starts with a character that tells how much it shares with the line before
//! (`0` for nothing), the rest is the path, in which `:` stands for `.properties.`. A name that
//! doesn't follow from its path stands before it with `=`, whole with a `/` before it where it
//! doesn't start with the type.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::ZlibEncoder};
use serde_json::Value;

/// The first character that tells a length, and the greatest length that one can.
const ZERO: u8 = b'0';
const LONGEST: usize = 78;

pub(crate) fn write(root: &Path, file: &Path) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}\n", file.display());
    let text = fs::read_to_string(file).map_err(|error| failed(&error))?;
    let providers: Value = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    let plain = encode(&providers);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = encoder
        .write_all(plain.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|error| failed(&error))?;
    let target = root.join("crates/policy/src/aliases/catalogue.z");
    fs::write(&target, packed).map_err(|error| failed(&error))?;
    Ok(format!("{}\n", target.display()))
}

fn encode(providers: &Value) -> String {
    let mut types = Vec::new();
    for provider in list(providers) {
        let namespace = provider["namespace"].as_str().unwrap_or_default();
        for kind in list(&provider["resourceTypes"]) {
            let name = kind["resourceType"].as_str().unwrap_or_default();
            types.push((format!("{namespace}/{name}"), list(&kind["aliases"])));
        }
    }
    types.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let mut text = String::new();
    for (name, aliases) in types {
        let mut lines: Vec<_> = aliases.iter().filter_map(|a| line(&name, a)).collect();
        lines.sort();
        lines.dedup();
        if lines.is_empty() {
            continue;
        }
        text.push_str(&format!("/{name}\n"));
        let mut before = String::new();
        for line in lines {
            let shared = shared(&before, &line);
            let length = u8::try_from(shared).unwrap_or_default();
            text.push(char::from(ZERO + length));
            text.push_str(&line[shared..]);
            text.push('\n');
            before = line;
        }
    }
    text
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn line(resource_type: &str, alias: &Value) -> Option<String> {
    let name = alias["name"].as_str()?;
    let path = alias["defaultPath"].as_str()?;
    let short = format!(".{path}").replace(".properties.", ":");
    let is_own = name.len() > resource_type.len()
        && name[..resource_type.len()].eq_ignore_ascii_case(resource_type)
        && name.as_bytes()[resource_type.len()] == b'/';
    if !is_own {
        return Some(format!("/{name}={short}"));
    }
    let own = &name[resource_type.len() + 1..];
    let follows = short[1..].replace(':', ".").eq_ignore_ascii_case(own);
    Some(match follows {
        true => short,
        false => format!("{own}={short}"),
    })
}

fn shared(before: &str, line: &str) -> usize {
    let pairs = before.bytes().zip(line.bytes());
    let alike = pairs.take_while(|(old, new)| old == new && old.is_ascii());
    alike.count().min(LONGEST)
}
