//! What a file is as a whole, where that decides how it is read.

use palisade_document::{Document, Value};

use crate::redaction::Strings;
use crate::template;

/// What a file is as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Resources and objects, each on its own.
    Parts,
    /// An ARM template.
    Template,
    /// Parameters of an ARM template.
    Parameters,
    /// A plan of Terraform.
    Plan,
    /// A state of Terraform.
    State,
    /// A file of a configuration of Terraform, or of its variables.
    Configuration,
}

impl Format {
    /// The format of a file. One with several roots holds parts.
    pub(crate) fn of(file: &Document) -> Self {
        if is_configuration(file.text().path()) {
            return Self::Configuration;
        }
        let mut roots = file.roots();
        match (roots.next(), roots.next()) {
            (Some(root), None) => Self::of_root(root, file.text().path()),
            _ => Self::Parts,
        }
    }

    fn of_root(root: Value<'_>, path: &str) -> Self {
        if palisade_arm_template::is_template(root) {
            Self::Template
        } else if palisade_arm_template::is_parameter_file(root) || template::is_bare(root, path) {
            Self::Parameters
        } else if palisade_terraform::is_plan(root) {
            Self::Plan
        } else if palisade_terraform::is_state(root) {
            Self::State
        } else {
            Self::Parts
        }
    }

    /// How the strings of such a file are to be read.
    pub(crate) fn strings(self) -> Strings {
        match self {
            Self::Template | Self::Parameters => Strings::Expressions,
            _ => Strings::Plain,
        }
    }
}

/// Whether a file is one of a configuration of Terraform or OpenTofu, by its name.
fn is_configuration(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let json = [".tf.json", ".tofu.json", ".tfvars.json"];
    is_native_configuration(&path) || json.iter().any(|ending| path.ends_with(ending))
}

/// Whether a file is in Terraform's own notation.
pub(crate) fn is_native_configuration(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let native = [".tf", ".tofu", ".tfvars"];
    native.iter().any(|ending| path.ends_with(ending))
}
