use ipnet::{IpNet, Ipv4Net};
use palisade_estate::azure::ManagedCluster;
use palisade_estate::{ResourceId, Unknown};

use super::authorized_range::{AuthorizedRange, Reach, authorized_ranges};
use crate::azure_cli;
use crate::{
    Confidence, Context, Control, Domain, Findings, Framework, Parameter, Recommendation, Severity,
    Subject, Weaker,
};

pub(super) static CONTROL: Control = Control {
    code: "PC003",
    name: "authorized-range-too-wide",
    title: "each authorised range is no wider than a network of one's own",
    recommendation: Recommendation::PrivateCluster,
    severity: Severity::Medium,
    confidence: Confidence::High,
    equivalents: &[Framework::Mcsb.id("NS-2"), Framework::CisAks.id("5.4.1")],
    parameters: &[&SHORTEST_PREFIX, &ALLOWED_RANGES],
    page: include_str!("authorized_range_too_wide.md"),
    check,
};

/// The shortest prefix that a single organisation plausibly owns is 16: 65,536 addresses.
static SHORTEST_PREFIX: Parameter = Parameter {
    name: "shortest-prefix",
    meaning: "the shortest prefix length that an authorised range may have",
    domain: Domain::Number {
        default: 16,
        least: 1,
        most: 32,
    },
    weaker: Weaker::Less,
};

static ALLOWED_RANGES: Parameter = Parameter {
    name: "allowed-ranges",
    meaning: "public ranges of one's own, which may be authorised however wide they are",
    domain: Domain::AddressRanges { default: &[] },
    weaker: Weaker::More,
};

/// A range shorter than this holds more than 16 million addresses.
const VAST: u8 = 8;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let limits = Limits {
        shortest_prefix: context.number(&SHORTEST_PREFIX),
        allowed: context.address_ranges(&ALLOWED_RANGES),
    };
    findings.each(
        context.estate.all::<ManagedCluster<'_>>(),
        |cluster, findings| {
            if cluster.is_private().or_default(false)?.0 {
                findings.not_applicable(
                    **cluster,
                    "the cluster is private, and authorised ranges guard the public endpoint only",
                );
                return Ok(());
            }
            let ranges = authorized_ranges(cluster)?;
            if ranges.is_empty() {
                findings.not_applicable(
                    **cluster,
                    "no range is authorised, which is PC002's question",
                );
            }
            for range in &ranges {
                let subject = Subject::from(**cluster).part(range.text);
                judge(cluster.id(), subject, range, &limits, findings);
            }
            Ok(())
        },
    );
}

/// How wide a range may be.
struct Limits {
    shortest_prefix: i64,
    allowed: Vec<IpNet>,
}

impl Limits {
    fn admits(&self, network: Ipv4Net) -> bool {
        i64::from(network.prefix_len()) >= self.shortest_prefix
            || self
                .allowed
                .iter()
                .any(|own| own.contains(&IpNet::V4(network)))
    }
}

fn judge(
    cluster: &ResourceId,
    subject: Subject,
    range: &AuthorizedRange<'_>,
    limits: &Limits,
    findings: &mut Findings,
) {
    match answer(range, limits) {
        Ok(Answer::Open(message)) => {
            findings.not_applicable(subject, message).at(range.at, "");
        }
        Ok(Answer::Narrow(message)) => {
            findings.pass(subject, message).at(range.at, "");
        }
        Ok(Answer::Wide(severity, message)) => {
            let finding = findings.fail(subject, message);
            finding.severity(severity).at(range.at, "this entry");
            finding.help(azure_cli::update(
                cluster,
                "--api-server-authorized-ip-ranges with the whole list, this entry narrowed",
            ));
        }
        Err(unknown) => {
            findings
                .unknown(subject, unknown)
                .at(range.at, "this entry");
        }
    }
}

/// What there is to say about an entry.
enum Answer {
    /// It leaves nothing of the list, and the list is another control's subject.
    Open(String),
    Narrow(String),
    Wide(Severity, String),
}

fn answer(range: &AuthorizedRange<'_>, limits: &Limits) -> Result<Answer, Unknown> {
    let text = range.text;
    Ok(match range.reach {
        Reach::Everyone => Answer::Open(format!("{text} authorises every address, see PC002")),
        Reach::AzureCloud => {
            let message = format!("{text} authorises every machine in Azure, whoever rents it");
            Answer::Wide(Severity::High, message)
        }
        Reach::Private => {
            let message =
                format!("{text} is private: no packet to the public endpoint comes from there");
            Answer::Wide(Severity::Low, message)
        }
        Reach::OwnOutboundAddress => Answer::Narrow(format!(
            "{text} authorises only the cluster's own outbound address"
        )),
        Reach::Public(network) => {
            let addresses = 1_u64 << (32 - network.prefix_len());
            let message = format!("{text} authorises {}", count(addresses));
            match network.prefix_len() {
                _ if limits.admits(network) => Answer::Narrow(message),
                VAST.. => Answer::Wide(Severity::Medium, message),
                _ => Answer::Wide(Severity::High, message),
            }
        }
        Reach::ServiceTag(tag) => {
            return Err(Unknown::because(
                format!("the addresses behind the service tag {tag} (preview) change every week"),
                "a waiver that says why the tag is narrow enough; az network \
                 list-service-tags --location REGION shows it",
            ));
        }
        Reach::Unreadable => {
            return Err(Unknown::because(
                format!("the entry {text} is neither an IPv4 range nor a service tag"),
                "correct the entry",
            ));
        }
    })
}

fn count(addresses: u64) -> String {
    match addresses {
        1 => "1 address".to_owned(),
        more => format!("{more} addresses"),
    }
}
