//! Which findings something is about: by the id, tags, namespace and cluster of their subject.

use std::collections::HashMap;
use std::fmt;

use globset::{Glob, GlobBuilder, GlobMatcher};
use palisade_controls::{Finding, Subject, SubjectKind};
use palisade_document::{DocumentId, Origin, Span};
use palisade_estate::{Estate, Object, ResourceId};

/// What the subject of a finding must be. Everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    /// A glob over the id. One without `/` is over the last part of the id.
    pub id: Option<Pattern>,
    /// The name of a tag, or of a label of an object, with a glob over its value.
    pub tag: Option<(String, Option<Pattern>)>,
    /// A glob over the namespace of an object.
    pub namespace: Option<Pattern>,
    /// A glob over the name or the id of every cluster that the finding concerns.
    pub cluster: Option<Pattern>,
}

/// A glob without regard to letter case: `*` stands for anything within a segment, `**` for any
/// segments, `?` for a character, `[ab]` for one of several, `{a,b}` for one of several texts.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    glob: GlobMatcher,
}

impl Pattern {
    /// Reads a glob, or says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let glob = |text: &str| -> Result<Glob, String> {
            GlobBuilder::new(text)
                .case_insensitive(true)
                .literal_separator(true)
                .backslash_escape(true)
                .build()
                .map_err(|error| error.kind().to_string())
        };
        Ok(Self {
            text: text.to_owned(),
            glob: glob(text)?.compile_matcher(),
        })
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a text fits. A glob that ends in `/**` takes in what stands before it.
    pub fn fits(&self, text: &str) -> bool {
        self.glob.is_match(text)
            || (self.text.ends_with("/**") && self.glob.is_match(format!("{text}/*")))
    }
}

/// What is found around the subjects of an estate.
pub struct Surroundings<'e> {
    estate: &'e Estate,
    /// Objects by the place that stands for them.
    objects: HashMap<Origin, Object<'e>>,
}

impl<'e> Surroundings<'e> {
    /// Indexes the objects of an estate.
    pub fn of(estate: &'e Estate) -> Self {
        let objects = estate
            .objects()
            .map(|object| (object.anchor().origin(), object))
            .collect();
        Self { estate, objects }
    }

    /// The object that a finding is about.
    pub(crate) fn object(&self, subject: &Subject) -> Option<Object<'e>> {
        let is_object = subject.kind == SubjectKind::Object;
        self.objects
            .get(&subject.origin.filter(|_| is_object)?)
            .copied()
    }

    /// Where a value stands: in its document, and if it was derived also where it was written and
    /// where it is used.
    pub(crate) fn places(&self, origin: Origin) -> impl Iterator<Item = (DocumentId, Span)> {
        let value = self.estate.value(origin);
        let provenance = value.provenance();
        let written = provenance.and_then(|way| way.place);
        let used = provenance.and_then(|way| way.links().find_map(|link| link.place));
        let others = written.into_iter().chain(used);
        let others = others.map(|place| (place.document, place.span));
        [(origin.document, value.span())].into_iter().chain(others)
    }

    /// The value of a tag of the resource or of the nearest that it is a part of, or of a label of
    /// the object.
    fn tag(&self, subject: &Subject, name: &str) -> Option<&'e str> {
        if let Some(object) = self.object(subject) {
            return object.label(name);
        }
        let mut next = ResourceId::parse(whole(&subject.id));
        while let Some(id) = next {
            let resource = self.estate.find(&id);
            if let Some(value) = resource.and_then(|resource| resource.tag(name)) {
                return Some(value.scalar());
            }
            next = id.parent();
        }
        None
    }
}

/// The id of a subject without its part.
fn whole(id: &str) -> &str {
    id.split_once('#').map_or(id, |(whole, _)| whole)
}

impl Matcher {
    /// Whether nothing is given, so that everything would fit.
    pub fn is_empty(&self) -> bool {
        self.id.is_none()
            && self.tag.is_none()
            && self.namespace.is_none()
            && self.cluster.is_none()
    }

    /// Whether a finding is about what is meant. What several clusters share is meant only if
    /// each of them is.
    pub fn fits(&self, finding: &Finding, around: &Surroundings<'_>) -> bool {
        let subject = &finding.subject;
        self.id.as_ref().is_none_or(|id| fits_id(id, &subject.id))
            && self.tag.as_ref().is_none_or(|(name, value)| {
                let found = around.tag(subject, name);
                found.is_some_and(|found| value.as_ref().is_none_or(|value| value.fits(found)))
            })
            && self.namespace.as_ref().is_none_or(|wanted| {
                let namespace = subject.namespace.as_deref();
                namespace.is_some_and(|namespace| wanted.fits(namespace))
            })
            && self
                .cluster
                .as_ref()
                .is_none_or(|cluster| fits_clusters(cluster, subject))
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let glob = |name: &str, pattern: &Option<Pattern>| {
            let pattern = pattern.as_ref()?;
            Some(format!("{name} {}", pattern.as_str()))
        };
        let tag = self.tag.as_ref().map(|(name, value)| match value {
            Some(value) => format!("tag {name}={}", value.as_str()),
            None => format!("tag {name}"),
        });
        let parts = [
            glob("id", &self.id),
            tag,
            glob("namespace", &self.namespace),
            glob("cluster", &self.cluster),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        f.write_str(&parts.join(", "))
    }
}

fn fits_id(pattern: &Pattern, id: &str) -> bool {
    let fits = |id: &str| {
        if pattern.as_str().contains('/') {
            pattern.fits(id)
        } else {
            pattern.fits(id.rsplit('/').next().unwrap_or(id))
        }
    };
    fits(id) || fits(whole(id))
}

fn fits_clusters(pattern: &Pattern, subject: &Subject) -> bool {
    if subject.clusters.is_empty() {
        // Manifests without their managed cluster.
        let name = whole(&subject.id).split('/').next().unwrap_or_default();
        return subject.kind == SubjectKind::Object && pattern.fits(name);
    }
    let mut clusters = subject.clusters.iter();
    clusters.all(|id| pattern.fits(id.name()) || pattern.fits(id.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = "/subscriptions/s1/resourceGroups/RG-dev/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes";

    #[test]
    fn ids_are_matched_by_segment_in_any_case() {
        for (pattern, fits) in [
            ("**/resourceGroups/rg-dev/**", true),
            ("/subscriptions/s1/**", true),
            ("/subscriptions/s1/*", false),
            ("**/virtualNetworks/v/**", true),
            ("**/virtualNetworks/v", false),
            ("nodes", true),
            ("node*", true),
            ("v", false),
            (&NODES.to_uppercase(), true),
            (&format!("{NODES}/**"), true),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(fits_id(&pattern, NODES), fits, "{}", pattern.as_str());
        }
    }

    #[test]
    fn the_part_of_a_subject_needs_no_mention() {
        let id = format!("{NODES}#rule-1");
        for pattern in ["nodes", "**/subnets/nodes", "**/subnets/nodes#rule-1"] {
            assert!(fits_id(&Pattern::parse(pattern).unwrap(), &id), "{pattern}");
        }
    }

    #[test]
    fn a_broken_glob_is_refused() {
        assert!(Pattern::parse("a[").is_err());
    }
}
