//! The scopes of a deployment (Microsoft Learn, "Scope functions for ARM templates", 2025).

use std::sync::Arc;

use palisade_document::{Content, Derived};

use super::deployment::at_runtime;
use super::{Function, lenient};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::Outcome;
use crate::scope::{Level, key_of};
use crate::value;

pub(super) const FUNCTIONS: &[Function] = &[
    lenient("deployer", 0, 0, deployer),
    lenient("managementGroup", 0, 0, management_group),
    lenient("resourceGroup", 0, 0, resource_group),
    lenient("subscription", 0, 0, subscription),
    lenient("tenant", 0, 0, tenant),
];

pub(super) fn unknown_location() -> Derived {
    Derived::unknown(
        "the region that the template is deployed to isn't known",
        "the region of the deployment",
    )
}

fn resource_group<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    _: &[Derived],
) -> Outcome {
    let target = &context.env.names.target;
    if target.level != Level::ResourceGroup {
        return Ok(Derived::unknown(
            "a deployment that doesn't go to a resource group has no `resourceGroup`",
            "a value in a parameter file",
        ));
    }
    let id = target.resource_group_id();
    let group = value::object([
        ("id", value::text(id.as_str())),
        ("name", value::text(Arc::clone(&target.resource_group))),
        ("type", value::text("Microsoft.Resources/resourceGroups")),
        ("location", location(evaluator, context, &id)),
    ]);
    Ok(value::with_rest(&group, &at_runtime("the resource group")))
}

/// The region of a resource group: the template may create it.
fn location<'d>(evaluator: &Evaluator<'d>, context: Context<'_, 'd>, group: &str) -> Derived {
    if let Some(declared) = evaluator.deployments.with_id(group)
        && let Ok(location) = evaluator.member(&evaluator.body(&declared), "location")
    {
        return location;
    }
    let scope = &evaluator.options.scope;
    let target = &context.env.names.target;
    let is_own = key_of(&target.subscription) == key_of(&scope.subscription)
        && key_of(&target.resource_group) == key_of(&scope.resource_group);
    match &scope.location {
        Some(location) if is_own => value::text(Arc::clone(location)),
        Some(_) => Derived::unknown(
            "the region of another resource group isn't known",
            "an export of the resource group",
        ),
        None => unknown_location(),
    }
}

fn subscription(evaluator: &Evaluator<'_>, context: Context<'_, '_>, _: &[Derived]) -> Outcome {
    let target = &context.env.names.target;
    let subscription = value::object([
        ("id", value::text(target.subscription_id())),
        (
            "subscriptionId",
            value::text(Arc::clone(&target.subscription)),
        ),
        (
            "tenantId",
            value::text(Arc::clone(&evaluator.options.scope.tenant)),
        ),
    ]);
    Ok(value::with_rest(
        &subscription,
        &at_runtime("the subscription"),
    ))
}

fn tenant(evaluator: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    let id = value::text(Arc::clone(&evaluator.options.scope.tenant));
    let tenant = value::object([("tenantId", id)]);
    Ok(value::with_rest(&tenant, &at_runtime("the tenant")))
}

fn management_group(_: &Evaluator<'_>, context: Context<'_, '_>, _: &[Derived]) -> Outcome {
    let target = &context.env.names.target;
    let group = value::object([
        ("id", value::text(target.management_group_id())),
        ("name", value::text(Arc::clone(&target.management_group))),
        ("type", value::text("Microsoft.Management/managementGroups")),
    ]);
    Ok(value::with_rest(
        &group,
        &at_runtime("the management group"),
    ))
}

fn deployer(evaluator: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    let id = value::text(Arc::clone(&evaluator.options.scope.tenant));
    let unknown = Derived::of(Content::Unknown {
        cause: "who deploys the template isn't known".into(),
        supply: "a value in a parameter file".into(),
    });
    let deployer = value::object([("tenantId", id)]);
    Ok(value::with_rest(&deployer, &unknown))
}
