//! Deployments: the template itself and those nested in it or linked from it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use palisade_document::{Derived, Document, Kind, Place, Value};

use crate::declarations;
use crate::environment::{Env, Given, Lazy, Names};
use crate::evaluator::Evaluator;
use crate::fault::Fault;
use crate::resource::{Declared, Existence};
use crate::scope::{Target, key_of};
use crate::types::Type;
use crate::value;

/// How deep deployments are nested in each other. Azure takes five levels of linked ones.
const DEEPEST: usize = 16;

/// Everything that an expansion declares.
#[derive(Default)]
pub(crate) struct Deployments<'d> {
    declared: RefCell<Vec<Rc<Declared<'d>>>>,
    by_id: RefCell<HashMap<String, usize>>,
    all: RefCell<Vec<Rc<Deployment<'d>>>>,
}

/// A template with what it is given and where it goes.
pub(crate) struct Deployment<'d> {
    /// What names mean in it: with outer scope, what they mean around it.
    pub(crate) env: Env<'d>,
    pub(crate) template: Value<'d>,
    pub(crate) target: Target,
    pub(crate) existence: Existence,
    pub(crate) depth: usize,
    /// The resources in order, by their number.
    pub(crate) resources: RefCell<Vec<usize>>,
    /// By symbolic name in lower case; several for a loop.
    pub(crate) symbols: RefCell<HashMap<String, Vec<usize>>>,
    outputs: RefCell<Lazy>,
}

impl<'d> Deployments<'d> {
    pub(crate) fn get(&self, number: usize) -> Rc<Deployment<'d>> {
        Rc::clone(&self.all.borrow()[number])
    }

    pub(crate) fn resource(&self, number: usize) -> Rc<Declared<'d>> {
        Rc::clone(&self.declared.borrow()[number])
    }

    /// How many resources are declared.
    pub(crate) fn count(&self) -> usize {
        self.declared.borrow().len()
    }

    /// The number that the next deployment gets.
    pub(crate) fn next(&self) -> usize {
        self.all.borrow().len()
    }

    pub(crate) fn add(&self, deployment: Rc<Deployment<'d>>) {
        self.all.borrow_mut().push(deployment);
    }

    pub(crate) fn add_resource(&self, declared: Declared<'d>) -> usize {
        let mut all = self.declared.borrow_mut();
        let number = all.len();
        let key = key_of(&declared.id);
        let mut by_id = self.by_id.borrow_mut();
        // What the template creates outweighs what it only names, and what is there outweighs
        // what isn't.
        let weight = |it: &Declared<'_>| {
            u8::from(!it.is_existing) * 2 + u8::from(!matches!(it.existence, Existence::Absent))
        };
        let is_better = by_id
            .get(&key)
            .is_none_or(|&other| weight(&all[other]) < weight(&declared));
        if is_better {
            by_id.insert(key, number);
        }
        all.push(Rc::new(declared));
        number
    }

    pub(crate) fn with_id(&self, id: &str) -> Option<Rc<Declared<'d>>> {
        let number = *self.by_id.borrow().get(&key_of(id))?;
        Some(self.resource(number))
    }
}

impl<'d> Evaluator<'d> {
    /// The deployment of a template with parameter files.
    pub(crate) fn root(&self, template: Value<'d>, target: Target) -> Rc<Deployment<'d>> {
        let mut given = HashMap::new();
        for file in &self.options.parameters {
            let Some(root) = file.roots().next() else {
                continue;
            };
            for (key, value) in declarations::parameter_file(root) {
                self.check_declared(template, key);
                given.insert(key.scalar().to_ascii_lowercase(), Given::File(value));
            }
        }
        let name = template.document().text().path();
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.split('.').next().unwrap_or_default();
        let deployment = self.own(
            template,
            target,
            given,
            value::text(name),
            Existence::Certain,
            0,
        );
        self.declare_all(&deployment);
        deployment
    }

    fn check_declared(&self, template: Value<'d>, key: Value<'d>) {
        let declared = template.get_ignore_case("parameters");
        let is_declared = declared.is_some_and(|it| it.get_ignore_case(key.scalar()).is_some());
        if !is_declared && !key.scalar().starts_with('$') {
            let fault = Fault::new(format!(
                "the template declares no parameter `{}`",
                key.scalar()
            ));
            self.report(palisade_document::Level::Warning, key, &fault);
        }
    }

    /// A deployment in which names mean what its own template declares.
    fn own(
        &self,
        template: Value<'d>,
        target: Target,
        given: HashMap<String, Given<'d>>,
        name: Derived,
        existence: Existence,
        depth: usize,
    ) -> Rc<Deployment<'d>> {
        let names = self.names(template, target.clone(), given, name);
        let env = Env::new(Rc::new(names));
        self.added(env, template, target, existence, depth)
    }

    /// What the deployment that is added next declares.
    fn names(
        &self,
        template: Value<'d>,
        target: Target,
        given: HashMap<String, Given<'d>>,
        deployment_name: Derived,
    ) -> Names<'d> {
        Names {
            deployment: self.deployments.next(),
            deployment_name,
            template,
            target,
            parameters: declarations::parameters(template, given),
            variables: declarations::variables(template),
            functions: declarations::functions(template),
        }
    }

    fn added(
        &self,
        env: Env<'d>,
        template: Value<'d>,
        target: Target,
        existence: Existence,
        depth: usize,
    ) -> Rc<Deployment<'d>> {
        let deployment = Rc::new(Deployment {
            env,
            template,
            target,
            existence,
            depth,
            resources: RefCell::default(),
            symbols: RefCell::default(),
            outputs: RefCell::default(),
        });
        self.deployments.add(Rc::clone(&deployment));
        deployment
    }

    /// What a resource of type deployment deploys; nothing when its template can't be had.
    pub(crate) fn nested(&self, declared: &Rc<Declared<'d>>) -> Option<Rc<Deployment<'d>>> {
        if let Some(known) = declared.nested.borrow().as_ref() {
            return known.map(|number| self.deployments.get(number));
        }
        // Until it is declared, what asks for it again finds nothing.
        *declared.nested.borrow_mut() = Some(None);
        let deployment = self.opened(declared)?;
        let number = self.deployments.next() - 1;
        *declared.nested.borrow_mut() = Some(Some(number));
        self.declare_all(&deployment);
        Some(deployment)
    }

    fn opened(&self, declared: &Rc<Declared<'d>>) -> Option<Rc<Deployment<'d>>> {
        if declared.depth >= DEEPEST {
            let fault = Fault::new(format!(
                "deployments are nested deeper than {DEEPEST} levels"
            ));
            self.failed(declared.node, &fault);
            return None;
        }
        let properties = declared.node.get_ignore_case("properties")?;
        let inline = properties.get_ignore_case("template");
        let template = match inline {
            Some(template) if template.kind() == Kind::Object => template,
            Some(template) => {
                self.not_read(
                    template,
                    "the template of this deployment is made by an expression",
                );
                return None;
            }
            None => {
                let link = properties.get_ignore_case("templateLink")?;
                self.link(declared, link, "template")?
            }
        };
        let evaluation = properties.get_ignore_case("expressionEvaluationOptions");
        let scope = evaluation.and_then(|it| it.get_ignore_case("scope"));
        let scope = scope.and_then(Value::as_str).unwrap_or_default();
        let is_outer = inline.is_some() && !scope.eq_ignore_ascii_case("inner");
        let target = declared.inner_target.clone();
        let existence = declared.existence.clone();
        let depth = declared.depth + 1;
        let mut given = HashMap::new();
        if let Some(link) = properties.get_ignore_case("parametersLink")
            && let Some(file) = self.link(declared, link, "parameters")
        {
            for (key, value) in declarations::parameter_file(file) {
                given.insert(key.scalar().to_ascii_lowercase(), Given::File(value));
            }
        }
        let parameters = properties.get_ignore_case("parameters");
        for entry in parameters.into_iter().flat_map(Value::entries) {
            let passed = Given::Passed(entry.value, declared.env.clone());
            given.insert(entry.name().to_ascii_lowercase(), passed);
        }
        let name = declared.name.clone();
        // What stands in a template with outer scope is evaluated around it, however deep.
        let around = &declared.env;
        if inline.is_some() && (is_outer || around.inner.is_some()) {
            let inner = match &around.inner {
                Some(inner) if is_outer => Rc::clone(inner),
                _ => Rc::new(self.names(template, target.clone(), given, name)),
            };
            let env = Env {
                inner: Some(inner),
                ..around.clone()
            };
            return Some(self.added(env, template, target, existence, depth));
        }
        Some(self.own(template, target, given, name, existence, depth))
    }

    /// The template or the parameters that a relative path or a `file:` URI names.
    fn link(&self, declared: &Rc<Declared<'d>>, link: Value<'d>, what: &str) -> Option<Value<'d>> {
        let setting = |name: &str| {
            let node = link.get_ignore_case(name)?;
            Some((node, self.value(&declared.env, node)))
        };
        let Some((node, value)) = setting("relativePath").or_else(|| setting("uri")) else {
            self.not_read(
                link,
                &format!("the {what} of this deployment isn't in a file"),
            );
            return None;
        };
        let Some(text) = value
            .as_str()
            .filter(|text| !crate::partial::is_partial(text))
        else {
            self.not_read(
                node,
                &format!("where the {what} of this deployment is isn't known"),
            );
            return None;
        };
        let from = declared.node.document().text().path();
        let found = path_of(from, text).and_then(|path| (self.lookup)(&path));
        let Some(root) = found.and_then(|document: &'d Document| document.roots().next()) else {
            self.not_read(node, &format!("the linked {what} isn't in the input"));
            return None;
        };
        Some(root)
    }

    fn not_read(&self, node: Value<'d>, why: &str) {
        self.is_whole.set(false);
        let fault = Fault::new(format!("{why}; what it deploys isn't read"))
            .with_help("add the file to the input");
        self.report(palisade_document::Level::Warning, node, &fault);
    }

    /// The outputs of a deployment: `{name: {type, value}}`.
    pub(crate) fn outputs(&self, deployment: &Rc<Deployment<'d>>) -> Derived {
        declarations::lazily(&deployment.outputs, || self.output_values(deployment)).unwrap_or_else(
            || {
                let fault = Fault::new("the outputs of the deployment depend on themselves");
                self.failed(deployment.template, &fault)
            },
        )
    }

    fn output_values(&self, deployment: &Rc<Deployment<'d>>) -> Derived {
        let declared = deployment.template.get_ignore_case("outputs");
        let mut members = Vec::new();
        for entry in declared.into_iter().flat_map(Value::entries) {
            let condition = entry.value.get_ignore_case("condition");
            let existence = self.existence(&deployment.env, condition);
            if matches!(existence, Existence::Absent) {
                continue;
            }
            let kind = entry.value.get_ignore_case("type");
            let is_secret = kind
                .and_then(Value::as_str)
                .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("secure"));
            let value = if is_secret {
                Derived::unknown("the output is a secret", "nothing: secrets aren't read")
                    .at(Place::of(entry.value))
            } else {
                self.output_value(deployment, entry.value, &existence)
            };
            let kind = kind.map_or_else(value::null, Derived::literal);
            let output = value::object([("type", kind), ("value", value)]);
            members.push((Derived::literal(entry.key), output));
        }
        Derived::object(members)
    }

    fn output_value(
        &self,
        deployment: &Rc<Deployment<'d>>,
        output: Value<'d>,
        existence: &Existence,
    ) -> Derived {
        if let Existence::Unknown { cause, supply } = existence {
            return Derived::unknown(cause.clone(), supply.clone()).at(Place::of(output));
        }
        if let Some(copy) = output.get_ignore_case("copy") {
            return self.property_loop(&deployment.env, copy);
        }
        let Some(node) = output.get_ignore_case("value") else {
            return value::null();
        };
        let value = self.value(&deployment.env, node);
        let kind = Type::of(deployment.template, output);
        if let Some(defect) = kind.defect(self, &value) {
            let fault = Fault::new(format!("the output{defect}"));
            self.report(palisade_document::Level::Warning, node, &fault);
        }
        value
    }
}

/// The path of a linked template in the input: relative to the file that links it.
fn path_of(from: &str, link: &str) -> Option<String> {
    let from = from.replace('\\', "/");
    let link = link.replace('\\', "/");
    let link = link.split(['?', '#']).next().unwrap_or_default();
    let full = match link.split_once("://") {
        Some((scheme, path)) if scheme.eq_ignore_ascii_case("file") => {
            path.strip_prefix('/').unwrap_or(path).to_owned()
        }
        Some(_) => return None,
        None => match from.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{link}"),
            None => link.to_owned(),
        },
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in full.split('/') {
        match segment {
            "." => {}
            ".." if segments
                .last()
                .is_some_and(|last| !last.is_empty() && *last != "..") =>
            {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    Some(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_link_is_relative_to_the_file_that_holds_it() {
        let path = |from, link| path_of(from, link).unwrap_or_default();
        assert_eq!(
            path("infra/main.json", "modules/net.json"),
            "infra/modules/net.json"
        );
        assert_eq!(path("infra/main.json", "../net.json"), "net.json");
        assert_eq!(path("main.json", "./net.json?sas=1"), "net.json");
        assert_eq!(path("a/main.json", "file:///a/b/../net.json"), "a/net.json");
        assert_eq!(path_of("main.json", "https://example.com/net.json"), None);
    }
}
