//! `palisade generate`: the network policies that allow what manifests evidently need and nothing
//! else, proved to do so.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use palisade_estate::Cluster;
use palisade_reach::kubernetes::{Analysis, Engine, EngineKind, NoteKind, Options, analyse};
use palisade_reach::least_privilege::{
    Dialect, LeastPrivilege, NamespacePolicies, Wanted, replaced,
};
use palisade_report::generation::{Generation, place};
use palisade_sources::Input;

use crate::arguments::InputArguments;
use crate::connectivity::EngineArguments;
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::files::{self, Place};
use crate::output;
use crate::project::Project;

/// What the policies are called when they are read back for the proof.
const GENERATED: &str = "palisade-generated.yaml";

#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Write the policies in this dialect
    #[arg(long, value_enum, default_value_t = Written::Kubernetes)]
    dialect: Written,

    /// Write policies for these namespaces only
    #[arg(long, value_name = "NAMESPACE", value_delimiter = ',')]
    namespace: Vec<String>,

    /// Leave the policies of these namespaces in force beside the generated ones, instead of
    /// taking their place
    #[arg(long)]
    beside: bool,

    /// Write a file for each namespace into this folder, and what is kept open to standard output
    #[arg(long, short, value_name = "FOLDER")]
    output: Option<PathBuf>,

    #[command(flatten)]
    engine: EngineArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Written {
    /// NetworkPolicy, which every engine enforces
    Kubernetes,
    /// CiliumNetworkPolicy
    Cilium,
    /// NetworkPolicy of Calico
    Calico,
}

impl From<Written> for Dialect {
    fn from(written: Written) -> Self {
        match written {
            Written::Kubernetes => Self::Kubernetes,
            Written::Cilium => Self::Cilium,
            Written::Calico => Self::Calico,
        }
    }
}

pub(crate) fn run(arguments: &GenerateArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let source = held(&arguments.input)?;
    let (input, _, _) = estate::read(&source, &project)?;
    let clusters: Vec<_> = input.estate.clusters().collect();
    let (mut wrong, mut is_empty) = (false, true);
    for cluster in &clusters {
        let (engine, remark) = arguments.engine_of(cluster);
        let run = Run {
            arguments,
            project: &project,
            source: &source,
            input: &input,
            cluster,
            engine,
            remark,
        };
        let folder = match clusters.len() {
            1 => PathBuf::new(),
            _ => PathBuf::from(plain(cluster.name())),
        };
        match run.generate(&folder)? {
            None => {}
            Some(holds) => (wrong, is_empty) = (wrong || !holds, false),
        }
    }
    if is_empty {
        let text = "no namespace of the input gets policies: those of Kubernetes, AKS and its add-ons are left out";
        return Err(Failure::NoInput(text.to_owned()));
    }
    Ok(if wrong { Exit::Findings } else { Exit::Clean })
}

/// The same input, with standard input kept: it is read twice.
fn held(input: &InputArguments) -> Result<InputArguments, Failure> {
    let mut input = input.clone();
    let count = input.paths.len();
    input.paths.retain(|path| path != "-");
    if input.paths.len() < count {
        let file =
            files::load(&Place::Standard).map_err(|problem| Failure::Broken(vec![problem]))?;
        input.fetched.places.push(Place::Fetched {
            path: file.path,
            bytes: Arc::new(file.bytes),
        });
    }
    Ok(input)
}

impl GenerateArguments {
    /// The engine that is named, else that of the cluster; where that enforces nothing or isn't
    /// known, one that enforces the dialect, with what to say about it.
    fn engine_of(&self, cluster: &Cluster<'_>) -> (Engine, Option<String>) {
        let own = match self.engine.named() {
            Some(kind) => Ok(Engine::new(kind)),
            None => Engine::of(cluster),
        };
        let substitute = Engine::new(Dialect::from(self.dialect).engine());
        let name = substitute.kind.as_str();
        match own {
            Ok(engine) if engine.kind != EngineKind::None => (engine, None),
            Ok(_) => {
                let text = format!("no policy is enforced in it as it is; taken to run {name}");
                (substitute, Some(text))
            }
            Err(unknown) => {
                let cause = unknown.cause;
                let text = format!("taken to run {name}: {cause}; name the engine with --engine");
                (substitute, Some(text))
            }
        }
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            dialect: self.dialect.into(),
            namespaces: self.namespace.clone(),
        }
    }
}

/// A cluster's name as that of a folder.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    name.chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect()
}

/// What is generated for one cluster.
struct Run<'r, 'e> {
    arguments: &'r GenerateArguments,
    project: &'r Project,
    source: &'r InputArguments,
    input: &'e Input,
    cluster: &'r Cluster<'e>,
    engine: Engine,
    /// What is to be said about the engine.
    remark: Option<String>,
}

impl Run<'_, '_> {
    /// Writes the policies and says whether the proof holds; nothing if no namespace gets any.
    fn generate(&self, folder: &Path) -> Result<Option<bool>, Failure> {
        let estate = &self.input.estate;
        let analysis = analyse(self.cluster, &Options::new(self.engine));
        let diagnostics: Vec<_> = analysis.diagnostics.iter().map(Into::into).collect();
        output::complain_of(&diagnostics);
        let least = LeastPrivilege::of(self.cluster, &analysis, &self.arguments.wanted());
        let namespaces = least.namespaces();
        if namespaces.is_empty() {
            return Ok(None);
        }
        let policies = least.policies(|origin| place(estate, origin));
        let replaced = match self.arguments.beside {
            true => Vec::new(),
            false => replaced(self.cluster, &namespaces),
        };
        let name = self.cluster.name();
        let generation = Generation::new(estate, name, &analysis, &least, &replaced);
        self.put(folder, &policies)?;
        let mut said = Vec::new();
        // Writing to memory doesn't fail.
        if let Some(remark) = &self.remark {
            let _ = writeln!(said, "{name}: {remark}");
        }
        let _ = generation.write(&mut said);
        let holds = self.prove(&generation, &policies, &mut said)?;
        let said = String::from_utf8_lossy(&said).into_owned();
        match self.arguments.output {
            Some(_) => output::print(&said)?,
            None if holds && output::is_quiet() => {}
            None => output::complain(&said),
        }
        Ok(Some(holds))
    }

    /// Reads the policies back beside the rest of the input, and compares what all policies let
    /// through then with the flows.
    fn prove(
        &self,
        generation: &Generation,
        policies: &[NamespacePolicies],
        said: &mut Vec<u8>,
    ) -> Result<bool, Failure> {
        let path = match self.cluster.id() {
            Some(_) => format!("{}/{GENERATED}", self.cluster.name()),
            None => GENERATED.to_owned(),
        };
        let texts: String = policies.iter().map(|one| one.text.as_str()).collect();
        let mut source = self.source.clone();
        source.fetched.places.push(Place::Fetched {
            path: path.clone(),
            bytes: Arc::new(texts.into_bytes()),
        });
        let (input, _, _) = estate::read_any(&source, self.project);
        let mut clusters = input.estate.clusters();
        let Some(cluster) = clusters.find(|one| one.id() == self.cluster.id()) else {
            return Ok(false);
        };
        let names: Vec<_> = policies.iter().map(|one| one.namespace.as_str()).collect();
        let mut options = Options::new(self.engine);
        if !self.arguments.beside {
            let old = replaced(&cluster, &names).into_iter();
            let old = old.map(|policy| policy.anchor());
            let old = old.filter(|anchor| anchor.document().text().path() != path);
            options.without = old.map(|anchor| anchor.origin()).collect();
        }
        let analysis = analyse(&cluster, &options);
        let least = LeastPrivilege::of(&cluster, &analysis, &self.arguments.wanted());
        let proof = least.prove();
        let _ = generation.write_proof(&input.estate, &analysis, &proof, &mut *said);
        let remarks = remarks(&input, &analysis, &path);
        for remark in &remarks {
            let _ = writeln!(said, "  of the generated policies: {remark}");
        }
        Ok(proof.counterexamples.is_empty() && remarks.is_empty())
    }

    fn put(&self, folder: &Path, policies: &[NamespacePolicies]) -> Result<(), Failure> {
        let Some(root) = &self.arguments.output else {
            for one in policies {
                output::print(&one.text)?;
            }
            return Ok(());
        };
        let folder = root.join(folder);
        let failed = |path: &Path| {
            let path = path.to_string_lossy().into_owned();
            move |source| Failure::Write { path, source }
        };
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        for one in policies {
            let path = folder.join(format!("{}.yaml", one.namespace));
            fs::write(&path, &one.text).map_err(failed(&path))?;
        }
        Ok(())
    }
}

/// What readers and the engine have to say about the generated policies: that they are refused, or
/// not enforced.
fn remarks(input: &Input, analysis: &Analysis<'_>, path: &str) -> BTreeSet<String> {
    let diagnostics = input.diagnostics.iter().chain(&analysis.diagnostics);
    let diagnostics = diagnostics.filter(|diagnostic| diagnostic.path == path);
    let notes = analysis.notes.iter().filter(|note| {
        let is_grave = matches!(
            note.kind,
            NoteKind::NotEnforced | NoteKind::Refused | NoteKind::Ignored
        );
        is_grave && note.object.anchor().document().text().path() == path
    });
    let notes = notes.map(|note| note.message.clone());
    let diagnostics = diagnostics.map(|diagnostic| diagnostic.message.clone());
    diagnostics.chain(notes).collect()
}
