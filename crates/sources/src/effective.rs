//! Azure's answers about one network interface: its effective security rules and routes, as
//! `az network nic list-effective-nsg` and `show-effective-route-table` print them.

use palisade_document::{Kind, Value};
use palisade_estate::azure::{EffectiveRouteTable, EffectiveSecurityGroup, Subnet};
use palisade_estate::{Estate, FoundResource, ResourceId};

use crate::NotUnderstood;
use crate::recognition::Found;

/// Takes in an answer, and says whether the value was one. Neither has an id of its own: it gets
/// one with the path of its file.
pub(crate) fn take(value: Value<'_>, path: &str, found: &mut Found) -> bool {
    let list = value.get_ignore_case("value");
    let Some(list) = list.filter(|list| list.items().len() > 0) else {
        return false;
    };
    if list.items().all(is_group) {
        for (number, group) in list.items().enumerate() {
            add(
                "effectiveNetworkSecurityGroups",
                &format!("{path}#{number}"),
                group,
                found,
            );
        }
        return true;
    }
    let is_table = list.items().all(is_route);
    if is_table {
        add("effectiveRouteTables", path, value, found);
    }
    is_table
}

fn is_group(value: Value<'_>) -> bool {
    value.get_ignore_case("effectiveSecurityRules").is_some()
}

/// Its `addressPrefix` is a list, that of a route of a table is not.
fn is_route(value: Value<'_>) -> bool {
    let prefixes = value.get_ignore_case("addressPrefix");
    prefixes.is_some_and(|prefixes| prefixes.kind() == Kind::Array)
        && value.get_ignore_case("nextHopType").is_some()
}

fn add(kind: &str, path: &str, value: Value<'_>, found: &mut Found) {
    let name = path.replace('/', ":");
    let id = ResourceId::parse(&format!("/providers/Microsoft.Network/{kind}/{name}"));
    match id {
        Some(id) => found.resources.push(FoundResource {
            id,
            node: value.node(),
            is_embedded: false,
            is_partial: false,
            doubt: None,
        }),
        None => {
            found.leave("effective rules or routes in a file with control characters in its name")
        }
    }
}

/// The answers of which it isn't known at which subnet they hold, so that nothing comes of them.
pub(crate) fn unplaced(estate: &Estate) -> Vec<NotUnderstood> {
    let left = |value: Value<'_>, reason: &str| NotUnderstood {
        path: value.document().text().path().to_owned(),
        reason: reason.to_owned(),
    };
    let groups = estate.all::<EffectiveSecurityGroup<'_>>();
    let groups = groups.filter(|group| group.subnet_ids().is_empty());
    let groups = groups.map(|group| {
        left(
            group.value(),
            "effective security rules of a network interface that isn't in the input; add what `az network nic list` prints",
        )
    });
    let tables = estate.all::<EffectiveRouteTable<'_>>();
    let is_placed = |table: &EffectiveRouteTable<'_>| {
        let mut subnets = estate.all::<Subnet<'_>>();
        subnets.any(|subnet| table.is_of(&subnet))
    };
    let tables = tables.filter(|table| !is_placed(table)).map(|table| {
        left(
            table.value(),
            "effective routes that don't say of what; name the file as the network interface, or NETWORK.SUBNET.json",
        )
    });
    groups.chain(tables).collect()
}
