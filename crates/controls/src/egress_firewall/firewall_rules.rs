//! The rules of firewalls, whether they stand in a policy or in the firewall itself.

use palisade_document::Value;
use palisade_estate::azure::{
    AzureFirewall, FirewallPolicy, FirewallRule, IpGroup, RuleCollectionGroup,
};
use palisade_estate::{Field, Resource, ResourceId, Settings, Unknown};

use super::address_set::AddressSet;
use crate::{Context, Findings, Subject};

/// The kinds of rules, in the order of evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleKind {
    /// Destination NAT.
    Nat,
    /// By address and port.
    Network,
    /// By name.
    Application,
}

impl RuleKind {
    /// `ruleType` of a policy's rules, in lower case.
    fn rule_type(self) -> &'static str {
        match self {
            Self::Nat => "natrule",
            Self::Network => "networkrule",
            Self::Application => "applicationrule",
        }
    }

    /// Where a firewall with classic rules keeps them.
    fn classic_path(self) -> &'static str {
        match self {
            Self::Nat => "natRuleCollections",
            Self::Network => "networkRuleCollections",
            Self::Application => "applicationRuleCollections",
        }
    }
}

/// A rule with its kind and the subject that it is judged as.
pub(super) struct Rule<'e> {
    /// The kind.
    pub(super) kind: RuleKind,
    /// Whether its collection lets packets pass.
    pub(super) allows: bool,
    /// The rule's own settings.
    pub(super) settings: Settings<'e>,
    /// `group/collection/rule`.
    pub(super) subject: Subject,
}

/// Judges each rule of some kinds. A group that a policy names and the input doesn't hold is
/// unknown, under the policy's name.
pub(super) fn each_rule<'e>(
    context: &Context<'e>,
    findings: &mut Findings,
    kinds: &[RuleKind],
    judge: impl Fn(&Rule<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    findings.each(
        context.estate.all::<RuleCollectionGroup<'e>>(),
        |group, findings| {
            let rules = group.rules()?;
            let kind_of = |rule: &FirewallRule<'e>| {
                let mut kinds = kinds.iter().copied();
                kinds.find(|kind| rule.rule_type() == kind.rule_type())
            };
            let rules = rules
                .into_iter()
                .filter_map(|rule| Some((kind_of(&rule)?, rule)));
            judge_all(**group, rules, findings, &judge);
            Ok(())
        },
    );
    findings.each(
        context.estate.all::<FirewallPolicy<'e>>(),
        |policy, findings| {
            for id in absent_groups(policy)? {
                findings.unknown(Subject::from(**policy).part(id.name()), outside(&id));
            }
            Ok(())
        },
    );
    findings.each(
        context.estate.all::<AzureFirewall<'e>>(),
        |firewall, findings| {
            for &kind in kinds {
                let rules = classic_rules(firewall, kind)?;
                let rules = rules.into_iter().map(|rule| (kind, rule));
                judge_all(**firewall, rules, findings, &judge);
            }
            Ok(())
        },
    );
}

fn judge_all<'e>(
    owner: Resource<'e>,
    rules: impl Iterator<Item = (RuleKind, FirewallRule<'e>)>,
    findings: &mut Findings,
    judge: impl Fn(&Rule<'e>, &mut Findings) -> Result<(), Unknown>,
) {
    for (number, (kind, FirewallRule { rule, collection })) in (1..).zip(rules) {
        let name = match rule.name() {
            "" => format!("{}/rule {number}", collection.name()),
            name => format!("{}/{name}", collection.name()),
        };
        let rule = Rule {
            kind,
            allows: FirewallRule { rule, collection }.allows(),
            settings: rule,
            subject: Subject::from(owner).part(&name),
        };
        if let Err(unknown) = judge(&rule, findings) {
            findings
                .unknown(rule.subject, unknown)
                .at(rule.settings.anchor(), "");
        }
    }
}

/// The rules of a firewall without a policy; a policy puts classic rules out of force.
fn classic_rules<'e>(
    firewall: &AzureFirewall<'e>,
    kind: RuleKind,
) -> Result<Vec<FirewallRule<'e>>, Unknown> {
    match firewall.policy() {
        Field::Present(..) => return Ok(Vec::new()),
        Field::Unknown(unknown) => return Err(unknown),
        Field::Absent(_) => {}
    }
    let mut rules = Vec::new();
    for collection in firewall.elements(kind.classic_path())? {
        let members = collection.elements("rules")?.into_iter();
        rules.extend(members.map(|rule| FirewallRule { rule, collection }));
    }
    Ok(rules)
}

/// The groups that a policy's body names and the input doesn't hold.
pub(super) fn absent_groups(policy: &FirewallPolicy<'_>) -> Result<Vec<ResourceId>, Unknown> {
    let mut ids = policy.rule_collection_group_ids()?;
    ids.retain(|id| policy.estate().find(id).is_none());
    Ok(ids)
}

/// Why a rule collection group isn't known.
pub(super) fn outside(group: &ResourceId) -> Unknown {
    let (name, policy) = (group.name(), group.parent());
    let policy = policy.as_ref().map(ResourceId::name).unwrap_or_default();
    Unknown::because(
        format!("the rule collection group `{name}` is outside the input"),
        format!(
            "az network firewall policy rule-collection-group list --resource-group {} --policy-name {policy}",
            group.resource_group().unwrap_or_default()
        ),
    )
}

/// The addresses of a side of a rule: `addresses` are written in the rule, `groups` are the ids
/// of IP groups. Unknown if a group outside the input could change the answer of `is_enough`.
pub(super) fn addresses(
    context: &Context<'_>,
    rule: &Settings<'_>,
    (addresses, groups): (&str, &str),
    is_enough: impl Fn(&AddressSet) -> bool,
) -> Result<AddressSet, Unknown> {
    let written = rule.texts(addresses)?;
    let mut texts: Vec<&str> = written.into_iter().map(|(text, _)| text).collect();
    let mut unresolved = None;
    for (group, _) in rule.texts(groups)? {
        match ip_group(context, group) {
            Ok(members) => texts.extend(members),
            Err(unknown) => unresolved = Some(unknown),
        }
    }
    let set = AddressSet::of(texts);
    match unresolved {
        Some(unknown) if !is_enough(&set) => Err(unknown),
        _ => Ok(set),
    }
}

fn ip_group<'e>(context: &Context<'e>, id: &str) -> Result<Vec<&'e str>, Unknown> {
    let id = ResourceId::parse(id).ok_or_else(|| {
        Unknown::because(
            format!("{id} is not the id of an IP group"),
            "correct the rule",
        )
    })?;
    context.estate.require::<IpGroup<'e>>(&id)?.addresses()
}

/// The protocols of a network or NAT rule in upper case, with the place that names them:
/// `ipProtocols` in a policy, `protocols` among classic rules.
pub(super) fn protocols(rule: &Settings<'_>) -> Result<Vec<String>, Unknown> {
    let mut names = rule.texts("ipProtocols")?;
    if names.is_empty() {
        names = rule.texts("protocols")?;
    }
    Ok(names
        .into_iter()
        .map(|(name, _)| name.to_ascii_uppercase())
        .collect())
}

/// Whether a list of ports and ranges holds a port.
pub(super) fn holds_port(ports: &[(&str, Value<'_>)], port: u16) -> bool {
    ports.iter().any(|(text, _)| match text.split_once('-') {
        _ if *text == "*" => true,
        Some((first, last)) => {
            let number = |part: &str| part.trim().parse::<u16>().ok();
            matches!((number(first), number(last)), (Some(first), Some(last)) if (first..=last).contains(&port))
        }
        None => text.trim().parse() == Ok(port),
    })
}
