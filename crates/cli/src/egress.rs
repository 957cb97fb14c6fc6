//! `palisade egress`: what clusters need outbound, what their firewall does with it, and the
//! smallest set of rules that would do.

use std::path::PathBuf;
use std::rc::Rc;

use clap::{Args, ValueEnum};
use palisade_estate::azure::{AzureFirewall, ManagedCluster};
use palisade_estate::{Field, ResourceId};
use palisade_packet::{AddressSet, Set};
use palisade_reach::azure::firewall::RuleBook;
use palisade_reach::azure::outbound::{Feature, Needs, built_in, needs};
use palisade_reach::azure::{Network, ServiceTags};
use palisade_reach::egress::{Site, User, answers, plan, registries, review, sites};
use palisade_remedy::egress::{Group, bicep, configuration, prove, template};
use palisade_report::egress::{
    ClusterEgress, EgressReport, FirewallEgress, PlanEntry, WayOut, cause_of, write_json,
    write_terminal,
};

use crate::arguments::InputArguments;
use crate::estate;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::project::Project;
use crate::way::service_tags;

#[derive(Debug, Args)]
pub(crate) struct EgressArguments {
    #[command(flatten)]
    input: InputArguments,

    /// Ask only about clusters with these names
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    cluster: Vec<String>,

    /// Take clusters to have these features, whatever their settings say
    #[arg(long, value_name = "FEATURE", value_delimiter = ',', value_parser = parse_feature)]
    with: Vec<Feature>,

    /// Take clusters not to have these features
    #[arg(long, value_name = "FEATURE", value_delimiter = ',', value_parser = parse_feature)]
    without: Vec<Feature>,

    /// Plan with the FQDN tag AzureKubernetesService in place of the names that every cluster
    /// needs; what else it lets pass isn't published
    #[arg(long)]
    fqdn_tag: bool,

    /// The priority of the first rule collection group that is planned
    #[arg(long, value_name = "NUMBER", default_value_t = 200, value_parser = clap::value_parser!(u16).range(100..=65000))]
    priority: u16,

    /// Service tags newer than the built-in ones: Microsoft's download of a cloud, or what
    /// `az network list-service-tags` prints
    #[arg(long, value_name = "FILE")]
    service_tags: Vec<PathBuf>,

    /// List what passes, too, and the rules that are needed
    #[arg(long)]
    full: bool,

    /// Exit with 3 when nothing is denied and something isn't known
    #[arg(long)]
    strict: bool,

    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Terminal)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What is needed, what becomes of it, and the plan with its proof
    Terminal,
    /// The same as version 1 of the JSON format
    Json,
    /// The plan as an ARM template
    Arm,
    /// The plan as a Bicep file
    Bicep,
    /// The plan as a Terraform configuration
    Terraform,
}

fn parse_feature(text: &str) -> Result<Feature, String> {
    let names = Feature::ALL.map(Feature::as_str);
    Feature::named(text).ok_or_else(|| format!("one of {}", names.join(", ")))
}

pub(crate) fn run(arguments: &EgressArguments) -> Result<Exit, Failure> {
    let project = Project::load(&arguments.input)?;
    let (input, _, _) = estate::read(&arguments.input, &project)?;
    let tags = service_tags(&arguments.service_tags)?;
    let network = Network::new(&input.estate, tags.clone());
    let mut examined = Examined::of(&network);
    for cluster in arguments.clusters(&network)? {
        examined.add(arguments, &cluster, &tags)?;
    }
    let firewalls = examined.firewalls();
    let report = EgressReport {
        version: 1,
        endpoints_as_of: built_in().date.clone(),
        clusters: examined.clusters,
        firewalls,
    };
    let policy = examined.policies.first();
    let name = policy.map(ResourceId::name);
    let id = policy.map(ToString::to_string);
    let groups = &examined.groups;
    match arguments.format {
        Format::Terminal => {
            output::print_with(true, |out| write_terminal(&report, arguments.full, out))?
        }
        Format::Json => output::print_with(true, |out| write_json(&report, out))?,
        _ if groups.is_empty() => {
            let text = "there is nothing to plan; `--format terminal` says why";
            return Err(Failure::NoInput(text.to_owned()));
        }
        Format::Arm => output::print(&template(groups, name))?,
        Format::Bicep => output::print(&bicep(groups, name))?,
        Format::Terraform => output::print(&configuration(groups, id.as_deref()))?,
    }
    Ok(if report.is_refuted() {
        Exit::Findings
    } else if arguments.strict && report.is_uncertain() {
        Exit::NoInput
    } else {
        Exit::Clean
    })
}

impl EgressArguments {
    fn clusters<'e>(&self, network: &Network<'e>) -> Result<Vec<ManagedCluster<'e>>, Failure> {
        let all = network.estate().all::<ManagedCluster<'e>>();
        let is_asked = |cluster: &ManagedCluster<'_>| {
            let mut names = self.cluster.iter();
            self.cluster.is_empty() || names.any(|name| name.eq_ignore_ascii_case(cluster.name()))
        };
        let asked: Vec<_> = all.filter(is_asked).collect();
        match asked.is_empty() {
            true => Err(Failure::NoInput(
                "the input holds no managed cluster that is asked about; add what `az aks list` prints"
                    .to_owned(),
            )),
            false => Ok(asked),
        }
    }
}

/// What was found out.
struct Examined<'n, 'e> {
    network: &'n Network<'e>,
    clusters: Vec<ClusterEgress>,
    groups: Vec<Group>,
    /// The policies of the firewalls, each once.
    policies: Vec<ResourceId>,
    passages: Vec<Passage>,
    /// The rules of the firewalls, each read once.
    books: Vec<Rc<RuleBook<'n, 'e>>>,
}

/// Packets of a cluster that go through a firewall.
struct Passage {
    firewall: ResourceId,
    cluster: String,
    sources: AddressSet,
    needs: Needs,
    servers: Vec<String>,
}

impl<'n, 'e> Examined<'n, 'e> {
    fn of(network: &'n Network<'e>) -> Self {
        Self {
            network,
            clusters: Vec::new(),
            groups: Vec::new(),
            policies: Vec::new(),
            passages: Vec::new(),
            books: Vec::new(),
        }
    }

    /// The rules of a firewall.
    fn rules(&mut self, firewall: &AzureFirewall<'e>) -> Rc<RuleBook<'n, 'e>> {
        let mut books = self.books.iter();
        if let Some(book) = books.find(|book| book.firewall().id() == firewall.id()) {
            return Rc::clone(book);
        }
        let book = Rc::new(RuleBook::of(self.network, firewall));
        self.books.push(Rc::clone(&book));
        book
    }

    fn add(
        &mut self,
        arguments: &EgressArguments,
        cluster: &ManagedCluster<'e>,
        tags: &[ServiceTags],
    ) -> Result<(), Failure> {
        let needs = match needs(cluster, built_in(), &arguments.with, &arguments.without) {
            Ok(needs) => needs,
            Err(unknown) => {
                self.clusters
                    .push(ClusterEgress::unknown(cluster, &unknown));
                return Ok(());
            }
        };
        let mut entry = ClusterEgress::new(cluster, &needs);
        match sites(self.network, cluster) {
            _ if needs.needs.is_empty() => {}
            Err(unknown) => entry.ways_unknown = Some(cause_of(&unknown)),
            Ok(sites) => {
                self.add_ways(cluster, &needs, &sites, &mut entry);
                let number = u16::try_from(self.groups.len()).unwrap_or(u16::MAX);
                let planned = plan(&needs, &sources(&sites), arguments.fqdn_tag);
                let priority = arguments.priority.saturating_add(number);
                let group = Group::of_cluster(cluster.name(), priority, planned);
                let proof = prove(&group, &needs, &sources(&sites), tags.to_vec());
                let proof = proof.map_err(Failure::Broken)?;
                entry.plan = Some(PlanEntry::new(&group, &needs, &proof));
                self.groups.push(group);
            }
        }
        self.clusters.push(entry);
        Ok(())
    }

    fn add_ways(
        &mut self,
        cluster: &ManagedCluster<'e>,
        needs: &Needs,
        sites: &[Site<'e>],
        entry: &mut ClusterEgress,
    ) {
        let estate = self.network.estate();
        let mut clusters = estate.clusters();
        let objects = clusters.find(|other| other.id() == Some(cluster.id()));
        let servers = objects.map(|objects| registries(&objects, &needs.region));
        let mut asked: Vec<&ResourceId> = Vec::new();
        for site in sites {
            let firewall = match &site.firewall {
                Ok(firewall) => firewall,
                Err(unknown) => {
                    entry.ways.push(WayOut::without(site, unknown));
                    continue;
                }
            };
            if asked.contains(&firewall.id()) {
                continue;
            }
            asked.push(firewall.id());
            let behind = sites.iter().filter(|other| {
                let other = other.firewall.as_ref();
                other.is_ok_and(|other| other.id() == firewall.id())
            });
            let behind: Vec<_> = behind.cloned().collect();
            let sources = sources(&behind);
            let answers = answers(&self.rules(firewall), &sources, needs);
            entry
                .ways
                .push(WayOut::by(estate, firewall, &behind, &answers));
            if let Field::Present(policy, _) = firewall.policy()
                && !self.policies.contains(&policy)
            {
                self.policies.push(policy);
            }
            self.passages.push(Passage {
                firewall: firewall.id().clone(),
                cluster: cluster.name().to_owned(),
                sources,
                needs: needs.clone(),
                servers: servers.clone().unwrap_or_default(),
            });
        }
    }

    /// The firewalls that packets go through, with their rules.
    fn firewalls(&self) -> Vec<FirewallEgress> {
        let reviewed = self.books.iter().map(|book| {
            let device = book.firewall();
            let own = self
                .passages
                .iter()
                .filter(|own| own.firewall == *device.id());
            let users = own.clone().map(|own| User {
                sources: own.sources.clone(),
                needs: &own.needs,
                servers: own.servers.clone(),
            });
            let review = review(book, &users.collect::<Vec<_>>());
            let names = own.map(|own| own.cluster.clone()).collect();
            FirewallEgress::new(device, names, &review)
        });
        reviewed.collect()
    }
}

fn sources(sites: &[Site<'_>]) -> AddressSet {
    let empty = AddressSet::empty();
    sites
        .iter()
        .fold(empty, |all, site| all.union(&site.sources))
}
