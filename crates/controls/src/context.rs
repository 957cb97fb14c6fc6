//! What a control sees.

use std::sync::{Arc, OnceLock};

use ipnet::IpNet;
use jiff::civil::Date;
use jiff::{Timestamp, tz};
use palisade_estate::{Cluster, Estate, Unknown};
use palisade_policy::{Assignments, Catalogue, Lint};
use palisade_reach::kubernetes::EngineKind;

use crate::once::Once;
use crate::reachability::{Proof, Reachabilities, Reachability};
use crate::{Control, Parameter, Setting, Settings};

/// Everything a control may look at.
#[derive(Clone)]
pub struct Context<'e> {
    /// The estate.
    pub estate: &'e Estate,
    /// The day for which expiries and retirements are judged. Given, so that the same input
    /// gives the same output.
    pub today: Date,
    /// What the project says about the controls.
    pub settings: &'e Settings,
    /// The control that is asked.
    asked: Option<&'static Control>,
    reachabilities: Arc<Reachabilities<'e>>,
    assignments: Arc<Once<Assignments<'e>>>,
    definitions: Arc<Definitions<'e>>,
}

/// What is known about the definitions of Azure Policy.
#[derive(Default)]
struct Definitions<'e> {
    catalogue: Catalogue,
    lints: OnceLock<Vec<Lint<'e>>>,
}

impl<'e> Context<'e> {
    /// An estate on a day, with nothing said about the controls.
    pub fn new(estate: &'e Estate, today: Date) -> Self {
        Self {
            estate,
            today,
            settings: const { &Settings::NONE },
            asked: None,
            reachabilities: Arc::new(Reachabilities::of(estate, None)),
            definitions: Arc::default(),
            assignments: Arc::new(Once::new()),
        }
    }

    /// The same where the aliases of Azure Policy are known.
    #[must_use]
    pub fn with_aliases(self, catalogue: Catalogue) -> Self {
        let definitions = Definitions {
            catalogue,
            lints: OnceLock::new(),
        };
        Self {
            definitions: Arc::new(definitions),
            ..self
        }
    }

    /// The remarks about definitions and what puts them in force, computed once.
    pub(crate) fn definition_lints(&self) -> &[Lint<'e>] {
        let Definitions { catalogue, lints } = &*self.definitions;
        lints.get_or_init(|| palisade_policy::lint(self.estate, catalogue))
    }

    /// The same where somebody has said what enforces the network policies of the clusters.
    #[must_use]
    pub fn with_engine(self, engine: EngineKind) -> Self {
        Self {
            reachabilities: Arc::new(Reachabilities::of(self.estate, Some(engine))),
            ..self
        }
    }

    /// What the policies of a cluster allow, as its engine enforces them; why that isn't known.
    pub(crate) fn reachability(&self, cluster: &Cluster<'e>) -> Result<&Reachability<'e>, Unknown> {
        self.reachabilities.get(cluster)
    }

    /// The same for the pods that the cluster could have as well.
    pub(crate) fn proof(&self, cluster: &Cluster<'e>) -> Result<&Proof<'e>, Unknown> {
        self.reachabilities.prove(cluster)
    }

    /// The same as it would be under an engine that the cluster may not run.
    pub(crate) fn proof_under(
        &self,
        cluster: &Cluster<'e>,
        engine: EngineKind,
    ) -> Result<&Proof<'e>, Unknown> {
        self.reachabilities.suppose(cluster, engine)
    }

    /// The assignments of Azure Policy, as of the start of the day.
    pub(crate) fn assignments(&self) -> &Assignments<'e> {
        self.assignments
            .get(|| Assignments::read(self.estate, self.now()))
    }

    /// The start of the day, by which exemptions hold or don't.
    fn now(&self) -> Timestamp {
        let start = self.today.to_zoned(tz::TimeZone::UTC);
        start.map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp())
    }

    /// The same with what a project says about the controls.
    #[must_use]
    pub fn with_settings(self, settings: &'e Settings) -> Self {
        Self { settings, ..self }
    }

    pub(crate) fn asking(&self, control: &'static Control) -> Self {
        Self {
            asked: Some(control),
            ..self.clone()
        }
    }

    /// The value of a parameter of the control that is asked.
    fn setting(&self, parameter: &Parameter) -> Setting {
        let own = self
            .asked
            .and_then(|control| self.settings.controls.get(control.code));
        let given = own.and_then(|own| own.values.get(parameter.name));
        given.cloned().unwrap_or_else(|| parameter.default())
    }

    /// The value of a number; 0 if the parameter is none.
    pub(crate) fn number(&self, parameter: &Parameter) -> i64 {
        match self.setting(parameter) {
            Setting::Number(number) => number,
            _ => 0,
        }
    }

    /// The value of a choice; empty if the parameter is none.
    pub(crate) fn choice(&self, parameter: &Parameter) -> String {
        match self.setting(parameter) {
            Setting::Choice(word) => word,
            _ => String::new(),
        }
    }

    /// The value of a list of ports; empty if the parameter is none.
    pub(crate) fn ports(&self, parameter: &Parameter) -> Vec<u16> {
        match self.setting(parameter) {
            Setting::Ports(ports) => ports,
            _ => Vec::new(),
        }
    }

    /// The value of a list of address ranges; empty if the parameter is none.
    pub(crate) fn address_ranges(&self, parameter: &Parameter) -> Vec<IpNet> {
        match self.setting(parameter) {
            Setting::AddressRanges(ranges) => ranges,
            _ => Vec::new(),
        }
    }

    /// The value of a list of names; empty if the parameter is none.
    pub(crate) fn names(&self, parameter: &Parameter) -> Vec<String> {
        match self.setting(parameter) {
            Setting::Names(names) => names,
            _ => Vec::new(),
        }
    }
}
