//! Reads an estate, asks the controls, and lets the project have its say.

use std::sync::atomic::{AtomicU64, Ordering};

use palisade_controls::{Audit, Context, Framework};
use palisade_project::{Baseline, Compared, Settlement, settle};
use palisade_sources::{Deployment, Input, Options};

use crate::arguments::{EstateArguments, InputArguments, Questions};
use crate::exit::Failure;
use crate::output;
use crate::progress::Progress;
use crate::project::Project;
use crate::{bicep, connectivity, controls, files, policy};

/// An estate with the answers about it.
pub(crate) struct Judged {
    pub(crate) input: Input,
    pub(crate) audit: Audit,
    /// What became of the baseline, if there is one.
    pub(crate) compared: Option<Compared>,
    /// How many files were read.
    pub(crate) files: usize,
    /// Their size.
    pub(crate) bytes: u64,
}

/// Reads and judges what must be there.
pub(crate) fn judge(
    arguments: &EstateArguments,
    project: &Project,
    framework: Option<Framework>,
    baseline: Option<&Baseline>,
) -> Result<Judged, Failure> {
    let judged = judge_any(arguments, project, framework, baseline)?;
    if judged.input.estate.is_empty() {
        return Err(Failure::NoInput(nothing_found(&judged.input, judged.files)));
    }
    if arguments.questions == Questions::Lints(None) {
        connectivity::require_engines(&judged.input.estate)?;
    }
    Ok(judged)
}

/// Reads and judges, even if there is nothing.
pub(crate) fn judge_any(
    arguments: &EstateArguments,
    project: &Project,
    framework: Option<Framework>,
    baseline: Option<&Baseline>,
) -> Result<Judged, Failure> {
    let (mut controls, checks) = project.choose(arguments)?;
    if let Some(framework) = framework {
        controls.retain(|control| controls::is_of(control, framework));
    }
    let (input, files, bytes) = read_any(&arguments.input, project);
    let today = arguments.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let mut context =
        Context::new(&input.estate, today).with_settings(&project.configuration.settings);
    if let Questions::Lints(Some(engine)) = arguments.questions {
        context = context.with_engine(engine);
    }
    if let Some(path) = &arguments.aliases {
        context = context.with_aliases(policy::catalogue(Some(path))?);
    }
    let progress = Progress::of(controls.len(), "checking", "controls");
    let mut audit = palisade_controls::audit_watched(&context, controls, &|| progress.step());
    drop(progress);
    let settlement = Settlement {
        configuration: &project.configuration,
        checks: &checks,
        baseline,
        today,
    };
    let compared = settle(&input.estate, &mut audit, settlement);
    Ok(Judged {
        input,
        audit,
        compared,
        files,
        bytes,
    })
}

/// Reads an estate that must be there, and tells how many files and bytes it was. Prints what is
/// wrong with them.
pub(crate) fn read(
    arguments: &InputArguments,
    project: &Project,
) -> Result<(Input, usize, u64), Failure> {
    let (input, files, bytes) = read_any(arguments, project);
    if input.estate.is_empty() {
        return Err(Failure::NoInput(nothing_found(&input, files)));
    }
    let diagnostics: Vec<_> = input.diagnostics.iter().map(Into::into).collect();
    output::complain_of(&diagnostics);
    Ok((input, files, bytes))
}

/// Reads whatever is there, and prints nothing.
pub(crate) fn read_any(arguments: &InputArguments, project: &Project) -> (Input, usize, u64) {
    let mut found = files::find(&arguments.paths, |path| project.admits(path));
    found.add(arguments.fetched.clone());
    let not_compiled = bicep::compile(&mut found);
    found.replace(&arguments.buffers);
    let bytes = AtomicU64::new(0);
    let progress = Progress::of(found.places.len(), "reading", "files");
    let load = |place: &files::Place| {
        progress.step();
        let file = files::load(place)?;
        bytes.fetch_add(file.bytes.len() as u64, Ordering::Relaxed);
        Ok(file)
    };
    let options = Options {
        assume_complete: project.is_complete(arguments),
        deployment: Deployment {
            subscription: arguments.subscription.clone(),
            resource_group: arguments.resource_group.clone(),
            location: arguments.location.clone(),
        },
        parameters: arguments.parameters.clone(),
    };
    let mut input = palisade_sources::read_all(&found.places, load, options);
    input.diagnostics.extend(found.problems);
    input.diagnostics.sort();
    input.not_understood.extend(not_compiled);
    input.not_understood.sort();
    (input, found.places.len(), bytes.into_inner())
}

fn nothing_found(input: &Input, files: usize) -> String {
    let mut text = format!(
        "nothing to audit: no Azure resource and no Kubernetes object in what was read (files: {files})"
    );
    for diagnostic in &input.diagnostics {
        let place = diagnostic
            .position
            .map(|at| format!(":{at}"))
            .unwrap_or_default();
        text.push_str(&format!(
            "\n  {}{place}: {}",
            diagnostic.path, diagnostic.message
        ));
    }
    for left in &input.not_understood {
        text.push_str(&format!("\n  {}: {}", left.path, left.reason));
    }
    text
}
