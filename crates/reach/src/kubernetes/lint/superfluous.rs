//! Rules that could go: those that match nothing, those that never get to decide, and those
//! without which others decide the same.
//!
//! A rule is taken out of the program, and the endpoints that its policy selects are walked with
//! it and without, one of each group that policies treat alike, over the peers and the traffic of
//! the rule: nothing else can change. What is found to be superfluous stays out, so that all such
//! rules can go together. Rules are tried from the last to the first.

use std::collections::{BTreeSet, HashMap};

use palisade_document::Origin;
use palisade_estate::Object;
use palisade_estate::kubernetes::{PolicyDialect, PolicyType};

use super::super::analysis::Asked;
use super::super::evaluation::{Applying, Outcome, Witness};
use super::super::program::{Action, Layer, Policy, Rule, Stage};
use super::super::table::{ConditionId, TrafficId, TrafficTable};
use super::super::{Analysis, EndpointId, EndpointSet};
use super::written::{Written, WrittenRule, by_place, likenesses, subjects};
use super::{Lint, LintKind, does};

/// How many of the deciding rules are shown.
const SHOWN: usize = 3;

pub(super) fn lint<'e>(analysis: &Analysis<'e>, written: &Written<'e>, lints: &mut Vec<Lint<'e>>) {
    for direction in [PolicyType::Ingress, PolicyType::Egress] {
        let mut candidates = Candidates::of(written, direction);
        matching_nothing(analysis, direction, &mut candidates, lints);
        for layer in analysis.program.layers(direction) {
            let mut trial = Trial::of(analysis, layer, direction);
            for place in trial.places().into_iter().rev() {
                let Some(rule) = candidates.get(place) else {
                    continue;
                };
                if let Some(lint) = trial.lint(rule) {
                    candidates.take(rule);
                    lints.push(lint);
                }
            }
        }
    }
}

/// The rules that may go. Of a list that has to have something in it one stays.
struct Candidates<'w, 'e> {
    rules: Vec<&'w WrittenRule<'e>>,
    by_place: HashMap<Origin, usize>,
    left: HashMap<Origin, usize>,
}

impl<'w, 'e> Candidates<'w, 'e> {
    fn of(written: &'w Written<'e>, direction: PolicyType) -> Self {
        let rules = written.rules.iter();
        let rules: Vec<_> = rules
            .filter(|rule| rule.direction == direction && !rule.does_more)
            .collect();
        let places = rules.iter().map(|rule| rule.value.origin());
        Self {
            by_place: places.zip(0..).collect(),
            left: rules.iter().filter_map(|rule| rule.switch).collect(),
            rules,
        }
    }

    fn get(&self, place: Origin) -> Option<&'w WrittenRule<'e>> {
        let rule = self.rules[*self.by_place.get(&place)?];
        self.may_go(rule).then_some(rule)
    }

    fn may_go(&self, rule: &WrittenRule<'e>) -> bool {
        rule.switch
            .is_none_or(|(list, _)| self.left.get(&list).is_some_and(|left| *left > 1))
    }

    fn take(&mut self, rule: &WrittenRule<'e>) {
        if let Some(left) = rule.switch.and_then(|(list, _)| self.left.get_mut(&list)) {
            *left -= 1;
        }
    }
}

/// Rules of policies that select pods, and that are about no traffic of anybody.
fn matching_nothing<'e>(
    analysis: &Analysis<'e>,
    direction: PolicyType,
    candidates: &mut Candidates<'_, 'e>,
    lints: &mut Vec<Lint<'e>>,
) {
    let alive = by_place(analysis, direction);
    let acting: BTreeSet<Origin> = super::written::policies(analysis, direction)
        .filter(|policy| !policy.subjects.is_empty())
        .map(|policy| policy.object.body().origin())
        .collect();
    for rule in candidates.rules.clone() {
        let place = rule.value.origin();
        let matches = alive
            .get(&place)
            .into_iter()
            .flatten()
            .any(|(policy, rule)| {
                rule.traffic != TrafficId::NONE
                    && !rule.peers.endpoints.is_empty()
                    && !subjects(policy, rule).is_empty()
            });
        let acts = acting.contains(&rule.object.body().origin());
        if matches || !acts || !candidates.may_go(rule) {
            continue;
        }
        candidates.take(rule);
        lints.push(Lint {
            kind: LintKind::RuleMatchesNothing,
            object: rule.object,
            at: place,
            message: format!(
                "{}[{}] matches no traffic: nobody in the input is a peer of it, or no pod has its ports",
                rule.section, rule.index
            ),
            deciding: Vec::new(),
        });
    }
}

/// A layer from which rules are taken.
struct Trial<'a, 'e> {
    analysis: &'a Analysis<'e>,
    layer: Layer<'e>,
    direction: PolicyType,
    /// An endpoint of each group of those that policies treat alike.
    groups: Vec<EndpointId>,
    group_of: Vec<usize>,
    /// For each group the policies that select it.
    selecting: Vec<Vec<Home>>,
    /// The policies that hold the rules of a place.
    homes: HashMap<Origin, Vec<Home>>,
}

/// A policy of the layer: the numbers of its stage and of itself.
type Home = (usize, usize);

impl<'a, 'e> Trial<'a, 'e> {
    fn of(analysis: &'a Analysis<'e>, layer: &Layer<'e>, direction: PolicyType) -> Self {
        let mut numbers = HashMap::new();
        let (mut groups, mut group_of) = (Vec::new(), Vec::new());
        for (id, likeness) in likenesses(analysis, direction) {
            let number = *numbers.entry(likeness).or_insert(groups.len());
            if number == groups.len() {
                groups.push(id);
            }
            group_of.push(number);
        }
        let mut selecting = vec![Vec::new(); groups.len()];
        let mut homes: HashMap<Origin, Vec<Home>> = HashMap::new();
        for (stage, inner) in layer.stages.iter().enumerate() {
            for (policy, inner) in inner.policies.iter().enumerate() {
                for group in touched(&inner.subjects, &group_of) {
                    selecting[group].push((stage, policy));
                }
                for rule in &inner.rules {
                    let own = homes.entry(rule.origin).or_default();
                    if own.last() != Some(&(stage, policy)) {
                        own.push((stage, policy));
                    }
                }
            }
        }
        Self {
            analysis,
            layer: layer.clone(),
            direction,
            groups,
            group_of,
            selecting,
            homes,
        }
    }

    /// The places of rules, in the order in which they are first asked.
    fn places(&self) -> Vec<Origin> {
        let mut seen = BTreeSet::new();
        let policies = self.layer.stages.iter().flat_map(|stage| &stage.policies);
        let rules = policies.flat_map(|policy| &policy.rules);
        let places = rules.map(|rule| rule.origin);
        places.filter(|place| seen.insert(*place)).collect()
    }

    /// Takes a rule out; puts it back unless nothing changes.
    fn lint(&mut self, written: &WrittenRule<'e>) -> Option<Lint<'e>> {
        let place = written.value.origin();
        let homes = self.homes.get(&place)?.clone();
        let question = self.question(place, &homes)?;
        let with = self.answer(&question);
        let does_decide = with.iter().any(|answer| answer.seen.contains_key(&place));
        let whole: Vec<_> = homes
            .iter()
            .map(|&(stage, policy)| {
                let rules = &mut self.layer.stages[stage].policies[policy].rules;
                let whole = rules.clone();
                rules.retain(|rule| rule.origin != place);
                whole
            })
            .collect();
        let without = self.answer(&question);
        let last = homes.iter().map(|(stage, _)| *stage).max()?;
        let is_covered = without
            .iter()
            .all(|answer| !answer.is_left && answer.last <= last)
            && without.iter().any(|answer| !answer.seen.is_empty());
        let is_same = with
            .iter()
            .zip(&without)
            .all(|(with, without)| with.parts == without.parts);
        if !is_same || !is_covered {
            for (&(stage, policy), rules) in homes.iter().zip(whole) {
                self.layer.stages[stage].policies[policy].rules = rules;
            }
            return None;
        }
        let mut covering: Vec<(Origin, Cover<'e>)> =
            without.into_iter().flat_map(|answer| answer.seen).collect();
        covering.sort_by_key(|(origin, _)| *origin);
        covering.dedup_by_key(|(origin, _)| *origin);
        Some(remark(written, question.action, does_decide, &covering))
    }

    /// What a rule is about, and the groups of endpoints that it is about; nothing for rules that
    /// are about nothing.
    fn question(&self, place: Origin, homes: &[Home]) -> Option<Question> {
        let (mut peers, mut about) = (EndpointSet::empty(), EndpointSet::empty());
        let (mut traffic, mut action) = (TrafficId::NONE, None);
        let mut table = self.analysis.table();
        for &(stage, policy) in homes {
            let policy = &self.layer.stages[stage].policies[policy];
            for rule in policy.rules.iter().filter(|rule| rule.origin == place) {
                peers.extend(&rule.peers.endpoints);
                about.extend(&subjects(policy, rule));
                traffic = table.union(traffic, rule.traffic);
                action = Some(rule.action);
            }
        }
        let is_nothing = peers.is_empty() || about.is_empty() || traffic == TrafficId::NONE;
        let groups = touched(&about, &self.group_of).into_iter().collect();
        action.filter(|_| !is_nothing).map(|action| Question {
            groups,
            peers,
            traffic,
            action,
        })
    }

    /// What becomes of it, group by group.
    fn answer(&self, question: &Question) -> Vec<Answer<'e>> {
        let mut table = self.analysis.table();
        let groups = question.groups.iter();
        groups
            .map(|&group| self.answer_of(group, question, &mut table))
            .collect()
    }

    fn answer_of(&self, group: usize, question: &Question, table: &mut TrafficTable) -> Answer<'e> {
        let stages = self.layer.stages.iter();
        let mut applying: Applying<'_, 'e> = stages.map(|stage| (stage, Vec::new())).collect();
        for &(stage, policy) in &self.selecting[group] {
            applying[stage]
                .1
                .push(&self.layer.stages[stage].policies[policy]);
        }
        let mut observer = Observer {
            stages: &self.layer.stages,
            answer: Answer::default(),
        };
        let asked = Asked {
            direction: self.direction,
            subject: self.groups[group],
            peers: &question.peers,
            traffic: question.traffic,
        };
        let mut parts = self
            .analysis
            .walk(&self.layer, &applying, asked, table, &mut observer);
        parts.sort_by_key(|(peers, _)| peers.first());
        Answer {
            parts,
            ..observer.answer
        }
    }
}

/// What a rule is about.
struct Question {
    groups: Vec<usize>,
    peers: EndpointSet,
    traffic: TrafficId,
    action: Action,
}

/// What becomes of it at one group of endpoints.
#[derive(Default)]
struct Answer<'e> {
    parts: Vec<(EndpointSet, Outcome)>,
    /// The rules that take some of it.
    seen: HashMap<Origin, Cover<'e>>,
    /// The last stage with one of these.
    last: usize,
    /// Whether some of it is taken by no rule.
    is_left: bool,
}

/// A rule that takes some of what another is about.
#[derive(Clone, Copy)]
struct Cover<'e> {
    object: Object<'e>,
    action: Action,
    index: usize,
}

/// Writes down who takes what.
struct Observer<'s, 'e> {
    stages: &'s [Stage<'e>],
    answer: Answer<'e>,
}

impl<'p, 'e> Witness<'p, 'e> for Observer<'_, 'e> {
    fn rule(&mut self, stage: &'p Stage<'e>, policy: &'p Policy<'e>, rule: &'p Rule, _: TrafficId) {
        let number = self.stages.iter().position(|one| std::ptr::eq(one, stage));
        self.answer.last = self.answer.last.max(number.unwrap_or_default());
        let cover = Cover {
            object: policy.object,
            action: rule.action,
            index: rule.index,
        };
        self.answer.seen.insert(rule.origin, cover);
    }

    fn fallback(&mut self, _: &'p Stage<'e>, _: &[&'p Policy<'e>], _: TrafficId) {
        self.answer.is_left = true;
    }

    fn own_node(&mut self, _: TrafficId, _: Option<ConditionId>) {}

    fn end(&mut self, _: TrafficId) {
        self.answer.is_left = true;
    }
}

/// The groups that have members in a set.
fn touched(set: &EndpointSet, group_of: &[usize]) -> BTreeSet<usize> {
    set.iter().map(|id| group_of[id.index()]).collect()
}

fn remark<'e>(
    written: &WrittenRule<'e>,
    action: Action,
    does_decide: bool,
    covering: &[(Origin, Cover<'e>)],
) -> Lint<'e> {
    let is_opposed = covering.iter().any(|(_, cover)| cover.action != action);
    let dialect = PolicyDialect::of(&written.object);
    let is_ordered = matches!(
        dialect,
        Some(PolicyDialect::ClusterScoped | PolicyDialect::Calico)
    );
    let rule = format!("{}[{}]", written.section, written.index);
    let (kind, message) = if !does_decide && (is_opposed || is_ordered) {
        let because = match is_opposed {
            true => "and decide otherwise",
            false => "and decide the same",
        };
        let message =
            format!("{rule} never decides: rules before it take all that it is about {because}");
        (LintKind::RuleShadowed, message)
    } else {
        let message =
            format!("{rule} could go: other rules decide the same about all that it is about");
        (LintKind::RuleRedundant, message)
    };
    let deciding = covering.iter().take(SHOWN).map(|(origin, cover)| {
        let label = format!(
            "rule {} of {} {} it",
            cover.index,
            cover.object.display_name(),
            does(cover.action)
        );
        (*origin, label)
    });
    Lint {
        kind,
        object: written.object,
        at: written.value.origin(),
        message,
        deciding: deciding.collect(),
    }
}
