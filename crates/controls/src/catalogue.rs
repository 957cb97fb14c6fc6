//! Catalogues of controls kept elsewhere: what each asks about the network of AKS, and how far
//! Palisade answers it. Which controls answer an item stands with the controls, in their
//! `equivalents`.

mod azqr;
mod azure_policy;
mod checkov;
mod cis_aks;
mod cis_azure;
mod cnspec;
mod kics;
mod kube_linter;
mod kubescape;
mod mcsb;
mod prowler;
mod psrule;
mod scout_suite;
mod trivy;
mod union;

use crate::{Control, Framework, all};

/// Something that a catalogue asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id in the catalogue.
    pub id: &'static str,
    /// What it asks for, in our own words.
    pub asks: &'static str,
    /// How far Palisade answers it.
    pub standing: Standing,
}

/// How far Palisade answers what a catalogue asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Controls judge it.
    Judged,
    /// Controls judge a part; why the rest needs a person.
    Partly(&'static str),
    /// It needs a person; why.
    Manual(&'static str),
    /// It isn't about the network, or Azure has retired it; why.
    OutOfScope(&'static str),
}

impl Standing {
    /// Why the item, or a part of it, is left to somebody else.
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Judged => None,
            Self::Partly(why) | Self::Manual(why) | Self::OutOfScope(why) => Some(why),
        }
    }
}

impl Item {
    const fn judged(id: &'static str, asks: &'static str) -> Self {
        let standing = Standing::Judged;
        Self { id, asks, standing }
    }

    const fn partly(id: &'static str, asks: &'static str, why: &'static str) -> Self {
        let standing = Standing::Partly(why);
        Self { id, asks, standing }
    }

    const fn manual(id: &'static str, asks: &'static str, why: &'static str) -> Self {
        let standing = Standing::Manual(why);
        Self { id, asks, standing }
    }

    const fn out(id: &'static str, asks: &'static str, why: &'static str) -> Self {
        let standing = Standing::OutOfScope(why);
        Self { id, asks, standing }
    }
}

/// Something that the controls must cover, whoever else asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The number of the recommendation.
    pub recommendation: u8,
    /// What is asked for.
    pub what: &'static str,
    /// The codes of the controls that cover it.
    pub controls: &'static [&'static str],
}

impl Need {
    const fn new(
        recommendation: u8,
        what: &'static str,
        controls: &'static [&'static str],
    ) -> Self {
        Self {
            recommendation,
            what,
            controls,
        }
    }
}

/// What any peer asks, by recommendation.
pub fn union() -> &'static [Need] {
    union::NEEDS
}

impl Framework {
    /// All catalogues: first the benchmarks, then the tools.
    pub const ALL: [Self; 14] = [
        Self::Mcsb,
        Self::CisAks,
        Self::CisAzure,
        Self::AzurePolicy,
        Self::Azqr,
        Self::Psrule,
        Self::Checkov,
        Self::Trivy,
        Self::Prowler,
        Self::Kics,
        Self::Kubescape,
        Self::KubeLinter,
        Self::ScoutSuite,
        Self::Cnspec,
    ];

    /// Its name and the version that the items are of.
    pub fn title(self) -> &'static str {
        match self {
            Self::AzurePolicy => "Azure Policy built-in definitions",
            Self::Mcsb => "Microsoft cloud security benchmark v1",
            Self::CisAks => "CIS Azure Kubernetes Service Benchmark 1.8",
            Self::CisAzure => "CIS Microsoft Azure Foundations Benchmark 6.0",
            Self::Psrule => "PSRule for Azure",
            Self::Checkov => "Checkov",
            Self::Trivy => "Trivy",
            Self::Azqr => "Azure Quick Review",
            Self::Prowler => "Prowler",
            Self::Kubescape => "Kubescape",
            Self::Kics => "KICS",
            Self::KubeLinter => "KubeLinter",
            Self::ScoutSuite => "ScoutSuite",
            Self::Cnspec => "cnspec",
        }
    }

    /// Whether it is a benchmark that people are held to, rather than a tool.
    pub fn is_benchmark(self) -> bool {
        matches!(self, Self::Mcsb | Self::CisAks | Self::CisAzure)
    }

    /// What it asks, in its own order.
    pub fn items(self) -> &'static [Item] {
        match self {
            Self::AzurePolicy => azure_policy::ITEMS,
            Self::Mcsb => mcsb::ITEMS,
            Self::CisAks => cis_aks::ITEMS,
            Self::CisAzure => cis_azure::ITEMS,
            Self::Psrule => psrule::ITEMS,
            Self::Checkov => checkov::ITEMS,
            Self::Trivy => trivy::ITEMS,
            Self::Azqr => azqr::ITEMS,
            Self::Prowler => prowler::ITEMS,
            Self::Kubescape => kubescape::ITEMS,
            Self::Kics => kics::ITEMS,
            Self::KubeLinter => kube_linter::ITEMS,
            Self::ScoutSuite => scout_suite::ITEMS,
            Self::Cnspec => cnspec::ITEMS,
        }
    }

    /// The controls that answer one of its items, in their order.
    pub fn controls_of(self, id: &str) -> impl Iterator<Item = &'static Control> {
        all().filter(move |control| {
            let mut equivalents = control.equivalents.iter();
            equivalents.any(|equivalent| equivalent.framework == self && equivalent.id == id)
        })
    }
}
