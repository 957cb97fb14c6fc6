//! What assignments, initiatives and exemptions make of an estate.

use jiff::Timestamp;
use palisade_policy::{Catalogue, Library, Plan, State, review};
use palisade_sources::{File, read_all};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";
const RANGES: &str = "0e246bcf-5f6f-4f87-bc6f-775d4712c7ea";

fn cluster(name: &str, location: &str, profile: &str) -> String {
    format!(
        r#"{{"id": "{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/{name}",
            "type": "Microsoft.ContainerService/managedClusters", "name": "{name}",
            "location": "{location}", "properties": {{"apiServerAccessProfile": {profile}}}}}"#
    )
}

fn assignment(scope: &str, name: &str, definition: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{scope}/providers/Microsoft.Authorization/policyAssignments/{name}",
            "type": "Microsoft.Authorization/policyAssignments", "name": "{name}", "properties":
            {{"policyDefinitionId": "{definition}"{more}}}}}"#
    )
}

fn built_in(name: &str) -> String {
    format!("/providers/Microsoft.Authorization/policyDefinitions/{name}")
}

/// The states of an estate, one a line: definition, resource, state with its cause.
fn states(resources: &[String]) -> Vec<String> {
    let text = format!("[{}]", resources.join(","));
    let load = |_: &()| {
        Ok(File {
            path: "estate.json".to_owned(),
            bytes: text.clone().into_bytes(),
        })
    };
    let input = read_all(&[()], load, false);
    assert!(input.diagnostics.is_empty(), "{:?}", input.diagnostics);
    let library = Library::read(&input.estate);
    let plan = Plan::of_assignments(&input.estate, &library);
    let missing: Vec<_> = plan
        .missing
        .iter()
        .map(|m| format!("! {}", m.why.cause))
        .collect();
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let review = review(&input.estate, plan, &Catalogue::built_in(), now);
    let rows = review.rows.iter().map(|row| {
        let target = review.targets[row.target].id.name();
        let cause = match &row.state {
            State::Unknown(unknown) => format!(" {}", unknown.cause),
            State::NotEvaluated(why) => format!(" {why}"),
            State::NonCompliant(fired) | State::Exempt(fired) => format!(" {}", fired.effect),
            _ => String::new(),
        };
        format!("{target} {}{cause}", row.state.word())
    });
    rows.chain(missing).collect()
}

fn open() -> String {
    cluster("open", "westeurope", "{}")
}

fn closed() -> String {
    cluster(
        "closed",
        "northeurope",
        r#"{"authorizedIPRanges": ["192.0.2.0/24"]}"#,
    )
}

#[test]
fn an_assignment_is_about_what_its_scope_holds() {
    let all = assignment(SUBSCRIPTION, "a", &built_in(RANGES), "");
    assert_eq!(
        states(&[open(), closed(), all]),
        ["open non-compliant Audit", "closed compliant"]
    );
    let elsewhere = assignment("/subscriptions/x", "a", &built_in(RANGES), "");
    assert!(states(&[open(), elsewhere]).is_empty());
    let group = format!("{SUBSCRIPTION}/resourceGroups/RG");
    let excluded = format!(r#", "notScopes": ["{group}"]"#);
    let but = assignment(SUBSCRIPTION, "a", &built_in(RANGES), &excluded);
    assert!(states(&[open(), but]).is_empty());
    let only = assignment(&group, "a", &built_in(RANGES), "");
    assert_eq!(states(&[open(), only]), ["open non-compliant Audit"]);
}

#[test]
fn a_management_group_is_above_what_the_input_says() {
    let group = "/providers/Microsoft.Management/managementGroups/corp";
    let above = assignment(group, "a", &built_in(RANGES), "");
    let unknown = "open unknown whether `00000000-0000-0000-0000-000000000001` is below the management group `corp` isn't in the input";
    assert_eq!(states(&[open(), above.clone()]), [unknown]);
    let hierarchy = |name: &str, child: &str| {
        format!(
            r#"{{"id": "/providers/Microsoft.Management/managementGroups/{name}", "name": "{name}",
                "type": "Microsoft.Management/managementGroups", "properties": {{"displayName": "x",
                "details": {{"version": 1}}, "children": [{{"id": "{child}"}}]}}}}"#
        )
    };
    let holds = hierarchy("corp", SUBSCRIPTION);
    assert_eq!(
        states(&[open(), above.clone(), holds]),
        ["open non-compliant Audit"]
    );
    let other = hierarchy("other", SUBSCRIPTION);
    assert!(states(&[open(), above, other]).is_empty());
}

#[test]
fn selectors_and_overrides_limit_an_assignment() {
    let only = r#", "resourceSelectors": [{"selectors":
        [{"kind": "resourceLocation", "in": ["North Europe"]}]}]"#;
    let selected = assignment(SUBSCRIPTION, "a", &built_in(RANGES), only);
    assert_eq!(states(&[open(), closed(), selected]), ["closed compliant"]);
    let off = r#", "overrides": [{"kind": "policyEffect", "value": "disabled", "selectors":
        [{"kind": "resourceLocation", "in": ["westeurope"]}]}]"#;
    let overridden = assignment(SUBSCRIPTION, "a", &built_in(RANGES), off);
    assert_eq!(
        states(&[open(), closed(), overridden]),
        ["closed compliant"]
    );
    let who =
        r#", "resourceSelectors": [{"selectors": [{"kind": "userPrincipalId", "in": ["x"]}]}]"#;
    let depends = assignment(SUBSCRIPTION, "a", &built_in(RANGES), who);
    let line = "open unknown a selector of kind `userPrincipalId` depends on who sends the request";
    assert_eq!(states(&[open(), depends]), [line]);
}

#[test]
fn an_exemption_holds_until_its_end() {
    let all = assignment(SUBSCRIPTION, "a", &built_in(RANGES), "");
    let exemption = |end: &str| {
        format!(
            r#"{{"id": "{SUBSCRIPTION}/providers/Microsoft.Authorization/policyExemptions/e",
                "type": "Microsoft.Authorization/policyExemptions", "name": "e", "properties":
                {{"policyAssignmentId": "{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/A",
                "exemptionCategory": "Waiver"{end}}}}}"#
        )
    };
    let on = |end: &str| states(&[open(), all.clone(), exemption(end)]);
    assert_eq!(on(""), ["open exempt Audit"]);
    assert_eq!(
        on(r#", "expiresOn": "2027-01-01T00:00:00Z""#),
        ["open exempt Audit"]
    );
    assert_eq!(
        on(r#", "expiresOn": "2026-11-23T12:00:00Z""#),
        ["open non-compliant Audit"]
    );
    assert_eq!(
        on(r#", "expiresOn": "2026-01-01""#),
        ["open non-compliant Audit"]
    );
    assert_eq!(on(r#", "expiresOn": "soon""#), ["open non-compliant Audit"]);
}

#[test]
fn an_initiative_passes_its_parameters_on() {
    let initiative = format!(
        r#"{{"id": "{SUBSCRIPTION}/providers/Microsoft.Authorization/policySetDefinitions/i",
            "type": "Microsoft.Authorization/policySetDefinitions", "name": "i", "properties":
            {{"parameters": {{"on": {{"type": "String", "defaultValue": "Audit"}}}},
            "policyDefinitions": [
                {{"policyDefinitionId": "{}", "policyDefinitionReferenceId": "ranges",
                    "parameters": {{"effect": {{"value": "[parameters('ON')]"}}}}}},
                {{"policyDefinitionId": "{}", "policyDefinitionReferenceId": "unheard"}}]}}}}"#,
        built_in(RANGES),
        built_in("11111111-1111-1111-1111-111111111111"),
    );
    let id = format!("{SUBSCRIPTION}/providers/Microsoft.Authorization/policySetDefinitions/i");
    let missing = "! the definition `11111111-1111-1111-1111-111111111111` isn't in the input";
    let plain = assignment(SUBSCRIPTION, "a", &id, "");
    let lines = states(&[open(), initiative.clone(), plain]);
    assert_eq!(lines, ["open non-compliant Audit", missing]);
    let off = r#", "parameters": {"on": {"value": "Disabled"}}"#;
    let off = assignment(SUBSCRIPTION, "a", &id, off);
    assert_eq!(states(&[open(), initiative.clone(), off]), [missing]);
    let one = r#", "overrides": [{"kind": "policyEffect", "value": "disabled", "selectors":
        [{"kind": "policyDefinitionReferenceId", "in": ["RANGES"]}]}]"#;
    let one = assignment(SUBSCRIPTION, "a", &id, one);
    assert_eq!(states(&[open(), initiative.clone(), one]), [missing]);
    let odd = r#", "parameters": {"on": {"value": 5}}"#;
    let odd = assignment(SUBSCRIPTION, "a", &id, odd);
    assert_eq!(
        states(&[open(), initiative, odd]),
        [
            "open unknown parameter `on` must be of type String",
            missing
        ]
    );
}

#[test]
fn what_is_refused_as_a_parameter_gives_no_verdict() {
    let wrong = r#", "parameters": {"effect": {"value": "Deny"}}"#;
    let wrong = assignment(SUBSCRIPTION, "a", &built_in(RANGES), wrong);
    assert_eq!(
        states(&[open(), wrong]),
        ["open unknown parameter `effect` must be one of Audit, Disabled"]
    );
}

/// Azure asks only for type, name and kind to know whether a definition is about a resource.
#[test]
fn what_a_definition_isnt_about_has_no_state() {
    let network = format!(
        r#"{{"id": "{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/n",
            "type": "Microsoft.Network/virtualNetworks", "name": "n", "location": "westeurope",
            "properties": {{}}}}"#
    );
    let all = assignment(SUBSCRIPTION, "a", &built_in(RANGES), "");
    assert!(states(&[network, all]).is_empty());
}

/// A missing diagnostic setting may only not have been exported.
#[test]
fn what_is_related_may_be_outside_the_input() {
    let watcher = "b6e2945c-0b7b-40f5-9233-7a5323b5cdc6";
    let network = format!(
        r#"{{"id": "{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/n",
            "type": "Microsoft.Network/virtualNetworks", "name": "n", "location": "westeurope",
            "properties": {{}}}}"#
    );
    let watch = |region: &str| {
        format!(
            r#"{{"id": "{SUBSCRIPTION}/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/{region}",
                "type": "Microsoft.Network/networkWatchers", "name": "{region}", "location": "{region}",
                "properties": {{"provisioningState": "Succeeded"}}}}"#
        )
    };
    let all = assignment(SUBSCRIPTION, "a", &built_in(watcher), "");
    let lines = states(&[network.clone(), all.clone()]);
    assert!(
        lines[0].starts_with("n unknown the input doesn't hold"),
        "{lines:?}"
    );
    let here = states(&[
        network.clone(),
        watch("northeurope"),
        watch("westeurope"),
        all.clone(),
    ]);
    assert_eq!(here, ["n compliant"]);
    let lines = states(&[network, watch("northeurope"), all]);
    assert_eq!(lines, ["n non-compliant AuditIfNotExists"]);
}

/// Definitions about objects are asked of those of the cluster that the assignment covers.
#[test]
fn the_objects_of_a_cluster_are_asked_too() {
    let external = "d46c275d-1680-448d-b2ec-e495a3b6cc89";
    let service = |name: &str, namespace: &str, address: &str| {
        format!(
            r#"{{"apiVersion": "v1", "kind": "Service", "metadata": {{"name": "{name}", "namespace":
                "{namespace}"}}, "spec": {{"externalIPs": [{address}], "ports": [{{"port": 443}}]}}}}"#
        )
    };
    let all = assignment(SUBSCRIPTION, "a", &built_in(external), "");
    let lines = states(&[
        open(),
        service("shop", "shop", r#""192.0.2.1""#),
        service("quiet", "shop", ""),
        service("dns", "kube-system", r#""192.0.2.1""#),
        all.clone(),
    ]);
    assert_eq!(lines, ["open non-compliant Audit", "open compliant"]);
    let allowed = r#", "parameters": {"allowedExternalIPs": {"value": ["192.0.2.1"]}}"#;
    let allowed = assignment(SUBSCRIPTION, "a", &built_in(external), allowed);
    let lines = states(&[open(), service("shop", "shop", r#""192.0.2.1""#), allowed]);
    assert_eq!(lines, ["open compliant"]);
    let unseen = "open unknown the input holds no objects of `open`";
    assert_eq!(states(&[open(), all]), [unseen]);
}
