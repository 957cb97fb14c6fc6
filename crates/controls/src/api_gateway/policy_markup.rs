//! The markup of policy documents of API Management. It looks like XML, but expressions between
//! `@(` and `)` or `@{` and `}` hold C# as it is, with quotes and angle brackets, so an XML
//! reader refuses most real documents.

/// An element with what stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element<'e> {
    pub(super) name: &'e str,
    pub(super) attributes: Vec<(&'e str, &'e str)>,
    /// The text in it that is no expression, without white space around it.
    pub(super) text: &'e str,
    pub(super) children: Vec<Self>,
}

impl<'e> Element<'e> {
    pub(super) fn attribute(&self, name: &str) -> Option<&'e str> {
        let found = self.attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }

    /// This element and all below it.
    pub(super) fn all(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(Self::all);
        std::iter::once(self).chain(below).collect()
    }
}

/// No document is nested deeper; a deeper one is hostile.
const DEEPEST: usize = 100;

/// The top elements of a document, or nothing if it isn't well formed.
pub(super) fn parse(text: &str) -> Option<Vec<Element<'_>>> {
    let mut open = vec![Element::default()];
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        at += if let Some(length) = skipped(rest) {
            length?
        } else if let Some(end) = rest.strip_prefix("</") {
            let name = end.split('>').next()?;
            let closed = open
                .pop()
                .filter(|element| element.name == name.trim_end())?;
            open.last_mut()?.children.push(closed);
            "</>".len() + name.len()
        } else if rest.starts_with('<') {
            let (element, is_empty, length) = tag(rest)?;
            if is_empty {
                open.last_mut()?.children.push(element);
            } else {
                open.push(element);
            }
            length
        } else {
            let length = text_length(rest);
            let trimmed = rest[..length].trim();
            if !trimmed.is_empty() {
                open.last_mut()?.text = trimmed;
            }
            length
        };
        if open.len() > DEEPEST {
            return None;
        }
    }
    (open.len() == 1).then(|| open.pop().map(|root| root.children))?
}

/// The length of what says nothing: comments, character data, instructions and expressions.
/// The inner answer is nothing if it doesn't end.
fn skipped(rest: &str) -> Option<Option<usize>> {
    let pairs = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
    for (start, end) in pairs {
        if rest.starts_with(start) {
            return Some(rest.find(end).map(|at| at + end.len()));
        }
    }
    is_expression(rest).then(|| expression_length(rest))
}

fn text_length(rest: &str) -> usize {
    let ends = |(at, c): (usize, char)| c == '<' || (c == '@' && is_expression(&rest[at..]));
    let first = rest.chars().next().map_or(1, char::len_utf8);
    rest.char_indices()
        .skip(1)
        .find(|&next| ends(next))
        .map_or(rest.len(), |(at, _)| at)
        .max(first)
}

/// A start tag: the element, whether it ends at once, and the length.
fn tag(rest: &str) -> Option<(Element<'_>, bool, usize)> {
    let mut at = 1 + name_length(&rest[1..])?;
    let mut element = Element {
        name: &rest[1..at],
        ..Element::default()
    };
    loop {
        at += white_space(&rest[at..]);
        if rest[at..].starts_with("/>") {
            return Some((element, true, at + 2));
        }
        if rest[at..].starts_with('>') {
            return Some((element, false, at + 1));
        }
        let name = name_length(&rest[at..])?;
        let key = &rest[at..at + name];
        at += name;
        at += white_space(&rest[at..]);
        at += rest[at..].strip_prefix('=').map(|_| 1)?;
        at += white_space(&rest[at..]);
        let length = quoted_length(&rest[at..])?;
        element
            .attributes
            .push((key, &rest[at + 1..at + length - 1]));
        at += length;
    }
}

fn name_length(rest: &str) -> Option<usize> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '>' | '=' | '<' | '"' | '\'');
    rest.find(ends).filter(|&length| length > 0)
}

fn white_space(rest: &str) -> usize {
    rest.len() - rest.trim_start().len()
}

/// The length of an attribute's value with its quotes. Quotes within expressions don't end it.
fn quoted_length(rest: &str) -> Option<usize> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut at = 1;
    loop {
        let next = rest[at..].chars().next()?;
        if next == quote {
            return Some(at + 1);
        }
        at += if is_expression(&rest[at..]) {
            expression_length(&rest[at..])?
        } else {
            next.len_utf8()
        };
    }
}

fn is_expression(rest: &str) -> bool {
    rest.starts_with("@(") || rest.starts_with("@{")
}

/// The length of a C# expression up to the bracket that closes it. Brackets in strings and
/// comments don't count.
fn expression_length(rest: &str) -> Option<usize> {
    let (opening, closing) = if rest.starts_with("@(") {
        ('(', ')')
    } else {
        ('{', '}')
    };
    let (mut at, mut depth) = (1, 0_usize);
    loop {
        let here = &rest[at..];
        let next = here.chars().next()?;
        at += match literal_length(here) {
            Some(length) => length?,
            None => next.len_utf8(),
        };
        if next == opening {
            depth += 1;
        } else if next == closing {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
}

/// The length of a string, a character or a comment of C#. Documents in the format `xml` write
/// the quotes of strings as `&quot;`.
fn literal_length(here: &str) -> Option<Option<usize>> {
    let until = |end: &str, from: usize| here[from..].find(end).map(|at| from + at + end.len());
    if here.starts_with("//") {
        return Some(until("\n", 2));
    }
    if here.starts_with("/*") {
        return Some(until("*/", 2));
    }
    if here.starts_with('\'') {
        return character_length(here).map(Some);
    }
    let verbatim = ["@\"", "$@\"", "@$\"", "@&quot;", "$@&quot;", "@$&quot;"];
    if let Some(start) = verbatim.iter().find(|start| here.starts_with(**start)) {
        return Some(string_length(here, start.len(), quote_of(start), true));
    }
    let plain = ["\"", "$\"", "&quot;", "$&quot;"];
    let start = plain.iter().find(|start| here.starts_with(**start))?;
    Some(string_length(here, start.len(), quote_of(start), false))
}

fn quote_of(start: &str) -> &'static str {
    if start.ends_with(';') { "&quot;" } else { "\"" }
}

fn string_length(here: &str, from: usize, quote: &str, is_verbatim: bool) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = &here[at..];
        if let Some(after) = rest.strip_prefix(quote) {
            // A doubled quote stands for itself in a verbatim string.
            if !(is_verbatim && after.starts_with(quote)) {
                return Some(at + quote.len());
            }
            at += 2 * quote.len();
        } else if let Some(after) = rest.strip_prefix('\\').filter(|_| !is_verbatim) {
            let escaped = after.chars().next()?;
            at += 1 + if after.starts_with(quote) {
                quote.len()
            } else {
                escaped.len_utf8()
            };
        } else {
            at += rest.chars().next()?.len_utf8();
        }
    }
}

/// `'x'` or `'\''`; an apostrophe elsewhere is no character.
fn character_length(here: &str) -> Option<usize> {
    let mut chars = here.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next()?;
    }
    let (end, quote) = chars.next()?;
    (quote == '\'').then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Option<Vec<&str>> {
        let roots = parse(text)?;
        let all = roots.iter().flat_map(Element::all);
        Some(all.map(|element| element.name).collect())
    }

    #[test]
    fn comments_and_character_data_hold_no_policies() {
        let text = "<?xml version=\"1.0\"?><!-- <quota/> --><policies><inbound><![CDATA[<rate-limit/>]]><base /></inbound></policies>";
        assert_eq!(names(text).unwrap(), ["policies", "inbound", "base"]);
    }

    #[test]
    fn expressions_may_hold_quotes_and_brackets() {
        for condition in [
            r#"@(context.Request.Headers["X"][0] == ")" && a < b)"#,
            r#"@{ var x = "\")}"; /* } */ return x.Split('"'); }"#,
            r#"@("a" == @"c:\")"#,
            "@(context.Variables[&quot;)&quot;] == &quot;&lt;&quot;)",
        ] {
            let text = format!("<choose><when condition=\"{condition}\"><cors/></when></choose>");
            assert_eq!(
                names(&text).unwrap(),
                ["choose", "when", "cors"],
                "{condition}"
            );
        }
    }

    #[test]
    fn an_expression_as_text_is_left_out() {
        let roots = parse("<set-body>@(\"<cors/>\")</set-body><origin> * </origin>").unwrap();
        assert_eq!(roots[0].children, []);
        assert_eq!((roots[0].text, roots[1].text), ("", "*"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in [
            "<a>",
            "</a>",
            "<a></b>",
            "<a b=\"@(\"/>",
            "<a b=c/>",
            "< a/>",
            "<a",
            "<!-- ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"<a>".repeat(1000)), None);
        assert_eq!(parse(""), Some(Vec::new()));
    }
}
