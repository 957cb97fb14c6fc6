//! What is drawn: frames with cards, and cards with rows.
//!
//! A card is a party. Its rows say what comes in, each with lines from where; what a line would
//! only clutter the picture for (all of the cluster, the card's own namespace) is said in words.

use std::collections::HashMap;

use super::summary::{Edge, Node, Summary, Traffic};
use crate::connectivity::{ClusterConnectivity, Party, PartyKind};

/// The most names on a card; the others are counted, and named where the pointer rests.
const MOST_NAMES: usize = 4;

/// A frame around cards: a namespace, the nodes, or a lane of the outside.
pub(super) struct Frame {
    pub(super) kind: FrameKind,
    /// The namespace itself: lines from it are lines from each of its cards.
    pub(super) head: Card,
    pub(super) cards: Vec<Card>,
}

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameKind {
    /// Addresses outside as sources.
    FromOutside,
    Group,
    /// Addresses outside as destinations.
    ToOutside,
}

/// A party, or the head of a frame.
pub(super) struct Card {
    /// Names, each with its kind.
    pub(super) names: Vec<(String, String)>,
    /// All of it in words.
    pub(super) tip: String,
    /// Whether it has no network of its own.
    pub(super) is_on_host: bool,
    pub(super) rows: Vec<Row>,
}

/// Something that gets in, or out in words.
pub(super) struct Row {
    pub(super) text: String,
    pub(super) tip: String,
    pub(super) is_certain: bool,
    /// Whether it is all traffic there is.
    pub(super) is_everything: bool,
    /// From where lines lead to it; none where words say it.
    pub(super) sources: Vec<Anchor>,
}

/// A card, or with nothing the head, of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Anchor {
    pub(super) frame: usize,
    pub(super) card: Option<usize>,
}

/// The frames of a cluster, and what is said of all of it: rows without a card.
pub(super) struct Frames {
    pub(super) list: Vec<Frame>,
    pub(super) everywhere: Vec<Row>,
}

/// Builds the frames of one cluster.
struct Builder<'s, 'r> {
    cluster: &'r ClusterConnectivity,
    summary: &'s Summary<'r>,
    frames: Frames,
    sources: HashMap<Node, Anchor>,
    destinations: HashMap<Node, Anchor>,
}

impl Frames {
    pub(super) fn of(cluster: &ClusterConnectivity) -> Self {
        let summary = Summary::of(cluster);
        let mut builder = Builder {
            cluster,
            summary: &summary,
            frames: Self {
                list: Vec::new(),
                everywhere: Vec::new(),
            },
            sources: HashMap::new(),
            destinations: HashMap::new(),
        };
        builder.lane(FrameKind::FromOutside);
        builder.groups();
        builder.lane(FrameKind::ToOutside);
        for edge in &summary.edges {
            builder.add(edge);
        }
        builder.frames
    }

    pub(super) fn card(&self, anchor: Anchor) -> &Card {
        let frame = &self.list[anchor.frame];
        anchor.card.map_or(&frame.head, |card| &frame.cards[card])
    }
}

impl Builder<'_, '_> {
    fn groups(&mut self) {
        for (number, group) in self.summary.groups.iter().enumerate() {
            let frame = self.frames.list.len();
            let name = group.namespace.unwrap_or("nodes");
            let mut cards = Vec::with_capacity(group.parties.len());
            for (place, &party) in group.parties.iter().enumerate() {
                cards.push(Card::of(&self.cluster.parties[party]));
                let anchor = Anchor {
                    frame,
                    card: Some(place),
                };
                self.sources.insert(Node::Party(party), anchor);
                self.destinations.insert(Node::Party(party), anchor);
            }
            let anchor = Anchor { frame, card: None };
            self.sources.insert(Node::Group(number), anchor);
            self.destinations.insert(Node::Group(number), anchor);
            self.frames.list.push(Frame {
                kind: FrameKind::Group,
                head: Card::titled(name),
                cards,
            });
        }
    }

    /// A lane of those outside addresses that are one end of an edge.
    fn lane(&mut self, kind: FrameKind) {
        let is_source = kind == FrameKind::FromOutside;
        let mut nodes: Vec<&Node> = Vec::new();
        for edge in &self.summary.edges {
            let node = if is_source { &edge.from } else { &edge.to };
            let is_outside = match node {
                Node::Outside => true,
                Node::Party(party) => self.summary.group_of[*party].is_none(),
                _ => false,
            };
            if is_outside && !nodes.contains(&node) {
                nodes.push(node);
            }
        }
        if nodes.is_empty() {
            return;
        }
        nodes.sort();
        let frame = self.frames.list.len();
        let mut cards = Vec::with_capacity(nodes.len());
        for node in nodes {
            let anchor = Anchor {
                frame,
                card: Some(cards.len()),
            };
            cards.push(match node {
                Node::Party(party) => Card::of(&self.cluster.parties[*party]),
                _ => Card::titled(self.cluster.everything_outside()),
            });
            let known = match is_source {
                true => &mut self.sources,
                false => &mut self.destinations,
            };
            known.insert(node.clone(), anchor);
        }
        let name = match is_source {
            true => "from outside",
            false => "to outside",
        };
        self.frames.list.push(Frame {
            kind,
            head: Card::titled(name),
            cards,
        });
    }

    fn add(&mut self, edge: &Edge<'_>) {
        let Edge { from, to, traffic } = edge;
        let (source, destination) = (self.sources.get(from), self.destinations.get(to));
        match (source.copied(), destination.copied()) {
            (Some(source), Some(at)) => match self.near(from, to, source, at) {
                Some((at, words)) => self.said(Some(at), *traffic, words),
                None => self.drawn(at, source, *traffic),
            },
            (None, Some(at)) => {
                let words = format!(" from {}", self.words(from));
                self.said(Some(at), *traffic, (String::new(), words));
            }
            (Some(at), None) => {
                let words = format!("to {}: ", self.words(to));
                self.said(Some(at), *traffic, (words, String::new()));
            }
            (None, None) => {
                let words = format!("{} → {}: ", self.words(from), self.words(to));
                self.said(None, *traffic, (words, String::new()));
            }
        }
    }

    /// Where ends are in one frame and one is the other or holds it: the card at which words say
    /// so.
    fn near(
        &self,
        from: &Node,
        to: &Node,
        source: Anchor,
        at: Anchor,
    ) -> Option<(Anchor, (String, String))> {
        if source.frame != at.frame {
            return None;
        }
        if from == to {
            return Some((at, (String::new(), " among one another".to_owned())));
        }
        match (source.card, at.card) {
            (None, _) => Some((at, (String::new(), " from its namespace".to_owned()))),
            (_, None) => Some((source, ("to its namespace: ".to_owned(), String::new()))),
            _ => None,
        }
    }

    fn words(&self, node: &Node) -> String {
        let everything = match self.cluster.is_excerpt {
            true => "all shown here",
            false => "all in the cluster",
        };
        match node {
            Node::InsideBut(groups) => {
                let groups = groups.iter().map(|&group| &self.summary.groups[group]);
                let names: Vec<_> = groups
                    .map(|group| group.namespace.unwrap_or("nodes"))
                    .collect();
                format!("{everything} but {}", names.join(", "))
            }
            Node::Outside => self.cluster.everything_outside().to_owned(),
            _ => everything.to_owned(),
        }
    }

    fn rows(&mut self, at: Option<Anchor>) -> &mut Vec<Row> {
        let Some(Anchor { frame, card }) = at else {
            return &mut self.frames.everywhere;
        };
        let frame = &mut self.frames.list[frame];
        match card {
            Some(card) => &mut frame.cards[card].rows,
            None => &mut frame.head.rows,
        }
    }

    /// A row that says it in words, before and after what gets through.
    fn said(
        &mut self,
        at: Option<Anchor>,
        traffic: Traffic<'_>,
        (before, after): (String, String),
    ) {
        let mut row = Row::of(traffic);
        row.text = format!("{before}{}{after}", row.text);
        row.tip = format!("{before}{}{after}", row.tip);
        self.rows(at).push(row);
    }

    /// A row with a line from the source.
    fn drawn(&mut self, at: Anchor, source: Anchor, traffic: Traffic<'_>) {
        let new = Row::of(traffic);
        let rows = self.rows(Some(at));
        let known = rows
            .iter_mut()
            .find(|row| !row.sources.is_empty() && row.tip == new.tip);
        match known {
            Some(row) => row.sources.push(source),
            None => rows.push(Row {
                sources: vec![source],
                ..new
            }),
        }
    }
}

impl Row {
    fn of(traffic: Traffic<'_>) -> Self {
        let text = match traffic.is_certain {
            true => traffic.text.to_owned(),
            false => format!("perhaps {}", traffic.text),
        };
        let tip = match traffic.conditions.is_empty() {
            true => text.clone(),
            false => format!("{text} ({})", traffic.conditions.join("; ")),
        };
        Self {
            // As much of it as there is room for is shown.
            text: tip.clone(),
            tip,
            is_certain: traffic.is_certain,
            is_everything: traffic.text == "all traffic",
            sources: Vec::new(),
        }
    }
}

impl Card {
    fn titled(name: &str) -> Self {
        Self {
            names: vec![(name.to_owned(), String::new())],
            tip: name.to_owned(),
            is_on_host: false,
            rows: Vec::new(),
        }
    }

    fn of(party: &Party) -> Self {
        let all = party.members.iter().map(|member| match party.kind {
            PartyKind::Outside if member == "0.0.0.0/0, ::/0" => {
                vec![("any address outside".to_owned(), String::new())]
            }
            PartyKind::Outside => {
                let ranges = member.split(", ");
                ranges
                    .map(|range| (range.to_owned(), String::new()))
                    .collect()
            }
            _ => vec![match member.split_once('/') {
                Some((kind, name)) => (name.to_owned(), kind.to_owned()),
                None => (member.clone(), String::new()),
            }],
        });
        let mut names: Vec<_> = all.flatten().collect();
        if names.len() > MOST_NAMES {
            let others = names.len() - (MOST_NAMES - 1);
            names.truncate(MOST_NAMES - 1);
            names.push((format!("and {others} more"), String::new()));
        }
        Self {
            names,
            tip: party.name(),
            is_on_host: matches!(party.kind, PartyKind::HostPods | PartyKind::Node),
            rows: Vec::new(),
        }
    }
}
