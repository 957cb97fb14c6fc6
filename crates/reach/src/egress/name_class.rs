//! Names of servers as rules of Azure Firewall write them, and which of them rules tell apart.

/// A name, or with a `*` at its left all names that end so ("Azure Firewall FAQ", Microsoft
/// Learn). Of two such patterns one takes in the other, or they have nothing in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Servers {
    is_wild: bool,
    /// In lower case, without a final dot.
    end: String,
}

impl Servers {
    /// The servers of a text; nothing for one that Azure refuses, with a `*` elsewhere.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let text = text.strip_suffix('.').unwrap_or(&text);
        let end = text.strip_prefix('*');
        let servers = Self {
            is_wild: end.is_some(),
            end: end.unwrap_or(text).to_owned(),
        };
        (!text.is_empty() && !servers.end.contains('*')).then_some(servers)
    }

    /// Whether all others are among these.
    pub(super) fn take_in(&self, other: &Self) -> bool {
        match self.is_wild {
            true => other.end.ends_with(&self.end),
            false => self == other,
        }
    }

    /// One of them that is in none of some others; nothing where none is found.
    fn one_beside(&self, others: &[&Self]) -> Option<String> {
        if !self.is_wild {
            return Some(self.end.clone());
        }
        let labels = ('a'..='z').map(String::from);
        let labels = labels.chain((0..=others.len()).map(|number| format!("server-{number}")));
        let names = labels.map(|label| match self.end.is_empty() {
            true => format!("{label}.invalid"),
            false => format!("{label}{}", self.end),
        });
        let mut names = names.filter_map(|name| Self::of(&name));
        let name = names.find(|name| !others.iter().any(|other| other.take_in(name)))?;
        Some(name.end)
    }
}

/// One name for each class of servers that some others tell apart. Nothing where a class has none
/// that is easily found.
pub(super) fn one_of_each(servers: &Servers, others: &[Servers]) -> Option<Vec<String>> {
    let mut within: Vec<&Servers> = vec![servers];
    for other in others {
        if servers.take_in(other) && !within.contains(&other) {
            within.push(other);
        }
    }
    let names = within.iter().map(|one| {
        let below: Vec<_> = within
            .iter()
            .copied()
            .filter(|other| other != one && one.take_in(other))
            .collect();
        one.one_beside(&below)
    });
    names.collect()
}

/// One name for each class that some servers tell apart among all.
pub(super) fn one_of_all(others: &[Servers]) -> Option<Vec<String>> {
    let all = Servers {
        is_wild: true,
        end: String::new(),
    };
    one_of_each(&all, others)
}

#[cfg(test)]
mod tests {
    use palisade_packet::NamePattern;
    use proptest::prelude::*;

    use super::*;

    fn servers(texts: &[&str]) -> Vec<Servers> {
        texts.iter().filter_map(|text| Servers::of(text)).collect()
    }

    fn classes(name: &str, others: &[&str]) -> Vec<String> {
        let own = Servers::of(name);
        let found = own.and_then(|own| one_of_each(&own, &servers(others)));
        found.unwrap_or_default()
    }

    #[test]
    fn every_class_has_a_name() {
        assert_eq!(
            classes("www.contoso.com", &["*.contoso.com", "*.example"]),
            ["www.contoso.com"]
        );
        let nested = ["*.a.contoso.com", "x.a.contoso.com", "*.example"];
        assert_eq!(
            classes("*.contoso.com", &nested),
            ["a.contoso.com", "a.a.contoso.com", "x.a.contoso.com"]
        );
        assert_eq!(classes("*contoso.com", &["contoso.com"]).len(), 2);
    }

    #[test]
    fn among_all_names_is_one_that_no_rule_knows() {
        let names = one_of_all(&servers(&["*.contoso.com", "www.contoso.com"]));
        assert_eq!(names.unwrap_or_default().len(), 3);
        assert_eq!(one_of_all(&servers(&["*"])).unwrap_or_default().len(), 1);
    }

    proptest! {
        #[test]
        fn names_of_one_class_fare_alike(
            texts in proptest::collection::vec(r"\*?(\.?[ab]){0,3}", 0..6),
            name in r"([ab]\.){0,3}[ab]",
        ) {
            let texts: Vec<_> = texts.iter().filter(|text| !text.starts_with('.')).collect();
            let all: Vec<_> = texts.iter().filter_map(|text| Servers::of(text)).collect();
            let matched = |name: &str| -> Vec<bool> {
                let patterns = texts.iter().map(|text| NamePattern::azure_firewall(text));
                patterns.map(|pattern| pattern.matches(name)).collect()
            };
            let names = one_of_all(&all).unwrap_or_default();
            let is_stood_for = names.iter().any(|other| matched(other) == matched(&name));
            prop_assert!(is_stood_for, "{name} has no like among {names:?}");
        }
    }
}
