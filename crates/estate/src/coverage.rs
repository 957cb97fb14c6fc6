//! How far the input can be trusted to hold everything of a kind.

use palisade_document::{Diagnostic, Value};

use crate::azure::{DiagnosticSetting, DiagnosticSettingsCategory};
use crate::{Estate, ResourceId, View};

/// Whether the absence of something from the input means that it doesn't exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// A snapshot or the user says that the input holds everything in the scope.
    Complete,
    /// The input holds some of the kind in the scope, so that the listing it came from is taken
    /// to be whole. A finding that leans on it says so.
    Assumed,
    /// The input holds nothing of the kind in the scope: it may not have been asked for.
    Unseen,
}

impl Coverage {
    /// The coverage of two things together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Unseen, _) | (_, Self::Unseen) => Self::Unseen,
            (Self::Assumed, _) | (_, Self::Assumed) => Self::Assumed,
            (Self::Complete, Self::Complete) => Self::Complete,
        }
    }
}

/// The extensions that Azure lists for one resource at a time. It lists others, such as policy
/// assignments, for a subscription with all that is in it.
const LISTED_PER_RESOURCE: [&str; 2] = [DiagnosticSetting::TYPE, DiagnosticSettingsCategory::TYPE];

/// Whether Azure lists a type parent by parent: `provider/type/subtype`, or one of the above.
fn is_listed_by_parent(resource_type: &str) -> bool {
    resource_type.matches('/').count() > 1 || LISTED_PER_RESOURCE.contains(&resource_type)
}

impl Estate {
    /// Whether the input holds every resource of a type that `scope` may have to do with.
    ///
    /// Azure lists children and diagnostic settings parent by parent. Of them `scope` is the
    /// parent, and without anybody's word for it they are assumed to be all here if one is:
    /// those of its neighbours tell nothing. Other types are listed for a subscription, and
    /// what concerns a resource may lie in any group of it. So of them the scope is the whole
    /// subscription of `scope`, and one of them anywhere in it is enough.
    ///
    /// A resource that a template or a plan creates has no children but those that it creates
    /// too: they are all here. Extensions may come from elsewhere, as diagnostic settings do from
    /// a policy, so of them that is an assumption. About what isn't below a resource of its own a
    /// template says nothing: that it creates one alert doesn't mean that there are no others.
    /// Where a child is created whose parent isn't known, it may be the child of any.
    pub fn coverage<'e, V: View<'e>>(&'e self, scope: &ResourceId) -> Coverage {
        self.coverage_of(V::TYPE, scope)
    }

    /// The same for a type that is known by its name only, in lower case.
    pub fn coverage_of(&self, resource_type: &str, scope: &ResourceId) -> Coverage {
        let is_listed_by_parent = is_listed_by_parent(resource_type);
        let subscription = scope.subscription_scope().filter(|_| !is_listed_by_parent);
        let scope = subscription.as_ref().unwrap_or(scope);
        if self.is_complete(Some(scope)) {
            return Coverage::Complete;
        }
        let holder = self.find(scope).filter(|_| is_listed_by_parent);
        if holder.is_some_and(|holder| holder.is_created()) {
            if self.may_be_below(resource_type, scope) {
                return Coverage::Unseen;
            }
            return match LISTED_PER_RESOURCE.contains(&resource_type) {
                true => Coverage::Assumed,
                false => Coverage::Complete,
            };
        }
        let is_listed = match is_listed_by_parent {
            true => self.below(scope).iter().any(|&index| {
                let record = self.record(index);
                record.resource_type == resource_type && !record.is_planned
            }),
            false => self
                .of_type_within(resource_type, scope)
                .any(|resource| !resource.is_planned()),
        };
        match is_listed {
            true => Coverage::Assumed,
            false => Coverage::Unseen,
        }
    }

    /// Whether a template or a plan makes one of a kind whose parent isn't known, and may be
    /// `parent`.
    fn may_be_below(&self, resource_type: &str, parent: &ResourceId) -> bool {
        let adrift = self.adrift.iter().map(|&index| self.record(index));
        let mut alike = adrift.filter(|record| record.resource_type == resource_type);
        alike.any(|record| {
            let own = record.id.parent();
            own.is_some_and(|own| own.may_be(parent) || own.is_of_unknown_type())
        })
    }
}

/// What a `palisade-snapshot.json` claims: that the files beside it hold everything within the
/// scopes. The claim stands only while each of the files is in the input.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub(crate) path: String,
    pub(crate) complete: Vec<ResourceId>,
    pub(crate) files: Vec<String>,
}

impl Snapshot {
    /// Reads the manifest in `root`, found at `path`.
    pub fn read(path: &str, root: Value<'_>) -> Self {
        let folder = path.rfind(['/', '\\']).map_or("", |at| &path[..=at]);
        let list = |key| root.get(key).into_iter().flat_map(Value::items);
        let scopes = list("complete").filter_map(|entry| entry.get("scope")?.as_str());
        let files = list("files").filter_map(Value::as_str);
        Self {
            path: path.to_owned(),
            complete: scopes.filter_map(ResourceId::parse).collect(),
            files: files.map(|file| format!("{folder}{file}")).collect(),
        }
    }

    /// A path as paths are compared: with `/`, and without `.` for the same folder.
    pub(crate) fn plain_path(path: &str) -> String {
        let path = path.replace('\\', "/");
        let parts: Vec<_> = path.split('/').filter(|part| *part != ".").collect();
        parts.join("/")
    }

    /// What is missing of the files that the claim rests on, or was read in part only.
    pub(crate) fn missing(&self, is_read: impl Fn(&str) -> bool) -> Option<Diagnostic> {
        let missing: Vec<_> = self.files.iter().filter(|file| !is_read(file)).collect();
        let first = missing.first()?;
        let others = match missing.len() {
            1 => String::new(),
            more => format!(" and {} more", more - 1),
        };
        let message = format!(
            "the snapshot is not whole: {first}{others} is missing or broken, so nothing counts as complete"
        );
        Some(
            Diagnostic::warning(&self.path, None, message)
                .with_help("collect the snapshot again, or restore the file"),
        )
    }
}
