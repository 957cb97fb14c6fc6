//! Resources and their ids (Microsoft Learn, "Resource functions for ARM templates", 2025).

use palisade_document::Derived;

use super::{Function, MANY, fault, joining, lenient, text_of};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::{Fault, Outcome};
use crate::scope::{Level, resource_id};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    joining("extensionResourceId", 3, MANY, extension_resource_id),
    joining(
        "managementGroupResourceId",
        2,
        MANY,
        management_group_resource_id,
    ),
    lenient("pickZones", 3, 5, zones),
    lenient("providers", 1, 2, providers),
    joining("reference", 1, 3, reference),
    joining("references", 1, 3, references),
    joining("resourceId", 2, MANY, resource_id_of),
    joining("resourceInfo", 1, 1, resource_info),
    joining("subscriptionResourceId", 2, MANY, subscription_resource_id),
    joining("tenantResourceId", 2, MANY, tenant_resource_id),
    lenient("toLogicalZone", 3, 3, zones),
    lenient("toLogicalZones", 3, 3, zones),
    lenient("toPhysicalZone", 3, 3, zones),
    lenient("toPhysicalZones", 3, 3, zones),
];

/// The arguments: those before the type, the type, and the names joined.
fn parts(values: &[Derived]) -> Result<(Vec<&str>, &str, String), Fault> {
    let texts: Result<Vec<_>, _> = (0..values.len()).map(|at| text_of(values, at)).collect();
    let mut texts = texts?;
    let Some(at) = texts.iter().position(|text| text.contains('/')) else {
        return Err(Fault::new(
            "no argument is a resource type such as Microsoft.Network/virtualNetworks",
        ));
    };
    let names = texts.split_off(at + 1).join("/");
    let kind = texts.pop().unwrap_or_default();
    Ok((texts, kind, names))
}

fn id(scope: &str, kind: &str, names: &str) -> Outcome {
    match resource_id(scope, kind, names) {
        Ok(id) => Ok(value::text(id)),
        Err(wanted) => fault(format!(
            "the resource type `{kind}` asks for {wanted} names, {} are given",
            names.split('/').count()
        )),
    }
}

fn resource_id_of(_: &Evaluator<'_>, context: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let (before, kind, names) = parts(values)?;
    let target = &context.env.names.target;
    let scope = match before[..] {
        [] => match target.level {
            Level::ResourceGroup => target.resource_group_id(),
            Level::Subscription => target.subscription_id(),
            Level::ManagementGroup | Level::Tenant => String::new(),
        },
        [group] if target.level == Level::Subscription && is_guid(group) => {
            format!("/subscriptions/{group}")
        }
        [group] => format!("{}/resourceGroups/{group}", target.subscription_id()),
        [subscription, group] => {
            format!("/subscriptions/{subscription}/resourceGroups/{group}")
        }
        _ => return fault("at most a subscription and a resource group stand before the type"),
    };
    id(&scope, kind, &names)
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

fn subscription_resource_id(
    _: &Evaluator<'_>,
    context: Context<'_, '_>,
    values: &[Derived],
) -> Outcome {
    let (before, kind, names) = parts(values)?;
    let scope = match before[..] {
        [] => context.env.names.target.subscription_id(),
        [subscription] => format!("/subscriptions/{subscription}"),
        _ => return fault("at most a subscription stands before the type"),
    };
    id(&scope, kind, &names)
}

fn tenant_resource_id(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let (_, kind, names) = parts(values)?;
    id("", kind, &names)
}

fn management_group_resource_id(
    _: &Evaluator<'_>,
    context: Context<'_, '_>,
    values: &[Derived],
) -> Outcome {
    let (before, kind, names) = parts(values)?;
    let scope = match before[..] {
        [] => context.env.names.target.management_group_id(),
        [group] => format!("/providers/Microsoft.Management/managementGroups/{group}"),
        _ => return fault("at most a management group stands before the type"),
    };
    id(&scope, kind, &names)
}

fn extension_resource_id(_: &Evaluator<'_>, _: Context<'_, '_>, values: &[Derived]) -> Outcome {
    let scope = text_of(values, 0)?.trim_end_matches('/');
    let (_, kind, names) = parts(&values[1..])?;
    id(scope, kind, &names)
}

/// The state of a resource: what the template says about it, the rest unknown.
fn reference<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    values: &[Derived],
) -> Outcome {
    let is_full = values.get(2).and_then(Derived::as_str);
    let is_full = is_full.is_some_and(|text| text.eq_ignore_ascii_case("full"));
    Ok(evaluator.state_of(context, text_of(values, 0)?, is_full))
}

/// The states of the resources of a loop with a symbolic name.
fn references<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    values: &[Derived],
) -> Outcome {
    let last = values.last().and_then(Derived::as_str);
    let is_full = values.len() > 1 && last.is_some_and(|text| text.eq_ignore_ascii_case("full"));
    evaluator.states_of(context, text_of(values, 0)?, is_full)
}

fn resource_info<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    values: &[Derived],
) -> Outcome {
    evaluator.info_of(context, text_of(values, 0)?)
}

/// What an operation `list…` of a resource provider answers: keys and the like.
pub(super) fn listed(name: &str) -> Derived {
    Derived::unknown(
        format!("`{name}` asks Azure, for a secret as a rule"),
        "nothing: secrets aren't read",
    )
}

fn zones(_: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(Derived::unknown(
        "which zones there are depends on the subscription and the region",
        "the zones in a parameter file",
    ))
}

fn providers(_: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    Ok(Derived::unknown(
        "what a resource provider offers is known to Azure only",
        "a value in a parameter file",
    ))
}
