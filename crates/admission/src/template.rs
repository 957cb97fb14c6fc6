//! ConstraintTemplates (`templates.gatekeeper.sh`): the kind of constraint that each defines and
//! the code behind it.

use std::sync::Arc;

use palisade_document::{Diagnostic, Kind, Position, Value};
use palisade_estate::{Object, Unknown};
use serde_json::{Map, Value as Json};

use crate::json::to_json;
use crate::native_policy::Policy;
use crate::rego::{Failure, Program};

/// The only target that Gatekeeper has for admission.
const TARGET: &str = "admission.k8s.gatekeeper.sh";

/// A constraint template that could be read.
pub(crate) struct Template<'e> {
    pub(crate) object: Object<'e>,
    /// The kind of its constraints.
    pub(crate) kind: String,
    /// The code, or why it can't be evaluated.
    pub(crate) code: Result<Code, Unknown>,
    /// The schema of the parameters, if its defaults are applied.
    schema: Option<Json>,
}

/// The code of a template.
#[derive(Clone)]
pub(crate) enum Code {
    Rego(Box<Program>),
    Native(Arc<Policy>),
}

impl<'e> Template<'e> {
    /// Reads a template; nothing if it defines no kind.
    pub(crate) fn read(object: Object<'e>, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let names = object.get("spec.crd.spec.names.kind");
        let Some(kind) = names
            .and_then(Value::as_str)
            .filter(|kind| !kind.is_empty())
        else {
            diagnostics.push(defect(
                object.anchor(),
                "the template defines no kind of constraint",
                "give `spec.crd.spec.names.kind`",
            ));
            return None;
        };
        if object.name() != kind.to_lowercase() {
            diagnostics.push(defect(
                object.anchor(),
                "the template's name is not its kind in lower case, so Gatekeeper refuses it",
                format!("call it `{}`", kind.to_lowercase()),
            ));
            return None;
        }
        let mut reader = Reader {
            object,
            diagnostics,
        };
        let code = reader.code();
        let schema = reader.schema();
        Some(Self {
            object,
            kind: kind.to_owned(),
            code,
            schema,
        })
    }

    /// The parameters with the schema's defaults, as the API server stores a constraint.
    pub(crate) fn with_defaults(&self, mut parameters: Json) -> Json {
        if let Some(schema) = &self.schema {
            fill(schema, &mut parameters, 32);
        }
        parameters
    }
}

struct Reader<'e, 'd> {
    object: Object<'e>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'e> Reader<'e, '_> {
    /// Says what is wrong at a value, and gives it as the reason why nothing is evaluated.
    fn refuse<T>(
        &mut self,
        at: Value<'_>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Result<T, Unknown> {
        let (message, help) = (message.into(), help.into());
        let name = self.object.display_name();
        let unknown = Unknown::because(format!("{name} can't be evaluated: {message}"), &help);
        self.diagnostics.push(defect(at, message, help));
        Err(unknown)
    }

    fn code(&mut self) -> Result<Code, Unknown> {
        let targets = self.object.get("spec.targets");
        let Some(targets) = targets.filter(|targets| targets.kind() == Kind::Array) else {
            return self.refuse(
                self.object.anchor(),
                "the template has no targets",
                format!("give one of target `{TARGET}`"),
            );
        };
        let mut items = targets.items();
        let (Some(target), None) = (items.next(), items.next()) else {
            return self.refuse(
                targets,
                "a template has exactly one target",
                "write a template for each",
            );
        };
        match target.get("target").map(Value::scalar) {
            Some(TARGET) => self.of_target(target),
            _ => self.refuse(
                target,
                "the target is not that of admission",
                format!("only `{TARGET}` is evaluated"),
            ),
        }
    }

    /// The code of a target. `code` takes the place of `rego`; of several engines Gatekeeper asks
    /// the one for Kubernetes' own language first.
    fn of_target(&mut self, target: Value<'e>) -> Result<Code, Unknown> {
        let code = target.get("code").filter(|code| code.items().len() > 0);
        let Some(code) = code else {
            return match target.get("rego") {
                Some(rego) => self.rego(rego, target.get("libs"), false),
                None => self.refuse(target, "the target has no code", "give `rego` or `code`"),
            };
        };
        let source_of = |engine: &str| {
            let named = |entry: &Value<'e>| {
                entry
                    .get("engine")
                    .is_some_and(|name| name.scalar() == engine)
            };
            code.items().find(named)?.get("source")
        };
        if let Some(source) = source_of("K8sNativeValidation") {
            return Ok(Code::Native(Arc::new(Policy::read(
                source,
                self.diagnostics,
            )?)));
        }
        match source_of("Rego").and_then(|source| Some((source, source.get("rego")?))) {
            Some((source, rego)) => {
                let version = source.get("version").map(Value::scalar);
                self.rego(rego, source.get("libs"), version == Some("v1"))
            }
            None => self.refuse(
                code,
                "no engine that is known here has code",
                "`Rego` and `K8sNativeValidation` are evaluated",
            ),
        }
    }

    fn rego(
        &mut self,
        module: Value<'e>,
        libraries: Option<Value<'e>>,
        is_v1: bool,
    ) -> Result<Code, Unknown> {
        let values: Vec<_> = libraries.into_iter().flat_map(Value::items).collect();
        for part in values.iter().chain([&module]) {
            if let Some(unknown) = Unknown::of(*part) {
                return Err(unknown);
            }
        }
        let texts: Vec<_> = values
            .iter()
            .map(|value| value.scalar().to_owned())
            .collect();
        match Program::compile(module.scalar(), &texts, is_v1) {
            Ok(program) => Ok(Code::Rego(Box::new(program))),
            Err(failure) => {
                let at = failure
                    .library
                    .and_then(|at| values.get(at))
                    .unwrap_or(&module);
                self.refuse_rego(*at, failure)
            }
        }
    }

    fn refuse_rego<T>(&mut self, module: Value<'e>, failure: Failure) -> Result<T, Unknown> {
        let help = match failure.is_defect {
            true => "correct the Rego; Gatekeeper refuses it as it is",
            false => "ask the cluster: the status of the constraint lists its violations",
        };
        let text = module.document().text();
        let place = position(module, failure.place);
        let message = format!(
            "the template's Rego can't be evaluated: {}",
            failure.message
        );
        self.diagnostics
            .push(Diagnostic::error(text.path(), Some(place), &message).with_help(help));
        let name = self.object.display_name();
        Err(Unknown::because(format!("{name}: {message}"), help))
    }

    /// The schema of the parameters, whose defaults the API server fills in if it is structural.
    fn schema(&mut self) -> Option<Json> {
        let validation = self.object.get("spec.crd.spec.validation")?;
        let is_v1 = self.object.api_version().ends_with("/v1");
        let is_legacy = validation
            .get("legacySchema")
            .map_or(!is_v1, |legacy| legacy.as_bool() == Some(true));
        let schema = validation
            .get("openAPIV3Schema")
            .filter(|schema| !schema.is_null())?;
        if is_legacy {
            return None;
        }
        if schema.get("type").is_none() {
            self.diagnostics.push(
                Diagnostic::warning(
                    schema.document().text().path(),
                    Some(schema.position()),
                    "the schema of the parameters has no type, which `templates.gatekeeper.sh/v1` \
                     needs: this is a legacy schema",
                )
                .with_help("add `type: object`, or `legacySchema: true`"),
            );
        }
        to_json(schema).ok()
    }
}

/// Fills in the defaults of a structural schema, as far down as there are values.
fn fill(schema: &Json, value: &mut Json, depth: usize) {
    if depth == 0 {
        return;
    }
    match value {
        Json::Object(members) => fill_members(schema, members, depth),
        Json::Array(items) => {
            if let Some(schema) = schema.get("items") {
                for item in items {
                    fill(schema, item, depth - 1);
                }
            }
        }
        _ => {}
    }
}

fn fill_members(schema: &Json, members: &mut Map<String, Json>, depth: usize) {
    let properties = schema.get("properties").and_then(Json::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if !members.contains_key(name)
            && let Some(default) = property.get("default")
        {
            members.insert(name.clone(), default.clone());
        }
    }
    for (name, member) in members.iter_mut() {
        let property = properties.and_then(|properties| properties.get(name));
        if let Some(property) = property.or_else(|| schema.get("additionalProperties")) {
            fill(property, member, depth - 1);
        }
    }
}

/// A place in a text that stands in a document: exact to the line if that is a block of lines.
fn position(module: Value<'_>, place: Option<(u32, u32)>) -> Position {
    let document = module.document();
    let start = module.position();
    let text = document.text();
    let is_block = text.content()[module.span().range()].starts_with(['|', '>']);
    match place {
        Some((line, _)) if is_block => {
            let line = start.line + line;
            let indent = text
                .line(line)
                .chars()
                .take_while(|at| at.is_whitespace())
                .count();
            Position {
                line,
                column: u32::try_from(indent).unwrap_or(0) + 1,
            }
        }
        _ => start,
    }
}

/// Something wrong with an object of the input.
pub(crate) fn defect(
    at: Value<'_>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Diagnostic {
    let path = at.document().text().path();
    Diagnostic::error(path, Some(at.position()), message).with_help(help)
}
