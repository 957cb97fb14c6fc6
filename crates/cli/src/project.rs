//! The project: its `palisade.toml`, and what flags of the command line make of it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use palisade_controls::Control;
use palisade_document::Text;
use palisade_project::{
    Configuration, FILE_NAME, SHOWN, Selector, choose, choose_definition_lints, choose_lints,
};

use crate::arguments::{EstateArguments, InputArguments, Questions};
use crate::exit::Failure;

/// A configuration, and the folder that its paths start from.
#[derive(Default)]
pub(crate) struct Project {
    pub(crate) configuration: Configuration,
    folder: Option<PathBuf>,
}

impl Project {
    /// The file that is named, or else the nearest one upwards from the working folder.
    pub(crate) fn load(arguments: &InputArguments) -> Result<Self, Failure> {
        if arguments.no_config {
            return Ok(Self::default());
        }
        let path = match &arguments.config {
            Some(path) => PathBuf::from(path),
            None => match nearest() {
                Some(path) => path,
                None => return Ok(Self::default()),
            },
        };
        Self::read(&path)
    }

    fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.to_string_lossy().into_owned();
        let bytes = fs::read(path).map_err(|source| Failure::Read {
            path: shown.clone(),
            source,
        })?;
        let content = String::from_utf8_lossy(&bytes).into_owned();
        let (configuration, diagnostics) = Configuration::read(Text::new(shown, content));
        if !diagnostics.is_empty() {
            return Err(Failure::Broken(diagnostics));
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
        Ok(Self {
            configuration,
            folder: fs::canonicalize(folder).ok(),
        })
    }

    /// The controls and the checks of waivers that are asked. `--select` takes the place of the
    /// configuration's, `--ignore` adds to it.
    pub(crate) fn choose(
        &self,
        arguments: &EstateArguments,
    ) -> Result<(Vec<&'static Control>, Vec<&'static Control>), Failure> {
        let own = &self.configuration;
        let given = selectors(&arguments.select)?;
        let select = match given.as_slice() {
            [] => &own.select,
            given => given,
        };
        let mut ignore = own.ignore.clone();
        ignore.extend(selectors(&arguments.ignore)?);
        // What the configuration selects is about the baseline.
        let lints = || choose_lints(&given, &ignore, &own.settings);
        let definition_lints = || choose_definition_lints(&given, &ignore, &own.settings);
        let baseline = || choose(select, &ignore, &own.settings);
        Ok(match arguments.questions {
            Questions::Baseline => baseline(),
            Questions::Lints(_) => lints(),
            Questions::DefinitionLints => definition_lints(),
            Questions::Everything => {
                let (mut controls, checks) = baseline();
                controls.extend(lints().0);
                controls.extend(definition_lints().0);
                (controls, checks)
            }
        })
    }

    /// The kinds of answers to show when the command line says nothing.
    pub(crate) fn shown(&self) -> Vec<&'static str> {
        kinds(self.configuration.show.as_deref().unwrap_or(&["fail"]))
    }

    /// Whether the input is everything there is.
    pub(crate) fn is_complete(&self, arguments: &InputArguments) -> bool {
        arguments.complete || self.configuration.complete.unwrap_or_default()
    }

    /// Whether unknown answers count.
    pub(crate) fn is_strict(&self, arguments: &EstateArguments) -> bool {
        arguments.strict || self.configuration.strict.unwrap_or_default()
    }

    /// Whether a file that a walk found is read.
    pub(crate) fn admits(&self, path: &Path) -> bool {
        let paths = &self.configuration.paths;
        let Some(folder) = self.folder.as_ref().filter(|_| !paths.is_empty()) else {
            return true;
        };
        let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let own = whole.strip_prefix(folder).unwrap_or(path);
        paths.admits(&own.to_string_lossy())
    }
}

/// Kinds of answers, with `all` spelled out.
pub(crate) fn kinds(wanted: &[&'static str]) -> Vec<&'static str> {
    if wanted.contains(&"all") {
        return SHOWN.into_iter().filter(|kind| *kind != "all").collect();
    }
    wanted.to_vec()
}

/// The file in the working folder or the nearest one above it, as a path that people can read.
fn nearest() -> Option<PathBuf> {
    let folder = env::current_dir().ok()?;
    if folder.join(FILE_NAME).is_file() {
        return Some(PathBuf::from(FILE_NAME));
    }
    let mut above = folder.ancestors().skip(1);
    let up = above.position(|folder| folder.join(FILE_NAME).is_file())?;
    let mut path: PathBuf = (0..=up).map(|_| "..").collect();
    path.push(FILE_NAME);
    Some(path)
}

fn selectors(names: &[String]) -> Result<Vec<Selector>, Failure> {
    let read = names.iter().map(|name| {
        Selector::parse(name)
            .map_err(|hint| Failure::Usage(format!("no control is called `{name}`; {hint}")))
    });
    read.collect()
}
