//! The mode of threat intelligence and of intrusion detection: the stricter of a policy's own
//! and that of the policies it is based on.

use palisade_document::Value;
use palisade_estate::azure::FirewallPolicy;
use palisade_estate::{Field, Unknown};

use crate::{Context, Domain, Parameter, Weaker};

/// What the firewall does with a threat that it recognises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    /// Nothing.
    Off,
    /// It logs.
    Alert,
    /// It logs and drops.
    Deny,
}

/// The least that a firewall must do with a threat.
pub(super) static LEAST_MODE: Parameter = Parameter {
    name: "least-mode",
    meaning: "the least that the firewall must do with a threat: Alert logs, Deny drops too",
    domain: Domain::Choice {
        default: "Deny",
        choices: &["Alert", "Deny"],
    },
    weaker: Weaker::Less,
};

/// The mode that the project asks for.
pub(super) fn least_mode(context: &Context<'_>) -> Mode {
    match context.choice(&LEAST_MODE).as_str() {
        "Alert" => Mode::Alert,
        _ => Mode::Deny,
    }
}

/// A mode with the policy and the place that it comes from.
#[derive(Clone, Copy)]
pub(super) struct Effective<'e> {
    /// The mode.
    pub(super) mode: Mode,
    /// The policy that sets it.
    pub(super) policy: FirewallPolicy<'e>,
    /// Where it stands; the place that would hold it where it isn't set.
    pub(super) at: Value<'e>,
    /// Whether it is set at all.
    pub(super) is_set: bool,
}

impl<'e> Effective<'e> {
    /// The stricter of the modes along the chain of base policies. One that is outside the input
    /// matters unless the others deny already.
    pub(super) fn of(
        policy: &FirewallPolicy<'e>,
        setting: impl Fn(&FirewallPolicy<'e>) -> Field<'e, &'e str>,
        default: Mode,
    ) -> Result<Self, Unknown> {
        let mut effective = own(policy, setting(policy), default)?;
        for base in bases(policy) {
            if effective.mode == Mode::Deny {
                break;
            }
            let base = base?;
            let inherited = own(&base, setting(&base), default)?;
            if inherited.mode > effective.mode {
                effective = inherited;
            }
        }
        Ok(effective)
    }
}

fn own<'e>(
    policy: &FirewallPolicy<'e>,
    setting: Field<'e, &'e str>,
    default: Mode,
) -> Result<Effective<'e>, Unknown> {
    let is_set = matches!(setting, Field::Present(..));
    let (mode, at) = read(setting, default)?;
    Ok(Effective {
        mode,
        policy: *policy,
        at,
        is_set,
    })
}

/// A mode as it is written.
pub(super) fn read<'e>(
    setting: Field<'e, &'e str>,
    default: Mode,
) -> Result<(Mode, Value<'e>), Unknown> {
    let (text, at) = match setting {
        Field::Present(text, at) => (text, at),
        Field::Absent(at) => return Ok((default, at)),
        Field::Unknown(unknown) => return Err(unknown),
    };
    let mode = match text.to_ascii_lowercase().as_str() {
        "off" => Mode::Off,
        "alert" => Mode::Alert,
        "deny" => Mode::Deny,
        _ => {
            let cause = format!("the mode {text} is newer than this version of Palisade");
            return Err(Unknown::because(cause, "a newer version of Palisade"));
        }
    };
    Ok((mode, at))
}

/// The policies that a policy is based on, the nearest first.
pub(super) fn bases<'e>(policy: &FirewallPolicy<'e>) -> Vec<Result<FirewallPolicy<'e>, Unknown>> {
    let mut chain = Vec::new();
    let mut at = *policy;
    loop {
        let base = match at.base_policy() {
            Field::Present(id, _) => at.estate().require::<FirewallPolicy<'e>>(&id),
            Field::Absent(_) => return chain,
            Field::Unknown(unknown) => Err(unknown),
        };
        let next = base.as_ref().ok().copied();
        let is_known = |known: &Result<FirewallPolicy<'e>, Unknown>| matches!((known, &next), (Ok(known), Some(next)) if known.id() == next.id());
        if chain.iter().any(is_known) {
            return chain;
        }
        chain.push(base);
        match next {
            Some(next) => at = next,
            None => return chain,
        }
    }
}
