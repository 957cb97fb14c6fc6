//! What modify and append make of a request, and what other definitions say about it then.

use jiff::Timestamp;
use palisade_policy::{Catalogue, Library, Plan, State, review};
use palisade_sources::{Deployment, File, Options, read_all};

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
const DDOS: &str = "Microsoft.Network/virtualNetworks/enableDdosProtection";

/// A definition that is assigned to the subscription, as it stands in an export.
fn assigned(name: &str, rule: &str, more: &str) -> String {
    let scope = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization");
    format!(
        r#"{{"id": "{scope}/policyDefinitions/{name}", "type": "Microsoft.Authorization/policyDefinitions",
            "name": "{name}", "properties": {{"displayName": "{name}", "mode": "All", "policyRule": {rule}}}}},
        {{"id": "{scope}/policyAssignments/{name}", "type": "Microsoft.Authorization/policyAssignments",
            "name": "{name}", "properties": {{"policyDefinitionId": "{scope}/policyDefinitions/{name}"{more}}}}}"#
    )
}

fn rule(condition: &str, then: &str) -> String {
    format!(
        r#"{{"if": {{"allOf": [{{"field": "type", "equals": "Microsoft.Network/virtualNetworks"}}, {condition}]}},
            "then": {then}}}"#
    )
}

fn modify(name: &str, condition: &str, operations: &str, more: &str) -> String {
    let then = format!(
        r#"{{"effect": "modify", "details": {{"roleDefinitionIds": []{more}, "operations": [{operations}]}}}}"#
    );
    assigned(name, &rule(condition, &then), "")
}

fn set(field: &str, value: &str) -> String {
    format!(r#"{{"operation": "addOrReplace", "field": "{field}", "value": {value}}}"#)
}

fn ask(name: &str, effect: &str, condition: &str) -> String {
    assigned(
        name,
        &rule(condition, &format!(r#"{{"effect": "{effect}"}}"#)),
        "",
    )
}

/// A comparison with a field.
fn field(name: &str, comparison: &str) -> String {
    format!(r#"{{"field": "{name}", {comparison}}}"#)
}

const ANY: &str = r#"{"field": "name", "exists": true}"#;

/// What definitions say about a network that a template deploys: definition, state, effect.
fn deployed(network: &str, definitions: &[String]) -> Vec<String> {
    let template = format!(
        r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "resources": [{{"type": "Microsoft.Network/virtualNetworks",
            "apiVersion": "2024-05-01", "name": "net", "location": "westeurope", {network}}}]}}"#
    );
    states(&[template, format!("[{}]", definitions.join(","))])
}

/// The same about one that exists.
fn existing(network: &str, definitions: &[String]) -> Vec<String> {
    let live = format!(
        r#"[{{"id": "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net",
            "type": "Microsoft.Network/virtualNetworks", "name": "net", "location": "westeurope", {network}}}]"#
    );
    states(&[live, format!("[{}]", definitions.join(","))])
}

fn states(texts: &[String]) -> Vec<String> {
    let load = |at: &usize| {
        Ok(File {
            path: format!("{at}.json"),
            bytes: texts[*at].clone().into_bytes(),
        })
    };
    let options = Options {
        assume_complete: true,
        deployment: Deployment {
            subscription: Some(SUBSCRIPTION.to_owned()),
            resource_group: Some("rg".to_owned()),
            location: None,
        },
        ..Options::default()
    };
    let input = read_all(&[0, 1], load, options);
    assert_eq!(input.diagnostics, []);
    let plan = Plan::of_assignments(&input.estate, &Library::read(&input.estate));
    assert!(plan.remarks.is_empty() && plan.missing.is_empty());
    let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    let review = review(&input.estate, plan, &Catalogue::built_in(), now);
    let rows = review.rows.iter().map(|row| {
        let cause = match &row.state {
            State::Unknown(unknown) => format!(" {}", unknown.cause),
            State::NotEvaluated(why) => format!(" {why}"),
            State::NonCompliant(fired) => {
                let conflict = if fired.is_in_conflict {
                    " in conflict"
                } else {
                    ""
                };
                format!(" {}{conflict}", fired.effect)
            }
            _ => String::new(),
        };
        let title = &review.titles[review.planned[row.planned].rule];
        format!("{title} {}{cause}", row.state.word())
    });
    // In the order of the definitions, which an estate doesn't keep.
    let mut rows: Vec<String> = rows.collect();
    rows.sort_by_key(|row| {
        let name = row.split(' ').next().unwrap_or_default();
        texts[1].find(&format!("\"{name}\""))
    });
    rows
}

#[test]
fn what_a_modify_mends_is_not_denied() {
    let off = field(DDOS, r#""notEquals": true"#);
    let definitions = [
        modify("mend", &off, &set(DDOS, "true"), ""),
        ask("deny", "deny", &off),
    ];
    let network = r#""properties": {"enableDdosProtection": false}"#;
    assert_eq!(
        deployed(network, &definitions),
        ["mend compliant", "deny compliant"]
    );
    // What exists is marked and left as it is.
    assert_eq!(
        existing(network, &definitions),
        ["mend non-compliant Modify", "deny non-compliant Deny"]
    );
    let then = format!(
        r#"{{"effect": "modify", "details": {{"roleDefinitionIds": [], "operations": [{}]}}}}"#,
        set(DDOS, "true")
    );
    let only_reports = assigned(
        "mend",
        &rule(&off, &then),
        r#", "enforcementMode": "DoNotEnforce""#,
    );
    assert_eq!(
        deployed(network, &[only_reports, ask("deny", "deny", &off)]),
        ["mend non-compliant Modify", "deny non-compliant Deny"]
    );
}

#[test]
fn tags_are_added_replaced_and_removed() {
    let operations = r#"{"operation": "add", "field": "tags['Owner']", "value": "us"},
        {"operation": "addOrReplace", "field": "tags['stage']", "value": "prod"},
        {"operation": "remove", "field": "tags.temporary"}"#;
    let is = |name: &str, tag: &str, value: &str| {
        ask(
            name,
            "audit",
            &field(
                &format!("tags['{tag}']"),
                &format!(r#""equals": "{value}""#),
            ),
        )
    };
    let definitions = [
        modify(
            "tag",
            &field("tags['done']", r#""exists": false"#),
            operations,
            "",
        ),
        is("ours", "owner", "us"),
        is("theirs", "owner", "them"),
        is("staged", "stage", "prod"),
        ask(
            "temporary",
            "audit",
            &field("tags['temporary']", r#""exists": true"#),
        ),
    ];
    let bare = deployed(r#""properties": {}"#, &definitions);
    assert_eq!(
        bare[1..],
        [
            "ours non-compliant Audit",
            "theirs compliant",
            "staged non-compliant Audit",
            "temporary compliant"
        ]
    );
    let tagged =
        r#""tags": {"OWNER": "them", "stage": "test", "temporary": "yes"}, "properties": {}"#;
    let tagged = deployed(tagged, &definitions);
    assert_eq!(
        tagged[1..],
        [
            "ours compliant",
            "theirs non-compliant Audit",
            "staged non-compliant Audit",
            "temporary compliant"
        ]
    );
}

#[test]
fn two_changes_of_one_setting_are_in_conflict() {
    let change = |name: &str, value: &str, effect: &str| {
        let more = format!(r#", "conflictEffect": "{effect}""#);
        modify(name, ANY, &set(DDOS, value), &more)
    };
    let is_on = ask("on", "audit", &field(DDOS, r#""equals": true"#));
    let network = r#""properties": {}"#;
    let of = |one: &str, other: &str| {
        let definitions = [
            change("yes", "true", one),
            change("no", "false", other),
            is_on.clone(),
        ];
        deployed(network, &definitions)
    };
    assert_eq!(
        of("deny", "deny"),
        [
            "yes non-compliant Deny in conflict",
            "no non-compliant Deny in conflict",
            "on compliant"
        ]
    );
    // The one that insists wins.
    assert_eq!(of("deny", "audit")[2], "on non-compliant Audit");
    assert_eq!(of("audit", "deny")[2], "on compliant");
    // Of two that give way neither is carried out.
    assert_eq!(of("audit", "audit")[2], "on compliant");
    let same = [
        change("yes", "true", "deny"),
        change("too", "true", "deny"),
        is_on.clone(),
    ];
    assert_eq!(deployed(network, &same)[2], "on non-compliant Audit");
    let live = [change("yes", "true", "deny"), change("no", "false", "deny")];
    assert_eq!(
        existing(network, &live),
        [
            "yes non-compliant Modify in conflict",
            "no non-compliant Modify in conflict"
        ]
    );
}

#[test]
fn an_append_adds_and_never_overrides() {
    let append = |field: &str, value: &str| {
        let then = format!(
            r#"{{"effect": "append", "details": [{{"field": "{field}", "value": {value}}}]}}"#
        );
        assigned("append", &rule(ANY, &then), "")
    };
    let on = ask("on", "audit", &field(DDOS, r#""equals": true"#));
    let of = |network: &str| deployed(network, &[append(DDOS, "true"), on.clone()]);
    assert_eq!(of(r#""properties": {}"#)[1], "on non-compliant Audit");
    let refused = of(r#""properties": {"enableDdosProtection": false}"#);
    assert_eq!(refused, ["append non-compliant Deny", "on compliant"]);
    let list = "Microsoft.Network/virtualNetworks/dhcpOptions.dnsServers[*]";
    let several = format!(r#"{{"count": {{"field": "{list}"}}, "equals": 2}}"#);
    let definitions = [append(list, r#""10.0.0.4""#), ask("two", "audit", &several)];
    let one = r#""properties": {"dhcpOptions": {"dnsServers": ["10.0.0.5"]}}"#;
    assert_eq!(deployed(one, &definitions)[1], "two non-compliant Audit");
    let empty = r#""properties": {"dhcpOptions": {"dnsServers": []}}"#;
    assert_eq!(deployed(empty, &definitions)[1], "two compliant");
}

#[test]
fn every_item_of_a_list_is_changed() {
    let item = "Microsoft.Network/virtualNetworks/subnets[*].defaultOutboundAccess";
    let open = format!(
        r#"{{"count": {{"field": "Microsoft.Network/virtualNetworks/subnets[*]", "where":
            {{"field": "{item}", "notEquals": false}}}}, "greater": 0}}"#
    );
    let definitions = [
        modify("close", &open, &set(item, "false"), ""),
        ask("open", "deny", &open),
    ];
    let network = r#""properties": {"subnets": [{"name": "a", "properties": {}},
        {"name": "b", "properties": {"defaultOutboundAccess": true}}]}"#;
    assert_eq!(
        deployed(network, &definitions),
        ["close compliant", "open compliant"]
    );
}

#[test]
fn an_operation_may_have_a_condition_of_its_own() {
    let with = |condition: &str| {
        let operation = format!(
            r#"{{"operation": "addOrReplace", "field": "{DDOS}", "value": true, "condition": "{condition}"}}"#
        );
        let definitions = [
            modify("if", ANY, &operation, ""),
            ask("off", "deny", &field(DDOS, r#""notEquals": true"#)),
        ];
        deployed(r#""properties": {}"#, &definitions).remove(1)
    };
    assert_eq!(with("[equals(1, 1)]"), "off compliant");
    assert_eq!(with("[equals(1, 2)]"), "off non-compliant Deny");
    assert_eq!(
        with("[greaterOrEquals(requestContext().apiVersion, '2019-01-01')]"),
        "off unknown the definition asks for `requestcontext().apiversion`, which an input doesn't tell"
    );
}

/// Azure may leave a setting out whose parent isn't in the request.
#[test]
fn a_setting_below_one_that_is_missing_is_not_certain() {
    let id = "Microsoft.Network/virtualNetworks/ddosProtectionPlan.id";
    let definitions = [
        modify("plan", ANY, &set(id, r#""/plan""#), ""),
        ask("none", "deny", &field(id, r#""exists": false"#)),
    ];
    let none = deployed(r#""properties": {}"#, &definitions);
    assert!(
        none[1].starts_with("none unknown whether a modify adds it isn't certain"),
        "{none:?}"
    );
    let there = deployed(r#""properties": {"ddosProtectionPlan": {}}"#, &definitions);
    assert_eq!(there[1], "none compliant");
}
