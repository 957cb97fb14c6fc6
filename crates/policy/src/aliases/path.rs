//! Paths into the body of a resource, and the parts of an alias's name.

/// A path cut at its `[*]`: the members to follow, then for each item of the list there the
/// members to follow, and so on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(pub(crate) Vec<Vec<String>>);

impl Path {
    /// Reads `a.b[*].c` and `a['b.c']`.
    pub(crate) fn parse(text: &str) -> Self {
        let mut groups = vec![Vec::new()];
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[*]") {
                groups.push(Vec::new());
                rest = after;
            } else if let Some(quoted) = rest.strip_prefix("['") {
                let end = quoted.find("']").unwrap_or(quoted.len());
                push(&mut groups, &quoted[..end]);
                rest = quoted.get(end + 2..).unwrap_or_default();
            } else if let Some(after) = rest.strip_prefix('.') {
                rest = after;
            } else {
                let end = rest[1..].find(['.', '[']).map_or(rest.len(), |at| at + 1);
                push(&mut groups, &rest[..end]);
                rest = &rest[end..];
            }
        }
        Self(groups)
    }

    /// How many lists the path goes through.
    pub(crate) fn lists(&self) -> usize {
        self.0.len() - 1
    }
}

fn push(groups: &mut [Vec<String>], member: &str) {
    if let Some(group) = groups.last_mut() {
        group.push(member.to_owned());
    }
}

/// Where the last `/` outside brackets stands.
fn last_slash(name: &str) -> Option<usize> {
    name[..name.find('[').unwrap_or(name.len())].rfind('/')
}

/// What stands before the last `/` of an alias's name.
pub(crate) fn group_of(name: &str) -> &str {
    last_slash(name).map_or("", |at| &name[..at])
}

/// What stands after the last `/` of an alias's name.
pub(crate) fn short_of(name: &str) -> &str {
    last_slash(name).map_or(name, |at| &name[at + 1..])
}

/// Whether a name has `[*]` outside quotes.
pub(crate) fn has_wildcard(name: &str) -> bool {
    Path::parse(name).lists() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_at_its_lists() {
        let path = Path::parse("properties.subnets[*].properties.addressPrefix");
        let words = |group: &[&str]| -> Vec<String> {
            group.iter().map(|word| (*word).to_owned()).collect()
        };
        assert_eq!(
            path.0,
            [
                words(&["properties", "subnets"]),
                words(&["properties", "addressPrefix"])
            ]
        );
    }

    #[test]
    fn a_quoted_member_may_hold_anything() {
        assert_eq!(Path::parse("labels['a/b.c[*]'].d").0.len(), 1);
        assert_eq!(group_of("A.B/c/labels['a/b']"), "A.B/c");
        assert!(!has_wildcard("a['x[*]']"));
    }

    #[test]
    fn odd_brackets_end() {
        for odd in ["[", "['", "[*", "a[", "a[0]", "..", "]", "['']"] {
            Path::parse(odd);
        }
    }
}
