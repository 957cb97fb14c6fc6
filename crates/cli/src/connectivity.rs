//! `palisade connectivity`: who reaches whom in a cluster, by its network policies.

use std::io::{self, Write};

use clap::{Args, ValueEnum};
use palisade_estate::kubernetes::PolicyDialect;
use palisade_estate::{Cluster, Estate, Unknown};
use palisade_reach::kubernetes::{Analysis, Engine, EngineKind, Options, analyse, expose};
use palisade_report::connectivity::exposure::{ClusterExposure, ExposureReport};
use palisade_report::connectivity::{
    ConnectivityReport, Party, csv, dot, exposure_text, json, markdown, matrix, svg, terminal,
};

use crate::arguments::InputArguments;
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;

/// What enforces network policies.
#[derive(Debug, Args)]
pub(crate) struct EngineArguments {
    /// What enforces network policies where the input doesn't tell: none, azure, calico, cilium, or
    /// conformant for one that does what the Kubernetes documentation says
    #[arg(long, value_name = "ENGINE", value_parser = parse_engine)]
    engine: Option<EngineKind>,
}

#[derive(Debug, Args)]
pub(crate) struct ConnectivityArguments {
    #[command(flatten)]
    input: InputArguments,

    #[command(flatten)]
    engine: EngineArguments,

    /// Show only connections whose source has this in its name
    #[arg(long, value_name = "TEXT")]
    from: Option<String>,

    /// Show only connections whose destination has this in its name
    #[arg(long, value_name = "TEXT")]
    to: Option<String>,

    /// Show only connections from or to pods of these namespaces
    #[arg(long, value_name = "NAMESPACE", value_delimiter = ',')]
    namespace: Vec<String>,

    /// Say what pods and namespaces that aren't there yet could reach and be reached by, instead
    #[arg(long, conflicts_with_all = ["from", "to", "view"])]
    exposure: bool,

    /// What to print of it
    #[arg(long, value_enum, default_value_t = View::List)]
    view: View,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum View {
    /// Who reaches whom
    List,
    /// Sources as rows, destinations as columns: as terminal, csv or markdown
    Matrix,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Each source with what it reaches
    Terminal,
    /// Version 1 of the JSON format
    Json,
    /// A row a connection
    Csv,
    /// A table a cluster
    Markdown,
    /// A graph for Graphviz
    Dot,
    /// A picture
    Svg,
}

fn parse_engine(text: &str) -> Result<EngineKind, String> {
    EngineKind::named(text)
        .ok_or_else(|| "one of none, azure, calico, cilium, conformant".to_owned())
}

pub(crate) fn run(arguments: &ConnectivityArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    if arguments.exposure {
        return arguments.expose(&input.estate);
    }
    let analyses = arguments.engine.analyses(&input.estate)?;
    let mut report = ConnectivityReport::new(&input.estate, &analyses);
    if arguments.narrows() {
        report.retain(|from, to| arguments.wants(from, to));
    }
    let write = writer(arguments.view, arguments.format)?;
    output::print_with(true, |out| write(&report, out))?;
    Ok(Exit::Clean)
}

impl EngineArguments {
    /// The engine that was named.
    pub(crate) fn named(&self) -> Option<EngineKind> {
        self.engine
    }

    /// A cluster's policies as its engine enforces them: the engine that was named, else that of
    /// the managed cluster. Prints what is wrong with its objects.
    pub(crate) fn analyse<'e>(&self, cluster: &Cluster<'e>) -> Result<Analysis<'e>, Failure> {
        let analysis = self.try_analyse(cluster).map_err(Failure::Usage)?;
        // A note stands in the report.
        let is_noted =
            |message: &String| analysis.notes.iter().any(|note| note.message == *message);
        let others = analysis.diagnostics.iter();
        let others = others.filter(|diagnostic| !is_noted(&diagnostic.message));
        let others: Vec<_> = others.map(Into::into).collect();
        output::complain_of(&others);
        Ok(analysis)
    }

    /// Every cluster's name and policies.
    pub(crate) fn analyses<'e>(
        &self,
        estate: &'e Estate,
    ) -> Result<Vec<(&'e str, Analysis<'e>)>, Failure> {
        let clusters = estate.clusters();
        let analyses = clusters.map(|cluster| Ok((cluster.name(), self.analyse(&cluster)?)));
        analyses.collect()
    }

    /// The same, or why it isn't known what enforces the policies.
    pub(crate) fn try_analyse<'e>(&self, cluster: &Cluster<'e>) -> Result<Analysis<'e>, String> {
        Ok(analyse(cluster, &Options::new(self.of(cluster)?)))
    }

    /// The engine that was named, else that of the managed cluster; or why it isn't known.
    fn of(&self, cluster: &Cluster<'_>) -> Result<Engine, String> {
        match self.engine {
            Some(kind) => Ok(Engine::new(kind)),
            None => Engine::of(cluster).map_err(|unknown| unnamed(cluster, &unknown)),
        }
    }
}

/// Every cluster with policies must have an engine that is known.
pub(crate) fn require_engines(estate: &Estate) -> Result<(), Failure> {
    for cluster in estate.clusters() {
        let mut objects = cluster.objects();
        if objects.any(|object| PolicyDialect::of(&object).is_some()) {
            Engine::of(&cluster).map_err(|unknown| Failure::Usage(unnamed(&cluster, &unknown)))?;
        }
    }
    Ok(())
}

fn unnamed(cluster: &Cluster<'_>, unknown: &Unknown) -> String {
    let Unknown { cause, supply, .. } = unknown;
    format!(
        "what enforces the policies of `{}` isn't known: {cause}; name it with --engine, or add what `{supply}` prints",
        cluster.name()
    )
}

impl ConnectivityArguments {
    /// Prints the exposure of every cluster's workloads.
    fn expose(&self, estate: &Estate) -> Result<Exit, Failure> {
        let write: ExposureWriter = match self.format {
            Format::Terminal => |report, out| exposure_text::write_terminal(report, out),
            Format::Markdown => |report, out| exposure_text::write_markdown(report, out),
            Format::Json => |report, out| json::write(report, out),
            Format::Csv | Format::Dot | Format::Svg => {
                let text = "exposure is printed with --format terminal, json or markdown";
                return Err(Failure::Usage(text.to_owned()));
            }
        };
        let mut clusters = Vec::new();
        for cluster in estate.clusters() {
            let engine = self.engine.of(&cluster).map_err(Failure::Usage)?;
            let exposure = expose(&cluster, &Options::new(engine));
            let mut new =
                ClusterExposure::new(cluster.name(), engine.kind.as_str(), exposure.as_ref());
            new.retain(&self.namespace);
            clusters.push(new);
        }
        let report = ExposureReport {
            version: 1,
            clusters,
        };
        output::print_with(true, |out| write(&report, out))?;
        Ok(Exit::Clean)
    }

    /// Whether only some connections are wanted.
    fn narrows(&self) -> bool {
        self.from.is_some() || self.to.is_some() || !self.namespace.is_empty()
    }

    fn wants(&self, from: &Party, to: &Party) -> bool {
        let has = |wanted: &Option<String>, party: &Party| {
            wanted
                .as_ref()
                .is_none_or(|text| party.name().contains(text.as_str()))
        };
        let is_of = |party: &Party| {
            let namespace = party.namespace.as_ref();
            namespace.is_some_and(|name| self.namespace.contains(name))
        };
        let is_near = self.namespace.is_empty() || is_of(from) || is_of(to);
        has(&self.from, from) && has(&self.to, to) && is_near
    }
}

type ExposureWriter = fn(&ExposureReport, &mut dyn Write) -> io::Result<()>;

type Writer = fn(&ConnectivityReport, &mut dyn Write) -> io::Result<()>;

fn writer(view: View, format: Format) -> Result<Writer, Failure> {
    Ok(match (view, format) {
        (View::List, Format::Terminal) => |report, out| terminal::write(report, out),
        (View::List, Format::Csv) => |report, out| csv::write(report, out),
        (View::List, Format::Markdown) => |report, out| markdown::write(report, out),
        (View::List, Format::Json) => |report, out| json::write(report, out),
        (View::List, Format::Dot) => |report, out| dot::write(report, out),
        (View::List, Format::Svg) => |report, out| svg::write(report, out),
        (View::Matrix, Format::Terminal) => |report, out| matrix::write_terminal(report, out),
        (View::Matrix, Format::Csv) => |report, out| matrix::write_csv(report, out),
        (View::Matrix, Format::Markdown) => |report, out| matrix::write_markdown(report, out),
        (View::Matrix, Format::Json | Format::Dot | Format::Svg) => {
            let text = "a matrix is printed with --format terminal, csv or markdown";
            return Err(Failure::Usage(text.to_owned()));
        }
    })
}
