//! The elements of the picture.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::frames::{Anchor, Card, Frame, FrameKind, Frames, Row};
use super::layout::Layout;
use super::route::{ARROW, Route, routes};
use super::size;
use crate::connectivity::{ClusterConnectivity, ConnectivityReport, PartyKind};
use crate::plain_text::{one_line, xml};

const STYLE: &str = include_str!("style.css");
/// Around everything.
const MARGIN: f64 = 24.0;
/// What the title of a cluster takes.
const TITLE: f64 = 62.0;
/// What the legend takes.
const LEGEND: f64 = 74.0;
/// The legend's width.
const LEAST_WIDTH: f64 = 860.0;
/// How many colours there are.
const HUES: usize = 8;

/// A cluster, laid out.
struct Panel<'r> {
    cluster: &'r ClusterConnectivity,
    frames: Frames,
    layout: Layout,
}

impl<'r> Panel<'r> {
    fn of(cluster: &'r ClusterConnectivity) -> Self {
        let frames = Frames::of(cluster);
        let layout = Layout::of(&frames);
        Self {
            cluster,
            frames,
            layout,
        }
    }

    /// What the title and what holds everywhere take.
    fn above(&self) -> f64 {
        TITLE + size::lines(self.frames.everywhere.len(), size::ROW)
    }

    fn height(&self) -> f64 {
        self.above() + self.layout.height + MARGIN
    }

    fn summary(&self) -> String {
        let count = |is_wanted: &dyn Fn(PartyKind) -> bool| {
            let parties = self.cluster.parties.iter();
            let wanted = parties.filter(|party| is_wanted(party.kind));
            wanted.map(|party| party.members.len()).sum::<usize>()
        };
        let workloads = count(&|kind| matches!(kind, PartyKind::Pods | PartyKind::HostPods));
        let nodes = match count(&|kind| kind == PartyKind::Node) {
            0 => String::new(),
            nodes => format!(", {nodes} nodes"),
        };
        let names = self.cluster.parties.iter();
        let names = names.filter_map(|party| party.namespace.as_deref());
        let namespaces: BTreeSet<_> = names.collect();
        let connections = self.cluster.connections.len();
        format!(
            "policies enforced by: {} · {workloads} workloads in {} namespaces{nodes}, {connections} connections",
            self.cluster.engine,
            namespaces.len()
        )
    }
}

/// Writes the picture.
pub(super) fn write(report: &ConnectivityReport, mut out: impl Write) -> io::Result<()> {
    let panels: Vec<_> = report.clusters.iter().map(Panel::of).collect();
    let widths = panels.iter().map(|panel| panel.layout.width);
    let width = widths.fold(LEAST_WIDTH, f64::max) + 2.0 * MARGIN;
    let height = MARGIN + LEGEND + panels.iter().map(Panel::height).sum::<f64>();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" width="{width:.0}" height="{height:.0}" role="img" aria-labelledby="title description">"#
    )?;
    writeln!(out, r#"<title id="title">Who reaches whom</title>"#)?;
    let summaries = panels.iter().map(|panel| {
        let name = &panel.cluster.cluster;
        format!("{name}: {}", panel.summary())
    });
    let summaries = summaries.collect::<Vec<_>>().join("; ");
    writeln!(
        out,
        r#"<desc id="description">{}</desc>"#,
        xml(&one_line(&summaries))
    )?;
    writeln!(out, "<style>\n{STYLE}</style>")?;
    writeln!(
        out,
        r#"<rect class="ground" width="{width:.0}" height="{height:.0}"/>"#
    )?;
    let mut top = MARGIN;
    for panel in &panels {
        write_panel(panel, top, &mut out)?;
        top += panel.height();
    }
    write_legend(top, &mut out)?;
    writeln!(out, "</svg>")
}

fn write_panel(panel: &Panel<'_>, top: f64, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        r#"<g class="cluster" transform="translate({MARGIN} {top:.0})">"#
    )?;
    let name = xml_line(&size::fit(&panel.cluster.cluster, 10.5, LEAST_WIDTH));
    writeln!(out, r#"<text class="title" y="16">{name}</text>"#)?;
    let summary = size::fit(&panel.summary(), size::ROW_CHARACTER, LEAST_WIDTH);
    writeln!(
        out,
        r#"<text class="faint" y="36">{}</text>"#,
        xml_line(&summary)
    )?;
    for (number, row) in panel.frames.everywhere.iter().enumerate() {
        let y = 52.0 + size::lines(number, size::ROW);
        let text = xml_line(&size::fit(&row.text, size::ROW_CHARACTER, LEAST_WIDTH));
        writeln!(
            out,
            r#"<text class="row" y="{y:.0}">{text}<title>{}</title></text>"#,
            xml_line(&row.tip)
        )?;
    }
    writeln!(out, r#"<g transform="translate(0 {:.0})">"#, panel.above())?;
    for (number, frame) in panel.frames.list.iter().enumerate() {
        write_frame(panel, number, frame, out)?;
    }
    for route in routes(&panel.frames, &panel.layout) {
        write_route(&route, out)?;
    }
    for (number, frame) in panel.frames.list.iter().enumerate() {
        let cards = (0..frame.cards.len()).map(Some);
        for card in std::iter::once(None).chain(cards) {
            write_card(
                panel,
                Anchor {
                    frame: number,
                    card,
                },
                out,
            )?;
        }
    }
    writeln!(out, "</g>\n</g>")
}

fn hue(frame: Option<usize>) -> String {
    frame.map_or_else(|| "mixed".to_owned(), |frame| format!("h{}", frame % HUES))
}

fn write_frame(
    panel: &Panel<'_>,
    number: usize,
    frame: &Frame,
    out: &mut impl Write,
) -> io::Result<()> {
    let anchor = Anchor {
        frame: number,
        card: None,
    };
    let (left, right) = panel.layout.sides(anchor);
    let class = match frame.kind {
        FrameKind::Group => format!("frame {}", hue(Some(number))),
        FrameKind::FromOutside | FrameKind::ToOutside => "lane".to_owned(),
    };
    writeln!(
        out,
        r#"<rect class="{class}" x="{left:.1}" y="{:.1}" width="{:.1}" height="{:.1}" rx="7"/>"#,
        panel.layout.tops[number],
        right - left,
        size::frame(frame).height
    )
}

fn write_card(panel: &Panel<'_>, anchor: Anchor, out: &mut impl Write) -> io::Result<()> {
    let card = panel.frames.card(anchor);
    let (left, right) = panel.layout.sides(anchor);
    let top = panel.layout.source_y(anchor) - size::PADDING - size::NAME / 2.0;
    let class = if anchor.card.is_some() {
        "party"
    } else {
        "namespace"
    };
    writeln!(
        out,
        r#"<g class="{class}" transform="translate({left:.1} {top:.1})">"#
    )?;
    writeln!(out, "<title>{}</title>", xml_line(&card.tip))?;
    let width = right - left;
    if anchor.card.is_some() {
        let class = if card.is_on_host { "card host" } else { "card" };
        let height = size::card(card).height;
        writeln!(
            out,
            r#"<rect class="{class}" width="{width:.1}" height="{height:.1}" rx="4"/>"#
        )?;
    }
    write_names(card, anchor.card.is_none(), width, out)?;
    for (number, row) in card.rows.iter().enumerate() {
        let above = size::lines(card.names.len(), size::NAME) + size::lines(number, size::ROW);
        write_row(row, size::PADDING + above + 11.5, width, out)?;
    }
    writeln!(out, "</g>")
}

fn write_names(card: &Card, is_head: bool, width: f64, out: &mut impl Write) -> io::Result<()> {
    let class = if is_head { r#" class="head""# } else { "" };
    for (number, (name, kind)) in card.names.iter().enumerate() {
        let y = size::PADDING + size::lines(number, size::NAME) + 12.5;
        let room = width - 2.0 * size::INDENT;
        let name = size::fit(name, size::NAME_CHARACTER, room);
        let left = room - size::text(&name, size::NAME_CHARACTER) - 8.0;
        let kind = match size::text(kind, size::ROW_CHARACTER) <= left && !kind.is_empty() {
            true => format!(r#"<tspan class="faint" dx="8">{}</tspan>"#, xml_line(kind)),
            false => String::new(),
        };
        let name = xml_line(&name);
        writeln!(
            out,
            r#"<text{class} x="{}" y="{y:.1}">{name}{kind}</text>"#,
            size::INDENT
        )?;
    }
    Ok(())
}

fn write_row(row: &Row, y: f64, width: f64, out: &mut impl Write) -> io::Result<()> {
    let room = width - size::ROW_INDENT - size::INDENT;
    let text = xml_line(&size::fit(&row.text, size::ROW_CHARACTER, room));
    let tip = xml_line(&row.tip);
    let x = size::ROW_INDENT;
    writeln!(
        out,
        r#"<text class="row" x="{x}" y="{y:.1}">{text}<title>{tip}</title></text>"#
    )
}

fn write_route(route: &Route<'_>, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, r#"<g class="to">"#)?;
    let certain = if route.row.is_certain { "" } else { " perhaps" };
    let everything = if route.row.is_everything {
        " everything"
    } else {
        ""
    };
    for piece in &route.pieces {
        writeln!(
            out,
            r#"<path class="line{certain}{everything} {}" d="{}"><title>{}</title></path>"#,
            hue(piece.from),
            piece.path,
            xml_line(&piece.tip)
        )?;
    }
    let mut hues = route.pieces.iter().map(|piece| piece.from);
    let first = hues.next().flatten();
    let class = hue(first.filter(|_| hues.all(|hue| hue == first)));
    for &((x, y), is_rightward) in &route.arrows {
        let back = if is_rightward { -ARROW } else { ARROW };
        writeln!(
            out,
            r#"<path class="arrow {class}" d="M{x:.1} {y:.1}l{back} -4v8z"/>"#
        )?;
    }
    writeln!(out, "</g>")
}

fn write_legend(top: f64, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        r#"<g class="legend" transform="translate({MARGIN} {top:.0})">"#
    )?;
    let samples = [
        (0.0, "", "gets through"),
        (170.0, " everything", "all traffic"),
        (330.0, " perhaps", "perhaps: hangs on something"),
    ];
    for (x, class, text) in samples {
        writeln!(out, r#"<path class="line{class} mixed" d="M{x} 8h34"/>"#)?;
        writeln!(
            out,
            r#"<text class="faint" x="{}" y="12">{text}</text>"#,
            x + 42.0
        )?;
    }
    let notes = [
        "A line ends at the traffic that gets through; its colour is that of the namespace that it comes from, grey where several join.",
        "A line from the head of a frame comes from all of the namespace. A dashed card is on the network of its node.",
    ];
    for (number, note) in notes.iter().enumerate() {
        let y = 32.0 + size::lines(number, size::ROW);
        writeln!(out, r#"<text class="faint" y="{y}">{note}</text>"#)?;
    }
    writeln!(out, "</g>")
}

fn xml_line(text: &str) -> String {
    xml(&one_line(text)).into_owned()
}
