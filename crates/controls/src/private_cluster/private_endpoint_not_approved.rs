use palisade_document::Value;
use palisade_estate::azure::PrivateEndpoint;
use palisade_estate::{Field, Settings, Unknown};

use crate::{Confidence, Context, Control, Findings, Framework, Recommendation, Severity};

pub(super) static CONTROL: Control = Control {
    code: "PC011",
    name: "private-endpoint-not-approved",
    title: "each private endpoint is joined to its service",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-2")],
    parameters: &[],
    page: include_str!("private_endpoint_not_approved.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    findings.each(context.estate.all::<PrivateEndpoint<'_>>(), judge);
}

fn judge(endpoint: &PrivateEndpoint<'_>, findings: &mut Findings) -> Result<(), Unknown> {
    let connections = endpoint.connections()?;
    let mut states = Vec::new();
    for connection in &connections {
        states.push((status(endpoint, connection)?, service(connection)));
    }
    let refused = states
        .iter()
        .find(|((status, _), _)| !status.eq_ignore_ascii_case("approved"));
    match (refused, states.first()) {
        (Some(((status, at), service)), _) => {
            findings
                .fail(
                    **endpoint,
                    format!(
                        "the connection to {service} is {status}, so the \
                         endpoint carries no packets"
                    ),
                )
                .at(*at, "")
                .help(
                    "az network private-endpoint-connection approve --id CONNECTION_ID, \
                     or delete the endpoint",
                );
        }
        (None, Some(((_, at), service))) => {
            findings
                .pass(
                    **endpoint,
                    format!("the connection to {service} is approved"),
                )
                .at(*at, "");
        }
        (None, None) => {
            return Err(Unknown::because(
                "the endpoint's body names no connection",
                format!("az network private-endpoint show --ids {}", endpoint.id()),
            ));
        }
    }
    Ok(())
}

fn status<'e>(
    endpoint: &PrivateEndpoint<'e>,
    connection: &Settings<'e>,
) -> Result<(&'e str, Value<'e>), Unknown> {
    match connection.text("privateLinkServiceConnectionState.status") {
        Field::Present(status, at) => Ok((status, at)),
        Field::Unknown(unknown) => Err(unknown),
        Field::Absent(_) => Err(Unknown::because(
            format!("the connection `{}` tells no state", connection.name()),
            format!("az network private-endpoint show --ids {}", endpoint.id()),
        )),
    }
}

/// The service's name, for people.
fn service(connection: &Settings<'_>) -> String {
    match connection.reference("privateLinkServiceId") {
        Field::Present(id, _) => format!("`{}`", id.name()),
        _ => "its service".to_owned(),
    }
}
