//! Whether the effects of a definition exist, go with its mode, and have what they need.

use palisade_document::{Kind, Value};

use super::{LintKind, Notes};
use crate::definition::{Definition, Mode};
use crate::effect::Effect;
use crate::expression;

/// An effect that a definition may have, and where it is written.
type Named<'d> = (Effect, Value<'d>);

/// Remarks upon the effects of a definition.
pub(super) fn effects<'e>(definition: &Definition<'e>, notes: &mut Notes<'e>) {
    let written = definition.rule.then.effect;
    let texts: Vec<Value<'e>> = match expression::sole_parameter(written.scalar()) {
        Some(name) => {
            let mut own = definition.parameters.iter();
            let parameter = own.find(|own| own.name.eq_ignore_ascii_case(&name));
            let allowed = parameter.map_or(&[][..], |own| own.allowed.as_slice());
            match (allowed, parameter.and_then(|own| own.default)) {
                ([], default) => default.into_iter().collect(),
                (allowed, _) => allowed.to_vec(),
            }
        }
        None if expression::of(written.scalar()).is_some() => Vec::new(),
        None => {
            if !written.scalar().eq_ignore_ascii_case("disabled") {
                let message = "assignments can't change the effect, which is no parameter";
                notes.note(LintKind::EffectFixed, written, message);
            }
            vec![written]
        }
    };
    let mut named: Vec<Named<'e>> = Vec::new();
    for text in texts {
        match Effect::named(text.scalar()) {
            Some(effect) => named.push((effect, text)),
            None => {
                let message = format!("`{}` is no effect", text.scalar());
                notes.note(LintKind::EffectUnfit, text, message);
            }
        }
    }
    let mut first: Option<Named<'e>> = None;
    for (effect, at) in named {
        let other = first.filter(|(first, _)| family(*first) != family(effect));
        if let Some(message) = off_mode(effect, &definition.mode) {
            notes.note(LintKind::EffectUnfit, at, message);
        } else if let Some((other, place)) = other.filter(|_| effect != Effect::Disabled) {
            let message = format!("no definition can have the effects {other} and {effect}");
            let lint = notes.note(LintKind::EffectUnfit, at, message);
            lint.related.push((place, "the other".to_owned()));
        } else if let Some(message) = lacking(effect, definition) {
            notes.note(LintKind::EffectUnfit, at, message);
        }
        if effect != Effect::Disabled {
            first = first.or(Some((effect, at)));
        }
    }
}

/// Which effects can stand for one another in one definition (Microsoft Learn, "Azure Policy
/// definitions effect basics: interchanging effects", 2025).
fn family(effect: Effect) -> Option<&'static str> {
    match effect {
        Effect::Disabled => None,
        Effect::Audit | Effect::Deny | Effect::Modify | Effect::Append => Some("audit and deny"),
        Effect::AuditIfNotExists | Effect::DeployIfNotExists => Some("auditIfNotExists"),
        other => Some(other.as_str()),
    }
}

/// Why an effect doesn't go with a mode.
fn off_mode(effect: Effect, mode: &Mode) -> Option<String> {
    let fitting = fitting(mode)?;
    if fitting.contains(&effect) || effect == Effect::Disabled {
        return None;
    }
    let mode = match mode {
        Mode::All => "All",
        Mode::Indexed => "Indexed",
        Mode::Provider(mode) => mode,
    };
    Some(format!(
        "the effect {effect} doesn't go with the mode {mode}"
    ))
}

/// What an effect needs and doesn't have.
fn lacking(effect: Effect, definition: &Definition<'_>) -> Option<String> {
    let details = definition.rule.then.details;
    let missing: Vec<_> = needs(effect)
        .iter()
        .filter(|need| details.is_none_or(|own| own.get_ignore_case(need).is_none()))
        .map(|need| format!("`details.{need}`"))
        .collect();
    if !missing.is_empty() {
        return Some(format!(
            "the effect {effect} needs {}",
            missing.join(" and ")
        ));
    }
    let is_list = details.is_some_and(|details| details.kind() == Kind::Array);
    (effect == Effect::Append && !is_list)
        .then(|| "the effect Append needs a list of `field` and `value` in `details`".to_owned())
}

/// The effects that go with a mode, where that is documented (Microsoft Learn, "Azure Policy
/// definition structure basics: resource provider modes", 2025).
fn fitting(mode: &Mode) -> Option<&'static [Effect]> {
    const OF_RESOURCES: [Effect; 8] = [
        Effect::Append,
        Effect::Modify,
        Effect::Deny,
        Effect::Audit,
        Effect::Manual,
        Effect::AuditIfNotExists,
        Effect::DenyAction,
        Effect::DeployIfNotExists,
    ];
    let Mode::Provider(name) = mode else {
        return Some(&OF_RESOURCES);
    };
    match name.to_ascii_lowercase().as_str() {
        "microsoft.kubernetes.data" => Some(&[Effect::Audit, Effect::Deny, Effect::Mutate]),
        "microsoft.keyvault.data" => Some(&[Effect::Audit, Effect::Deny]),
        "microsoft.network.data" => Some(&[Effect::AddToNetworkGroup]),
        _ => None,
    }
}

/// What an effect needs in `details` (Microsoft Learn, the page of each effect, 2025).
fn needs(effect: Effect) -> &'static [&'static str] {
    match effect {
        Effect::AuditIfNotExists => &["type"],
        Effect::DeployIfNotExists => &["type", "roleDefinitionIds", "deployment"],
        Effect::Modify => &["roleDefinitionIds", "operations"],
        Effect::DenyAction => &["actionNames"],
        Effect::AddToNetworkGroup => &["networkGroupId"],
        _ => &[],
    }
}
