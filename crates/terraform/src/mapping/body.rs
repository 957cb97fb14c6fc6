//! A body under construction: values are put at places, and objects and lists grow on the way.

use std::sync::Arc;

use super::table::Segment;
use crate::value;
use palisade_document::{Content, Derived};

/// Puts `found` at the place `path` below `body`. What is known there already stays, objects are
/// merged, and what goes to the items of a list is added to the list.
pub(crate) fn put(body: &mut Derived, path: &[Segment], found: Derived) {
    match path {
        [] => merge(body, found),
        [Segment::Each, rest @ ..] => put_each(body, rest, found),
        [Segment::Member(name), rest @ ..] => put_member(body, name, rest, found),
    }
}

/// Adds an item to the list for every item of `found`, which is put at `rest` of it. A list of
/// which a part is unknown has one more item that may be anything.
fn put_each(list: &mut Derived, rest: &[Segment], found: Derived) {
    let given = match &found.content {
        Content::Array(items) => items.to_vec(),
        _ => vec![found.clone()],
    };
    let items = given.into_iter().map(|item| {
        if rest.is_empty() || value::is_unknown(&item) {
            return item;
        }
        let mut holder = value::null(&item.source);
        put(&mut holder, rest, item);
        holder
    });
    match &mut list.content {
        Content::Array(known) => Arc::make_mut(known).extend(items),
        Content::Unknown { .. } => {
            let all = std::iter::once(list.clone()).chain(items).collect();
            *list = value::array(all, &found.source);
        }
        _ if value::is_unknown(&found) => *list = found,
        _ => *list = value::array(items.collect(), &found.source),
    }
}

/// Puts a value below a member, which is made where there is none.
fn put_member(body: &mut Derived, name: &'static str, rest: &[Segment], found: Derived) {
    if !matches!(body.content, Content::Object(_)) {
        let own = match body.source.place {
            Some(_) => body.source.clone(),
            None => found.source.clone(),
        };
        *body = value::object(Vec::new(), &own);
    }
    let Content::Object(members) = &mut body.content else {
        return;
    };
    let members = Arc::make_mut(members);
    let known = members
        .iter()
        .position(|(key, _)| value::as_str(key) == Some(name));
    let at = known.unwrap_or_else(|| {
        let source = &found.source;
        members.push((value::text(name, source), value::null(source)));
        members.len() - 1
    });
    put(&mut members[at].1, rest, found);
}

/// What happens where both sides have a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merging {
    /// The value that is there stays.
    Keep,
    /// It stays, but lists are joined: an association adds to what a resource has.
    Append,
    /// The other takes its place: an update changes what a resource has.
    Replace,
}

/// Puts members and values where there are none yet.
fn merge(body: &mut Derived, found: Derived) {
    combine(body, found, Merging::Keep);
}

/// Merges what another says about a body into it.
pub(crate) fn combine(body: &mut Derived, found: Derived, merging: Merging) {
    match (&mut body.content, found.content) {
        (Content::Object(members), Content::Object(others)) => {
            let members = Arc::make_mut(members);
            for (key, other) in others.iter().cloned() {
                let name = value::as_str(&key).unwrap_or_default();
                let known = members
                    .iter_mut()
                    .find(|(known, _)| value::as_str(known) == Some(name));
                match known {
                    Some((_, member)) => combine(member, other, merging),
                    None => members.push((key, other)),
                }
            }
        }
        (Content::Array(items), Content::Array(others)) if merging == Merging::Append => {
            Arc::make_mut(items).extend(others.iter().cloned());
        }
        (Content::Null | Content::Unknown { .. }, content) => {
            *body = value::of(content, &found.source);
        }
        (Content::Array(items), content @ Content::Array(_)) if items.is_empty() => {
            *body = value::of(content, &found.source);
        }
        (_, content) if merging == Merging::Replace => {
            *body = value::of(content, &found.source);
        }
        _ => {}
    }
}
