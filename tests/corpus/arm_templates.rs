//! The ARM templates of the corpus, each with its parameter files and the files beside it.

use std::fs;
use std::path::{Path, PathBuf};

use palisade_arm_template::{Expansion, Options, Scope, expand, is_parameter_file, is_template};
use palisade_document::{Diagnostic, Document, DocumentId, Notation, Text, parse};

use crate::{cases, corpus, files};

/// The JSON files of one case, parsed and numbered.
pub struct TemplateCase {
    /// The name of the case.
    pub name: String,
    /// The documents, each with its path below the case's folder.
    pub documents: Vec<Document>,
}

/// All cases with a template.
pub fn template_cases() -> Vec<TemplateCase> {
    let cases = cases(&corpus("estates/arm-templates"));
    cases
        .into_iter()
        .map(|(name, folder)| TemplateCase {
            documents: documents(&folder),
            name,
        })
        .collect()
}

/// One case by its name.
pub fn template_case(name: &str) -> TemplateCase {
    let folder = corpus("estates/arm-templates").join(name);
    assert!(folder.is_dir(), "there is no case {name}");
    TemplateCase {
        documents: documents(&folder),
        name: name.to_owned(),
    }
}

fn documents(folder: &Path) -> Vec<Document> {
    let paths = files(folder, "");
    let json = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "json"));
    json.enumerate()
        .map(|(number, path)| document(folder, number, path))
        .collect()
}

fn document(folder: &Path, number: usize, path: &PathBuf) -> Document {
    let shown = path.strip_prefix(folder).unwrap_or(path);
    let shown = shown.to_string_lossy().replace('\\', "/");
    let bytes = fs::read(path).unwrap_or_default();
    let text = Text::decode(shown, bytes).unwrap_or_else(|_| Text::new("", ""));
    let (mut document, _) = parse(text, Notation::Json);
    document.set_id(DocumentId(u32::try_from(number).unwrap_or(u32::MAX)));
    document
}

/// Stand-ins for where a template is deployed to.
pub fn scope() -> Scope {
    Scope {
        tenant: "00000000-0000-0000-0000-00000000000a".into(),
        management_group: "mg".into(),
        subscription: "00000000-0000-0000-0000-00000000000b".into(),
        resource_group: "rg".into(),
        location: Some("westeurope".into()),
    }
}

impl TemplateCase {
    /// The templates among the documents.
    pub fn templates(&self) -> impl Iterator<Item = &Document> {
        self.documents
            .iter()
            .filter(|document| document.roots().next().is_some_and(is_template))
    }

    /// The document at a path.
    pub fn find(&self, path: &str) -> Option<&Document> {
        self.documents
            .iter()
            .find(|document| document.text().path() == path)
    }

    /// The parameter file that belongs to a template: `main.parameters.json` to `main.json`.
    /// Of several the first counts.
    pub fn parameters_of(&self, template: &Document) -> Option<&Document> {
        let stem = template.text().path().trim_end_matches(".json");
        self.documents.iter().find(|document| {
            let rest = document.text().path().strip_prefix(stem);
            rest.is_some_and(|rest| rest.to_lowercase().starts_with(".parameters."))
                && document.roots().next().is_some_and(is_parameter_file)
        })
    }

    /// Expands a template of the case with a parameter file or without.
    pub fn expand<'d>(
        &'d self,
        template: &'d Document,
        parameters: Option<&'d Document>,
    ) -> (Expansion, Vec<Diagnostic>) {
        let options = Options {
            parameters: parameters.into_iter().collect(),
            scope: scope(),
        };
        expand(template, &options, &|path| self.find(path))
    }
}
