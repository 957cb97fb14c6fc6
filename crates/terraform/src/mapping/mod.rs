//! From the attributes of a provider's resources to ARM bodies and Kubernetes objects. What
//! becomes of which attribute is data: the files in `tables/`.

mod apply;
mod body;
mod table;

pub(crate) use apply::{apply, embedded, json, leave_open, patch};
pub(crate) use body::Merging;
pub(crate) use table::{CHILD, Segment, Table};

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::identity;

/// The tables by subject, each file a part of Azure or of Kubernetes.
const FILES: [(&str, &str); 12] = [
    ("api_management", include_str!("tables/api_management.map")),
    (
        "application_gateway",
        include_str!("tables/application_gateway.map"),
    ),
    ("edge", include_str!("tables/edge.map")),
    ("firewall", include_str!("tables/firewall.map")),
    ("kubernetes", include_str!("tables/kubernetes.map")),
    (
        "kubernetes_cluster",
        include_str!("tables/kubernetes_cluster.map"),
    ),
    ("load_balancer", include_str!("tables/load_balancer.map")),
    ("monitor", include_str!("tables/monitor.map")),
    ("network", include_str!("tables/network.map")),
    ("policy", include_str!("tables/policy.map")),
    ("references", include_str!("tables/references.map")),
    ("watcher", include_str!("tables/watcher.map")),
];

struct Tables {
    tables: Vec<Table>,
    by_type: HashMap<&'static str, usize>,
    problems: Vec<String>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Vec::new();
    let mut problems = Vec::new();
    for (name, text) in FILES {
        match table::parse(text) {
            Ok(more) => tables.extend(more),
            Err(line) => problems.push(format!("tables/{name}.map:{line}")),
        }
    }
    let by_type = tables
        .iter()
        .enumerate()
        .flat_map(|(at, table)| table.types.iter().map(move |&name| (name, at)))
        .collect();
    Tables {
        tables,
        by_type,
        problems,
    }
});

/// The table of a resource type such as `azurerm_subnet`.
pub(crate) fn table(resource_type: &str) -> Option<&'static Table> {
    let tables = &*TABLES;
    let at = tables.by_type.get(resource_type)?;
    tables.tables.get(*at)
}

/// The resource types of the provider that have a table, each with the ARM type that it makes.
pub fn mapped_types() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let written = |table: &&Table| table.lines.iter().any(|line| line.path.is_some());
    for table in TABLES.tables.iter().filter(written) {
        let Some(template) = table.id else {
            continue;
        };
        let children = table
            .lines
            .iter()
            .filter_map(|line| match line.path.as_deref() {
                Some([Segment::Member(name)]) => name.strip_prefix(CHILD),
                _ => None,
            });
        let children = children.map(|child| format!("{template}/{child}"));
        for template in std::iter::once(template.to_owned()).chain(children) {
            let kind = identity::type_of_template(&template).unwrap_or_default();
            found.extend(table.types.iter().map(|&name| (name, kind.clone())));
        }
    }
    found
}

/// The attributes of every table as dotted paths, with the resource types that have them.
pub fn mapped_attributes() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for table in &TABLES.tables {
        for &name in &table.types {
            attributes(&table.lines, "", is_written, &mut |path| {
                found.push((name, path))
            });
        }
    }
    found
}

/// The same with what the tables name and leave out, of a block only the block.
pub fn known_attributes() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for table in &TABLES.tables {
        for &name in &table.types {
            attributes(&table.lines, "", |_| true, &mut |path| {
                found.push((name, path))
            });
        }
    }
    found
}

fn is_written(line: &table::Line) -> bool {
    line.path.is_some()
}

fn attributes(
    lines: &[table::Line],
    around: &str,
    is_asked: fn(&table::Line) -> bool,
    found: &mut dyn FnMut(String),
) {
    let asked = lines.iter().filter(|line| is_asked(line));
    for line in asked.filter(|line| line.attribute != "=") {
        let path = match (around, line.attribute) {
            (around, "@") => around.to_owned(),
            ("", attribute) => attribute.to_owned(),
            (around, attribute) => format!("{around}.{attribute}"),
        };
        match line.lines.as_slice() {
            [] => found(path),
            inner => attributes(inner, &path, is_asked, found),
        }
    }
}

/// The lines of tables that can't be read: none.
pub fn problems_of_tables() -> &'static [String] {
    &TABLES.problems
}
