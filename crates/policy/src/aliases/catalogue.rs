//! The embedded catalogue, written by `cargo xtask alias-catalogue`, which describes its format.
//! The text is unpacked once, when the first alias is asked for; a type's aliases are decoded
//! when one of them is.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::ZlibDecoder;

use super::Alias;
use super::path::group_of;

static PACKED: &[u8] = include_bytes!("catalogue.z");

struct Index {
    text: String,
    /// Where the aliases of each type stand in the text.
    types: BTreeMap<String, (usize, usize)>,
    /// The types of the aliases whose names don't start with their type, by what they start with.
    elsewhere: BTreeMap<String, Vec<String>>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut text = String::new();
    // A test reads all of it; were it broken, no alias would be known.
    let _ = ZlibDecoder::new(PACKED).read_to_string(&mut text);
    let (mut types, mut elsewhere) = (BTreeMap::new(), BTreeMap::<String, Vec<String>>::new());
    let (mut at, mut current) = (0, String::new());
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if let Some(name) = line.strip_prefix('/') {
            current = name.trim_end().to_ascii_lowercase();
            types.insert(current.clone(), (at, at));
        } else {
            if let Some(range) = types.get_mut(&current) {
                range.1 = at;
            }
            if let Some((name, _)) = line[1..].strip_prefix('/').and_then(|l| l.split_once('=')) {
                let group = group_of(name).to_ascii_lowercase();
                let others = elsewhere.entry(group).or_default();
                if others.last() != Some(&current) {
                    others.push(current.clone());
                }
            }
        }
        debug_assert!(start < at);
    }
    Index {
        text,
        types,
        elsewhere,
    }
});

/// The types that may have an alias of a name in lower case.
pub(super) fn types_for(name: &str) -> Vec<&'static str> {
    let ends = name.char_indices().filter(|(_, c)| *c == '/');
    let own = ends.filter_map(|(at, _)| INDEX.types.get_key_value(&name[..at]));
    let mut found: Vec<_> = own.map(|(name, _)| name.as_str()).collect();
    if let Some(others) = INDEX.elsewhere.get(group_of(name)) {
        found.extend(others.iter().map(String::as_str));
    }
    found
}

pub(super) fn types() -> impl Iterator<Item = &'static str> {
    INDEX.types.keys().map(String::as_str)
}

/// The aliases of a type, by name in lower case.
pub(super) fn decode(resource_type: &str) -> HashMap<String, Vec<Alias>> {
    let mut aliases: HashMap<String, Vec<Alias>> = HashMap::new();
    let Some(&(start, end)) = INDEX.types.get(resource_type) else {
        return aliases;
    };
    let mut line = String::new();
    for written in INDEX.text[start..end].lines() {
        let shared = written
            .as_bytes()
            .first()
            .map_or(0, |c| c.saturating_sub(b'0'));
        line.truncate(usize::from(shared));
        line.push_str(written.get(1..).unwrap_or_default());
        let (name, short) = match line.split_once('=') {
            Some((name, short)) => (Some(name), short),
            None => (None, line.as_str()),
        };
        let path = short.replace(':', ".properties.");
        let path = path.strip_prefix('.').unwrap_or(&path).to_owned();
        let name = match name {
            Some(name) => match name.strip_prefix('/') {
                Some(whole) => whole.to_owned(),
                None => format!("{resource_type}/{name}"),
            },
            None => {
                let own = short.replace(':', ".");
                format!("{resource_type}/{}", own.strip_prefix('.').unwrap_or(&own))
            }
        };
        aliases
            .entry(name.to_ascii_lowercase())
            .or_default()
            .push(Alias {
                resource_type: resource_type.to_owned(),
                path,
                versions: Vec::new(),
                is_modifiable: None,
            });
    }
    aliases
}
