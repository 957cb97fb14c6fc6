//! Configurations without a plan, read as far as they are static: literals, variables with a
//! default or a value in a file, locals, functions, references between resources, `count` and
//! `for_each` over what is known, and modules whose files are there. The rest is unknown.

mod comments;
mod evaluate;
mod files;
mod functions;
mod json;
mod module;
mod native;
mod networks;
mod operators;
mod provider;
mod resource;
mod syntax;
mod types;

use std::collections::{BTreeMap, HashMap};

pub use comments::comments;

use crate::Source;
use crate::identity::Scope;
use crate::reading::{self, Instance, Reading};
use module::{Folder, Modules};
use palisade_document::{Derived, Provenance};

/// Reads the configurations among files: each folder with `.tf` files that no other folder
/// calls as a module is one. Those of the files named in `plans` are left to these, which say
/// more.
pub fn read_configuration(files: &[Source<'_>], plans: &[&str], scope: &Scope) -> Reading {
    let mut reading = Reading::default();
    let folders = files::read(files, &mut reading.diagnostics);
    let mut instances = Vec::new();
    let planned: Vec<_> = plans.iter().map(|plan| files::folder_of(plan)).collect();
    for root in files::roots(&folders) {
        if planned.iter().any(|planned| planned == root) {
            continue;
        }
        instances.extend(declared(&folders, root, scope, &mut reading.left_aside));
    }
    reading::assemble(&instances, &mut reading);
    reading
}

/// The resources of the configuration whose root is a folder.
fn declared(
    folders: &BTreeMap<String, Folder>,
    root: &str,
    scope: &Scope,
    left_aside: &mut Vec<(String, String)>,
) -> Vec<Instance> {
    let Some(folder) = folders.get(root) else {
        return Vec::new();
    };
    let mut modules = Modules::new(folders, (root, folder), scope.subscription.as_deref());
    let declared = modules.resources(left_aside);
    let made = declared.into_iter().map(|one| {
        let attributes = modules.attributes(one.block, &one.scene);
        let host = modules.host(one.block, &one, &attributes);
        Instance {
            id: modules.id(one.block, &one.scene),
            host,
            resource_type: one.block.labels[0].clone(),
            source: evaluate::at(one.block.place),
            address: one.address,
            doubt: one.doubt,
            attributes,
        }
    });
    made.collect()
}

/// A resource as the files beside a plan describe it.
pub(crate) struct Described {
    pub(crate) attributes: Derived,
    /// The place of the block.
    pub(crate) source: Provenance,
}

/// The resources of the configuration in the folder of a plan, by address.
pub(crate) fn beside_plan(
    plan: &str,
    files: &[Source<'_>],
    scope: &Scope,
    reading: &mut Reading,
) -> HashMap<String, Described> {
    let folders = files::read(files, &mut reading.diagnostics);
    let mut ignored = Vec::new();
    let declared = declared(&folders, &files::folder_of(plan), scope, &mut ignored);
    let described = declared.into_iter().map(|one| {
        let described = Described {
            attributes: one.attributes,
            source: one.source,
        };
        (one.address, described)
    });
    described.collect()
}
