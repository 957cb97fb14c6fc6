//! The deployment and what it declares (Microsoft Learn, "Deployment functions for ARM
//! templates", 2025).

use palisade_document::Derived;

use super::{Function, joining, lenient, text_of};
use crate::environment::Context;
use crate::evaluator::Evaluator;
use crate::fault::Outcome;
use crate::scope::Level;
use crate::{declarations, value};

pub(super) const FUNCTIONS: &[Function] = &[
    lenient("deployment", 0, 0, deployment),
    lenient("environment", 0, 0, environment),
    joining("parameters", 1, 1, parameters),
    joining("variables", 1, 1, variables),
];

fn parameters<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    values: &[Derived],
) -> Outcome {
    declarations::parameter(evaluator, context, text_of(values, 0)?)
}

fn variables<'d>(
    evaluator: &Evaluator<'d>,
    context: Context<'_, 'd>,
    values: &[Derived],
) -> Outcome {
    declarations::variable(evaluator, context, text_of(values, 0)?)
}

/// What isn't known before the deployment about a thing of Azure's.
pub(super) fn at_runtime(what: &str) -> Derived {
    Derived::unknown(
        format!("Azure says this about {what} only when the template is deployed"),
        format!("an export of {what}"),
    )
}

fn deployment(evaluator: &Evaluator<'_>, context: Context<'_, '_>, _: &[Derived]) -> Outcome {
    let names = &context.env.names;
    let path = names.template.document().text().path().replace('\\', "/");
    let link = value::object([
        ("uri", value::text(format!("file:///{path}"))),
        ("relativePath", value::text(path)),
    ]);
    let location = match &evaluator.options.scope.location {
        Some(location) => value::text(location.clone()),
        None => super::scope::unknown_location(),
    };
    let properties = value::object([("templateLink", link), ("mode", value::text("Incremental"))]);
    let mut members = vec![
        (value::text("name"), names.deployment_name.clone()),
        (value::text("properties"), properties),
    ];
    if names.target.level != Level::ResourceGroup {
        members.push((value::text("location"), location));
    }
    let deployment = Derived::object(members);
    Ok(value::with_rest(&deployment, &at_runtime("the deployment")))
}

/// The public cloud's addresses.
fn environment(_: &Evaluator<'_>, _: Context<'_, '_>, _: &[Derived]) -> Outcome {
    let text = |text: &str| value::text(text);
    let audiences = [
        "https://management.core.windows.net/",
        "https://management.azure.com/",
    ];
    let authentication = value::object([
        ("loginEndpoint", text("https://login.microsoftonline.com/")),
        ("audiences", Derived::array(audiences.map(text).into())),
        ("tenant", text("common")),
        ("identityProvider", text("AAD")),
    ]);
    let suffixes = value::object([
        ("acrLoginServer", text(".azurecr.io")),
        (
            "azureDatalakeAnalyticsCatalogAndJob",
            text("azuredatalakeanalytics.net"),
        ),
        (
            "azureDatalakeStoreFileSystem",
            text("azuredatalakestore.net"),
        ),
        ("azureFrontDoorEndpointSuffix", text("azurefd.net")),
        ("keyvaultDns", text(".vault.azure.net")),
        ("sqlServerHostname", text(".database.windows.net")),
        ("storage", text("core.windows.net")),
    ]);
    let environment = value::object([
        ("name", text("AzureCloud")),
        ("resourceManager", text("https://management.azure.com/")),
        ("portal", text("https://portal.azure.com")),
        ("gallery", text("https://gallery.azure.com/")),
        ("graph", text("https://graph.windows.net/")),
        ("graphAudience", text("https://graph.windows.net/")),
        ("batch", text("https://batch.core.windows.net/")),
        ("media", text("https://rest.media.azure.net")),
        (
            "sqlManagement",
            text("https://management.core.windows.net:8443/"),
        ),
        (
            "activeDirectoryDataLake",
            text("https://datalake.azure.net/"),
        ),
        ("authentication", authentication),
        ("suffixes", suffixes),
    ]);
    Ok(value::with_rest(&environment, &at_runtime("the cloud")))
}
