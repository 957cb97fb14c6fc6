//! What is judged: an object of the cluster, or the object that one of them makes.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use palisade_document::Value;
use palisade_estate::{Object, Unknown};
use serde_json::{Map, Value as Json, json};

use crate::defaults;
use crate::json::to_json;
use crate::resources::plural;

/// Where a candidate comes from, as `match.source` tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// It is submitted itself: an object of the input, or the pod that a controller makes of one.
    Original,
    /// Gatekeeper makes it of another by an ExpansionTemplate, to judge that one.
    Generated,
}

/// The label that every namespace has (Kubernetes, "Automatic labelling", v1.21).
pub(crate) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The labels of a namespace.
pub(crate) type Labels = BTreeMap<String, String>;

/// An object under review.
#[derive(Clone)]
pub(crate) struct Candidate<'e> {
    /// The object of the estate: the candidate itself or what makes it.
    pub(crate) object: Object<'e>,
    /// Where its body stands: the object, or the template in it.
    pub(crate) root: Value<'e>,
    /// Whether another object makes it.
    pub(crate) is_made: bool,
    pub(crate) source: Source,
    /// What an ExpansionTemplate does with violations in place of the constraint's action.
    pub(crate) enforcement: Option<String>,
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// The labels of its namespace; nothing if that isn't in the input.
    pub(crate) namespace_object: Option<Arc<Labels>>,
    /// The recorded request that it comes from, if it comes from one.
    request: Option<Value<'e>>,
    review: OnceLock<Result<regorus::Value, Unknown>>,
    /// The whole as JSON, or why it can't be known.
    pub(crate) body: Result<Arc<Json>, Unknown>,
}

impl<'e> Candidate<'e> {
    /// An object of the input.
    pub(crate) fn of(object: Object<'e>, labels: Option<Arc<Labels>>) -> Self {
        let api_version = object.api_version();
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let identity = Identity {
            is_made: false,
            group: group.to_owned(),
            version: version.to_owned(),
            kind: object.kind().to_owned(),
            name: object.name(),
            namespace: object.namespace().map(str::to_owned),
        };
        Self::assemble(object, object.body(), identity, Source::Original, labels)
    }

    /// The object of a recorded request (`AdmissionReview` of `admission.k8s.io`); nothing if it
    /// has none.
    pub(crate) fn requested(
        review: Object<'e>,
        labels_of: impl Fn(Option<&str>) -> Option<Arc<Labels>>,
    ) -> Option<Self> {
        let object = |path| {
            review
                .get(path)
                .filter(|object| object.get("kind").is_some())
        };
        let root = object("request.object").or_else(|| object("request.oldObject"))?;
        let text = |path: &[&str]| {
            let found = path.iter().try_fold(root, |at, step| at.get(step));
            found
                .map(|found| found.scalar().to_owned())
                .filter(|text| !text.is_empty())
        };
        let api_version = text(&["apiVersion"]).unwrap_or_default();
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", &api_version));
        let named = review
            .get("request.namespace")
            .map(|name| name.scalar().to_owned());
        let identity = Identity {
            is_made: false,
            group: group.to_owned(),
            version: version.to_owned(),
            kind: text(&["kind"]).unwrap_or_default(),
            name: text(&["metadata", "name"]).unwrap_or_default(),
            namespace: named.or_else(|| text(&["metadata", "namespace"])),
        };
        let labels = labels_of(identity.namespace.as_deref());
        let candidate = Self::assemble(review, root, identity, Source::Original, labels);
        Some(Self {
            request: review.get("request"),
            ..candidate
        })
    }

    /// What `object` makes: the template at `root`, as an object of its own.
    pub(crate) fn made_by(
        object: Object<'e>,
        root: Value<'e>,
        (group, version, kind): (&str, &str, &str),
        source: Source,
        labels: Option<Arc<Labels>>,
    ) -> Self {
        let identity = Identity {
            is_made: true,
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            // As Gatekeeper names what it expands: `web` makes `web-pod`.
            name: format!("{}-{kind}", object.name()).to_lowercase(),
            namespace: object.namespace().map(str::to_owned),
        };
        Self::assemble(object, root, identity, source, labels)
    }

    fn assemble(
        object: Object<'e>,
        root: Value<'e>,
        identity: Identity,
        source: Source,
        namespace_object: Option<Arc<Labels>>,
    ) -> Self {
        let body = to_json(root).map(|body| Arc::new(identity.put_into(body)));
        let Identity {
            is_made,
            group,
            version,
            kind,
            name,
            namespace,
        } = identity;
        Self {
            object,
            root,
            is_made,
            source,
            enforcement: None,
            group,
            version,
            kind,
            namespace,
            name,
            namespace_object,
            request: None,
            review: OnceLock::new(),
            body,
        }
    }

    /// Whether this is a namespace.
    pub(crate) fn is_namespace(&self) -> bool {
        self.kind == "Namespace" && self.group.is_empty()
    }

    /// What is done to the object; one of the input is judged as if it were created.
    pub(crate) fn operation(&self) -> &'e str {
        let recorded = self.request.and_then(|request| request.get("operation"));
        recorded.map_or("CREATE", Value::scalar)
    }

    /// The object before and after, and the request for it, as expressions read them.
    pub(crate) fn asked(&self) -> Result<Asked, Unknown> {
        let body = self.body.clone()?;
        let mut request = json!({
            "kind": {"group": self.group, "version": self.version, "kind": self.kind},
            "resource": {
                "group": self.group,
                "version": self.version,
                "resource": plural(&self.kind),
            },
            "name": self.name,
            "operation": self.operation(),
        });
        let mut asked = Asked {
            object: body.as_ref().clone(),
            old_object: Json::Null,
            request: Json::Null,
            is_recorded: self.is_request(),
        };
        if let Json::Object(members) = &mut request {
            if let Some(namespace) = &self.namespace {
                members.insert("namespace".to_owned(), json!(namespace));
            }
            if let Some(recorded) = self.request
                && let Json::Object(mut given) = to_json(recorded)?
            {
                asked.old_object = given.remove("oldObject").unwrap_or_default();
                if given.remove("object").is_none_or(|object| object.is_null()) {
                    asked.object = Json::Null;
                }
                members.extend(given);
            }
        }
        asked.request = request;
        Ok(asked)
    }

    /// Whether it comes from a recorded request and not from the cluster.
    pub(crate) fn is_request(&self) -> bool {
        self.request.is_some()
    }

    /// The namespace that decides about the object: its own, or itself if it is one.
    pub(crate) fn governing_namespace(&self) -> Option<&str> {
        if self.is_namespace() {
            Some(&self.name)
        } else {
            self.namespace.as_deref()
        }
    }

    /// A label. What is unknown is [noted](palisade_document::witness).
    pub(crate) fn label(&self, key: &str) -> Option<&str> {
        if self.is_namespace() && key == NAME_LABEL {
            return Some(&self.name);
        }
        let labels = self.root.get("metadata")?.get("labels")?;
        labels.get(key).map(Value::scalar)
    }

    /// `apiVersion`, as in `networking.k8s.io/v1`.
    pub(crate) fn api_version(&self) -> String {
        api_version(&self.group, &self.version)
    }

    /// The admission request that Gatekeeper's audit would make of it (`AdmissionRequest` of
    /// `admission.k8s.io/v1`).
    fn review(&self) -> Result<Json, Unknown> {
        let body = self.body.clone()?;
        let mut review = json!({
            "uid": "",
            "kind": {"group": self.group, "version": self.version, "kind": self.kind},
            "resource": {"group": "", "version": "", "resource": ""},
            "name": self.name,
            "operation": "",
            "userInfo": {},
            "object": *body,
            "oldObject": null,
            "options": null,
        });
        let Json::Object(members) = &mut review else {
            return Ok(review);
        };
        if let Some(namespace) = &self.namespace {
            members.insert("namespace".to_owned(), json!(namespace));
        }
        if let Some(request) = self.request
            && let Json::Object(given) = to_json(request)?
        {
            members.extend(given);
        }
        Ok(review)
    }

    /// The same for the engine of Rego, made once.
    pub(crate) fn review_for_rego(&self) -> Result<regorus::Value, Unknown> {
        let review = || self.review().map(regorus::Value::from);
        self.review.get_or_init(review).clone()
    }
}

/// `group/version`, or the version alone for the core group.
pub(crate) fn api_version(group: &str, version: &str) -> String {
    match group {
        "" => version.to_owned(),
        _ => format!("{group}/{version}"),
    }
}

/// A request as the expressions of admission policies read it.
pub(crate) struct Asked {
    pub(crate) object: Json,
    pub(crate) old_object: Json,
    pub(crate) request: Json,
    /// Whether it was recorded, so that it tells who asks and how.
    pub(crate) is_recorded: bool,
}

struct Identity {
    is_made: bool,
    group: String,
    version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
}

impl Identity {
    /// Says in the body what it is, as the API server does: items of a list leave their kind out,
    /// and an object may leave its namespace to the request.
    fn put_into(&self, body: Json) -> Json {
        let Json::Object(mut body) = body else {
            return body;
        };
        let version = api_version(&self.group, &self.version);
        body.insert("apiVersion".to_owned(), json!(version));
        body.insert("kind".to_owned(), json!(self.kind));
        let metadata = body
            .entry("metadata")
            .or_insert_with(|| Json::Object(Map::new()));
        if metadata.is_null() {
            *metadata = Json::Object(Map::new());
        }
        if let Json::Object(metadata) = metadata {
            // A name that is still to be generated is none yet.
            if self.is_made || !metadata.contains_key("generateName") {
                metadata.insert("name".to_owned(), json!(self.name));
            }
            if let Some(namespace) = &self.namespace {
                metadata.insert("namespace".to_owned(), json!(namespace));
            }
            if (self.group.as_str(), self.kind.as_str()) == ("", "Namespace") {
                let labels = metadata.entry("labels").or_insert_with(|| json!({}));
                if let Json::Object(labels) = labels {
                    labels.insert(NAME_LABEL.to_owned(), json!(self.name));
                }
            }
        }
        let mut body = Json::Object(body);
        defaults::fill(&self.group, &self.kind, &mut body);
        body
    }
}
