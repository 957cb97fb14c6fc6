//! Waivers as annotations of Kubernetes objects: `palisade/ignore.NP001: reason`, on the object
//! itself or on the pod template of a workload.

use palisade_controls::{Place, Subject, SuppressionKind};
use palisade_document::Entry;
use palisade_estate::{Estate, Object};

use crate::comment::{Malformed, selectors};
use crate::waiver::Accepted;
use crate::{Target, Waiver};

/// What the key of such an annotation starts with.
const PREFIX: &str = "palisade/ignore.";

/// Where an object keeps annotations: its own, and those of the pods that it makes.
const HOLDERS: [&str; 3] = [
    "metadata.annotations",
    "spec.template.metadata.annotations",
    "spec.jobTemplate.spec.template.metadata.annotations",
];

/// The waivers among the annotations of an estate.
pub(crate) fn read(estate: &Estate) -> (Vec<Waiver>, Vec<Malformed>) {
    let (mut waivers, mut malformed) = (Vec::new(), Vec::new());
    for object in estate.objects() {
        let holders = HOLDERS.iter().filter_map(|path| object.get(path));
        for entry in holders.flat_map(|holder| holder.entries()) {
            let Some(name) = entry.name().strip_prefix(PREFIX) else {
                continue;
            };
            match waiver(&object, &entry, name) {
                Ok(waiver) => waivers.push(waiver),
                Err(message) => malformed.push(Malformed {
                    place: entry.key.into(),
                    message,
                    written: format!("{} {}", object.display_name(), entry.name()),
                }),
            }
        }
    }
    (waivers, malformed)
}

fn waiver(object: &Object<'_>, entry: &Entry<'_>, name: &str) -> Result<Waiver, String> {
    Ok(Waiver {
        kind: SuppressionKind::Annotation,
        selectors: selectors(name)?,
        target: Target::Object(object.anchor().origin()),
        about: Subject::from(*object).id,
        accepted: Accepted::parse(entry.value.scalar())?,
        place: Place::from(entry.key),
    })
}
