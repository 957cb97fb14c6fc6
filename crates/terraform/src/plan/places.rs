//! The places of a plan's values in the files of its configuration.

use crate::hcl::Described;
use crate::reading::Instance;
use crate::value;
use palisade_document::{Content, Derived, Provenance};

/// Gives the values of a plan the places that the files give them.
pub(super) fn point_into(instance: &mut Instance, described: &Described) {
    let block = &described.source;
    instance.source = block.clone();
    instance.attributes = point(&instance.attributes, Some(&described.attributes), block);
}

/// What the files say of the same value decides its place; without that it is the place around.
fn point(planned: &Derived, written: Option<&Derived>, around: &Provenance) -> Derived {
    let source = written.map_or_else(
        || around.clone(),
        |written| decided(planned, written, around),
    );
    let content = match &planned.content {
        Content::Array(items) => {
            let written = written.map(value::items).unwrap_or_default();
            let items = items.iter().enumerate();
            let items = items.map(|(at, item)| point(item, twin(at, item, written), &source));
            return value::array(items.collect(), &source);
        }
        Content::Object(members) => {
            let members = members.iter().map(|(key, member)| {
                let name = value::as_str(key).unwrap_or_default();
                let written = written.and_then(|written| value::get(written, name));
                let member = point(member, written, &source);
                let key = value::of(key.content.clone(), &member.source);
                (key, member)
            });
            return value::object(members.collect(), &source);
        }
        content => content.clone(),
    };
    value::of(content, &source)
}

/// The written item that a planned one is. Terraform keeps the items of a set in an order of its
/// own, so that it is the one with the same name or the same value, if there are any.
fn twin<'w>(at: usize, item: &Derived, written: &'w [Derived]) -> Option<&'w Derived> {
    let mark = |item: &Derived| {
        let named = value::get(item, "name").and_then(value::scalar);
        named.or_else(|| value::scalar(item)).map(str::to_owned)
    };
    match mark(item) {
        Some(wanted) => written
            .iter()
            .find(|item| mark(item).as_ref() == Some(&wanted)),
        None => written.get(at),
    }
}

/// The way of the written value if it is the same as the planned one; a value that was given to
/// the plan otherwise, as on the command line, has the place of the expression.
fn decided(planned: &Derived, written: &Derived, around: &Provenance) -> Provenance {
    let is_same = match (value::scalar(planned), value::scalar(written)) {
        (Some(planned), Some(written)) => planned == written,
        (None, None) => true,
        _ => false,
    };
    if is_same && !value::is_unknown(planned) {
        return written.source.clone();
    }
    let expression = written.source.links().next().and_then(|link| link.place);
    let place = expression.or(written.source.place).or(around.place);
    Provenance {
        place,
        through: None,
    }
}
