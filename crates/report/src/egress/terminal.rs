//! Text for people.

use std::io::{self, Write};

use super::{
    AnswerEntry, ClusterEgress, EgressReport, EndpointEntry, FirewallEgress, PlanEntry, RuleEntry,
    StandingWord, WayOut,
};
use crate::connectivity::flow::{FlowVerdict, write_place};
use crate::connectivity::way::Cause;
use crate::plain_text::one_line;

/// Writes the report. With `is_full` what passes is listed, too, and rules that are needed.
pub fn write(report: &EgressReport, is_full: bool, mut out: impl Write) -> io::Result<()> {
    let out = &mut out;
    for cluster in &report.clusters {
        write_cluster(cluster, &report.endpoints_as_of, is_full, out)?;
        writeln!(out)?;
    }
    for firewall in &report.firewalls {
        write_firewall(firewall, is_full, out)?;
        writeln!(out)?;
    }
    Ok(())
}

fn write_cluster(
    cluster: &ClusterEgress,
    date: &str,
    is_full: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "{}", one_line(&cluster.cluster))?;
    if let Some(cause) = &cluster.unknown {
        writeln!(out, ": not known what it needs")?;
        return write_cause(cause, 2, out);
    }
    if let Some(place) = &cluster.isolated_by {
        writeln!(out, ": network isolated, needs nothing outbound")?;
        return write_place(place, 2, out);
    }
    let count = |is_needed: bool| {
        let all = cluster.endpoints.iter();
        all.filter(|one| one.doubt.is_none() == is_needed).count()
    };
    let features = cluster.features.iter();
    let features = features.filter(|feature| feature.has == Some(true));
    let features: Vec<_> = features.map(|feature| feature.feature).collect();
    let with = match features.is_empty() {
        true => String::new(),
        false => format!(", with {}", features.join(", ")),
    };
    writeln!(
        out,
        ": needs {} endpoints by the list of {date}{with}",
        count(true)
    )?;
    write_doubts(cluster, out)?;
    if let Some(cause) = &cluster.ways_unknown {
        writeln!(out, "  no way out that can be asked")?;
        write_cause(cause, 4, out)?;
    }
    for way in &cluster.ways {
        write_way(way, cluster, is_full, out)?;
    }
    match &cluster.plan {
        Some(plan) => write_plan(plan, out),
        None => Ok(()),
    }
}

fn write_doubts(cluster: &ClusterEgress, out: &mut dyn Write) -> io::Result<()> {
    let mut told: Vec<&Cause> = Vec::new();
    for endpoint in &cluster.endpoints {
        let Some(cause) = endpoint
            .doubt
            .as_ref()
            .filter(|cause| !told.contains(cause))
        else {
            continue;
        };
        told.push(cause);
        let alike = cluster.endpoints.iter();
        let alike = alike.filter(|one| one.doubt.as_ref() == Some(cause));
        let titles: Vec<_> = alike.map(title).collect();
        let shown = titles
            .iter()
            .take(3)
            .cloned()
            .collect::<Vec<_>>()
            .join("; ");
        let more = match titles.len() > 3 {
            true => format!(" and {} more", titles.len() - 3),
            false => String::new(),
        };
        writeln!(out, "  perhaps it needs {}{more}", one_line(&shown))?;
        write_cause(cause, 4, out)?;
    }
    Ok(())
}

fn write_way(
    way: &WayOut,
    cluster: &ClusterEgress,
    is_full: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let subnets: Vec<_> = way.subnets.iter().map(|id| last_segment(id)).collect();
    let subnets = subnets.join(", ");
    let Some(firewall) = &way.firewall else {
        writeln!(
            out,
            "  from {}: no firewall that can be asked",
            one_line(&subnets)
        )?;
        return way
            .cause
            .as_ref()
            .map_or(Ok(()), |cause| write_cause(cause, 4, out));
    };
    let certain = way.answers.iter();
    let certain = certain.filter(|answer| cluster.endpoints[answer.endpoint].doubt.is_none());
    let count = |verdict| {
        certain
            .clone()
            .filter(|answer| answer.verdict == verdict)
            .count()
    };
    writeln!(
        out,
        "  from {} through firewall {}: {} pass, {} are denied, {} are uncertain",
        one_line(&subnets),
        one_line(last_segment(firewall)),
        count(FlowVerdict::Allowed),
        count(FlowVerdict::Denied),
        count(FlowVerdict::Uncertain),
    )?;
    for answer in certain.clone() {
        if is_full || answer.verdict != FlowVerdict::Allowed {
            write_answer(answer, &cluster.endpoints[answer.endpoint], out)?;
        }
    }
    Ok(())
}

fn write_answer(
    answer: &AnswerEntry,
    endpoint: &EndpointEntry,
    out: &mut dyn Write,
) -> io::Result<()> {
    let superseded = endpoint.superseded_by.as_ref();
    let superseded = superseded.map(|name| format!("; {name} takes its place"));
    writeln!(
        out,
        "    {:<9} {} ({}{})",
        answer.verdict.as_str(),
        one_line(&title(endpoint)),
        endpoint.features.join(", "),
        one_line(&superseded.unwrap_or_default())
    )?;
    if let Some(name) = &answer.name {
        writeln!(out, "      such as {}", one_line(name))?;
    }
    for rule in &answer.rules {
        write_rule("by ", rule, 6, out)?;
    }
    for cause in &answer.causes {
        write_cause(cause, 6, out)?;
    }
    Ok(())
}

fn write_plan(plan: &PlanEntry, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "  plan: rule collection group {} with {} for packets of {}",
        one_line(&plan.group),
        match plan.rules.len() {
            1 => "1 rule".to_owned(),
            count => format!("{count} rules"),
        },
        plan.sources.join(", ")
    )?;
    for rule in &plan.rules {
        let ports: Vec<_> = rule.ports.iter().map(ToString::to_string).collect();
        writeln!(
            out,
            "    {:<11} {:<28} {} {}",
            rule.kind,
            one_line(&rule.name),
            rule.protocol,
            ports.join(", ")
        )?;
        for destination in &rule.destinations {
            writeln!(out, "      {}", one_line(destination))?;
        }
    }
    if plan.needs_dns_proxy {
        writeln!(
            out,
            "    the firewall's DNS proxy must be on, and the network must ask it for names"
        )?;
    }
    let proof = &plan.proof;
    let said = match (proof.needed_passes, proof.nothing_else_passes) {
        (true, true) if proof.open.is_empty() => {
            "proved over all packets: every endpoint passes, and nothing else"
        }
        (true, true) => {
            "proved over all packets: every endpoint passes, and nothing else but perhaps:"
        }
        (true, false) => "refuted: more passes than is needed",
        (false, _) => "refuted: not every endpoint passes",
    };
    writeln!(out, "  {said}")?;
    for text in &proof.refuted_by {
        writeln!(out, "    {}", one_line(text))?;
    }
    for cause in &proof.open {
        write_cause(cause, 4, out)?;
    }
    Ok(())
}

fn write_firewall(firewall: &FirewallEgress, is_full: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "firewall {}, rules by what {} and their workloads need",
        one_line(last_segment(&firewall.firewall)),
        one_line(&firewall.clusters.join(", "))
    )?;
    for (word, text, is_always) in STANDINGS {
        let alike = firewall.rules.iter();
        let alike: Vec<_> = alike.filter(|rule| rule.standing == word).collect();
        if alike.is_empty() {
            continue;
        }
        writeln!(out, "  {} {text}", alike.len())?;
        for rule in alike.into_iter().filter(|_| is_full || is_always) {
            write_rule("", &rule.rule, 4, out)?;
            if !rule.used_for.is_empty() {
                writeln!(out, "      for {}", one_line(&rule.used_for.join(", ")))?;
            }
            if let Some(cause) = &rule.cause {
                write_cause(cause, 6, out)?;
            }
        }
    }
    for cause in &firewall.gaps {
        write_cause(cause, 2, out)?;
    }
    Ok(())
}

/// The standings in the order in which they are told, and which are listed in any case.
const STANDINGS: [(StandingWord, &str, bool); 7] = [
    (
        StandingWord::NotNeeded,
        "that AKS doesn't need and no image registry of a workload uses:",
        true,
    ),
    (
        StandingWord::NeededAndMore,
        "that AKS needs, and that let more of their packets pass, or may:",
        true,
    ),
    (StandingWord::Unknown, "of which it isn't known:", true),
    (
        StandingWord::Used,
        "by which images of workloads are pulled",
        false,
    ),
    (
        StandingWord::Needed,
        "that AKS needs, and that let nothing else of theirs pass",
        false,
    ),
    (StandingWord::OfOthers, "for the packets of others", false),
    (StandingWord::Denies, "that deny", false),
];

fn write_rule(
    before: &str,
    rule: &RuleEntry,
    indent: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let of = rule.resource.as_deref().map(last_segment);
    let of = of.map(|holder| format!(" of {holder}")).unwrap_or_default();
    writeln!(
        out,
        "{:indent$}{before}{}{}",
        "",
        one_line(&rule.rule),
        one_line(&of)
    )?;
    match &rule.location {
        Some(place) => write_place(place, indent + 2, out),
        None => Ok(()),
    }
}

fn write_cause(cause: &Cause, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{:indent$}because: {} ({})",
        "",
        one_line(&cause.cause),
        one_line(&cause.supply)
    )
}

fn title(endpoint: &EndpointEntry) -> String {
    format!(
        "{} {} {}",
        endpoint.protocol.to_ascii_uppercase(),
        endpoint.port,
        endpoint.destination
    )
}

fn last_segment(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
