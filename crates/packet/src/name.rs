//! Patterns of domain names, in the wildcard languages of those who filter by name.

use std::collections::{HashSet, VecDeque};
use std::fmt;

/// A pattern of domain names. Letter case and a final dot are of no account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamePattern {
    tokens: Vec<Token>,
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Token {
    /// One character.
    Char(char),
    /// Any characters of one label, or none.
    InLabel,
    /// Any characters, dots among them, or none.
    Anything,
    /// One or more whole labels.
    Labels,
}

impl NamePattern {
    /// A name without wildcards.
    pub fn exact(name: &str) -> Self {
        Self {
            tokens: plain(name).chars().map(Token::Char).collect(),
        }
    }

    /// Cilium's `matchPattern` (Cilium documentation of DNS based policies, 1.18): `*` alone is
    /// every name, `**.` at the start one or more labels, and any other `*` characters within
    /// one label.
    pub fn cilium(pattern: &str) -> Self {
        let pattern = plain(pattern);
        if pattern == "*" {
            return Self {
                tokens: vec![Token::Anything],
            };
        }
        match pattern.strip_prefix("**.") {
            Some(rest) => Self::after(Token::Labels, &format!(".{rest}"), Token::InLabel),
            None => Self::with_stars(&pattern, Token::InLabel),
        }
    }

    /// The `*` of an Azure Firewall rule (documentation of FQDN filtering): any characters, with
    /// dots among them, so that `*.x` is every name below `x`, at any depth.
    pub fn azure_firewall(pattern: &str) -> Self {
        let pattern = plain(pattern);
        match pattern.strip_prefix("*.") {
            Some(rest) => Self::after(Token::Labels, &format!(".{rest}"), Token::Anything),
            None => Self::with_stars(&pattern, Token::Anything),
        }
    }

    /// A `domainNames` entry of AdminNetworkPolicy and ClusterNetworkPolicy: `*.x` is one or more
    /// labels before `x`, and not `x` itself.
    pub fn cluster_policy(pattern: &str) -> Self {
        let pattern = plain(pattern);
        match pattern.strip_prefix("*.") {
            Some(rest) => Self::after(Token::Labels, &format!(".{rest}"), Token::InLabel),
            None => Self::exact(&pattern),
        }
    }

    fn after(first: Token, rest: &str, star: Token) -> Self {
        let mut pattern = Self::with_stars(rest, star);
        pattern.tokens.insert(0, first);
        pattern
    }

    fn with_stars(pattern: &str, star: Token) -> Self {
        let mut tokens: Vec<Token> = pattern
            .chars()
            .map(|c| if c == '*' { star } else { Token::Char(c) })
            .collect();
        // Two stars in a row say what one says.
        tokens.dedup_by(|next, before| *next == star && *before == star);
        Self { tokens }
    }

    /// Whether a name matches.
    pub fn matches(&self, name: &str) -> bool {
        let mut places = self.start();
        for c in plain(name).chars() {
            places = self.step(&places, c);
        }
        places.contains(&self.end())
    }

    /// A name that both patterns match, one of the shortest; nothing if they have none in common.
    pub fn common(&self, other: &Self) -> Option<String> {
        let mut letters: Vec<char> = self.letters().chain(other.letters()).collect();
        // A letter of no pattern stands for all others.
        let others = ('a'..='z').chain('0'..='9');
        letters.extend(
            others
                .filter(|c| !letters.contains(c))
                .take(1)
                .collect::<Vec<_>>(),
        );
        letters.push('.');
        letters.sort_unstable();
        letters.dedup();
        let ends = (self.end(), other.end());
        let mut seen = HashSet::new();
        let mut queue = VecDeque::new();
        for left in self.start() {
            for right in other.start() {
                queue.push_back((left, right, String::new()));
            }
        }
        while let Some((left, right, name)) = queue.pop_front() {
            let ends_in_dot = name.is_empty() || name.ends_with('.');
            if (left, right) == ends && !ends_in_dot {
                return Some(name);
            }
            for &c in &letters {
                // Labels aren't empty.
                if c == '.' && ends_in_dot {
                    continue;
                }
                let lefts = self.step(&HashSet::from([left]), c);
                let rights = other.step(&HashSet::from([right]), c);
                for &left in &lefts {
                    for &right in &rights {
                        if seen.insert((left, right, c == '.')) {
                            queue.push_back((left, right, format!("{name}{c}")));
                        }
                    }
                }
            }
        }
        None
    }

    /// The characters that it names.
    pub(crate) fn letters(&self) -> impl Iterator<Item = char> + '_ {
        self.tokens.iter().filter_map(|token| match token {
            Token::Char(c) => Some(*c),
            _ => None,
        })
    }

    /// The place behind the last token. Places are twice the number of a token, and one more
    /// within labels that have begun.
    pub(crate) fn end(&self) -> usize {
        self.tokens.len() * 2
    }

    pub(crate) fn start(&self) -> HashSet<usize> {
        let mut places = HashSet::new();
        self.enter(0, &mut places);
        places
    }

    /// Takes in a place and those that are reached from it without a character.
    fn enter(&self, place: usize, places: &mut HashSet<usize>) {
        let mut place = place;
        while places.insert(place) {
            match (self.tokens.get(place / 2), place % 2) {
                (Some(Token::InLabel | Token::Anything), 0) => place += 2,
                (Some(Token::Labels), 1) => place += 1,
                _ => return,
            }
        }
    }

    pub(crate) fn step(&self, places: &HashSet<usize>, c: char) -> HashSet<usize> {
        let mut next = HashSet::new();
        for &place in places {
            let target = match (self.tokens.get(place / 2), place % 2) {
                (Some(Token::Char(own)), _) if *own == c => place + 2,
                (Some(Token::InLabel), _) if c != '.' => place,
                (Some(Token::Anything), _) => place,
                // Whole labels: a character begins or goes on with one, a dot asks for another.
                (Some(Token::Labels), _) if c != '.' => place / 2 * 2 + 1,
                (Some(Token::Labels), 1) => place - 1,
                _ => continue,
            };
            self.enter(target, &mut next);
        }
        next
    }
}

impl fmt::Display for NamePattern {
    /// `*` for characters of a label, `**` for more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.tokens {
            match token {
                Token::Char(c) => write!(f, "{c}")?,
                Token::InLabel => f.write_str("*")?,
                Token::Anything | Token::Labels => f.write_str("**")?,
            }
        }
        Ok(())
    }
}

pub(crate) fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
