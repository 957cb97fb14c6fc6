//! Policy documents of API Management. They look like XML, but expressions between `@(` and `)`
//! or `@{` and `}` hold C# as it is, with quotes and angle brackets, so an XML reader refuses
//! most real ones.

use palisade_document::Value;
use palisade_estate::azure::PolicyFragment;
use palisade_estate::{Estate, Field, Resource, ResourceId, Unknown};

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

/// A policy document, or a fragment of one.
pub(super) struct PolicyDocument<'e> {
    pub(super) resource: Resource<'e>,
    /// The document's text, to point at.
    pub(super) at: Value<'e>,
    roots: Vec<Element<'e>>,
}

impl<'e> PolicyDocument<'e> {
    pub(super) fn read(resource: Resource<'e>) -> Result<Self, Unknown> {
        let (text, at) = match resource.text("value") {
            Field::Present(text, at) => (text, at),
            Field::Absent(_) => return Err(unread(&resource, "its text is not in the input")),
            Field::Unknown(unknown) => return Err(unknown),
        };
        let is_link = |format: &str| format.to_ascii_lowercase().ends_with("-link");
        if resource.text("format").present().is_some_and(is_link) {
            return Err(unread(&resource, "the input holds only a link to its text"));
        }
        match parse(text) {
            Some(roots) => Ok(Self {
                resource,
                at,
                roots,
            }),
            None => Err(unread(&resource, "its text is not well formed")),
        }
    }

    /// Puts the fragments of the input in the place of the elements that include them. Others
    /// stay as `include-fragment`.
    pub(super) fn with_fragments(mut self, estate: &'e Estate, service: &ResourceId) -> Self {
        for root in &mut self.roots {
            include(root, estate, service);
        }
        self
    }

    /// Every element of the document.
    pub(super) fn elements(&self) -> impl Iterator<Item = &Element<'e>> {
        self.roots.iter().flat_map(Element::all)
    }

    /// The first element with one of the names, wherever it stands.
    pub(super) fn first_of(&self, names: &[&str]) -> Option<&Element<'e>> {
        self.elements()
            .find(|element| names.contains(&element.name))
    }

    /// What runs for every request: the children of the section `inbound`.
    pub(super) fn inbound(&self) -> impl Iterator<Item = &Element<'e>> {
        let documents = self.roots.iter().filter(|root| root.name == "policies");
        let sections = documents.flat_map(|document| &document.children);
        sections
            .filter(|section| section.name == "inbound")
            .flat_map(|section| &section.children)
    }

    /// Whether the inbound section runs what broader scopes say.
    pub(super) fn inherits_inbound(&self) -> bool {
        self.inbound().any(|element| element.name == "base")
    }

    /// The id of a fragment that is outside the input.
    pub(super) fn missing_fragment(&self) -> Option<&'e str> {
        let included = self.first_of(&["include-fragment"])?;
        Some(included.attribute("fragment-id").unwrap_or_default())
    }
}

fn unread(resource: &Resource<'_>, why: &str) -> Unknown {
    Unknown::because(
        format!(
            "the policy document of `{}` can't be read: {why}",
            owner(resource)
        ),
        format!(
            "az rest --method get --url '{}?api-version=2022-08-01&format=rawxml'",
            resource.id()
        ),
    )
}

/// Whose document it is: documents themselves are all called `policy`.
pub(super) fn owner(resource: &Resource<'_>) -> String {
    match resource.id().parent() {
        Some(parent) if resource.name().eq_ignore_ascii_case("policy") => parent.name().to_owned(),
        _ => resource.name().to_owned(),
    }
}

/// A fragment can't include another one, so one step is enough.
fn include<'e>(element: &mut Element<'e>, estate: &'e Estate, service: &ResourceId) {
    let children = std::mem::take(&mut element.children);
    for mut child in children {
        match fragment(&child, estate, service) {
            Some(content) => element.children.extend(content),
            None => {
                include(&mut child, estate, service);
                element.children.push(child);
            }
        }
    }
}

fn fragment<'e>(
    element: &Element<'e>,
    estate: &'e Estate,
    service: &ResourceId,
) -> Option<Vec<Element<'e>>> {
    if element.name != "include-fragment" {
        return None;
    }
    let id = service.child("policyFragments", element.attribute("fragment-id")?);
    let fragment = estate.require::<PolicyFragment<'e>>(&id).ok()?;
    let document = PolicyDocument::read(*fragment).ok()?;
    Some(
        document
            .roots
            .into_iter()
            .flat_map(|root| root.children)
            .collect(),
    )
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
