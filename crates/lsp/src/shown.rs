//! What an editor shows: the findings of every file at their positions.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use lsp_types::{Position, Range};
use palisade_document::{Span, Text};
use palisade_report::{Location, ReportFinding};

use crate::lines::{Lines, span};
use crate::{Audited, Buffers, Workspace};

/// An audit with the texts that an editor sees.
pub(crate) struct Shown {
    pub(crate) audited: Audited,
    folder: PathBuf,
    /// By path of the report: the text that its places count in, and the one of the editor.
    lines: HashMap<String, (Lines, Lines)>,
    /// By file: the findings that show in it, as numbers of the report, with their stretch.
    by_file: BTreeMap<PathBuf, Vec<(usize, Span)>>,
}

impl Shown {
    pub(crate) fn of(mut audited: Audited, workspace: &dyn Workspace, buffers: &Buffers) -> Self {
        let folder = workspace.folder().to_owned();
        let findings = audited.report.findings.iter().enumerate();
        let shown = findings.filter(|(_, finding)| audited.shown.contains(&finding.status()));
        let shown: Vec<_> = shown.map(|(at, _)| at).collect();
        let of_findings = shown
            .iter()
            .flat_map(|&at| places(&audited.report.findings[at]))
            .map(|place| &place.path);
        let problems = audited.report.input.diagnostics.iter();
        let mut lines = HashMap::new();
        for path in of_findings.chain(problems.map(|problem| &problem.path)) {
            if !lines.contains_key(path) {
                let masked = audited.texts.remove(path);
                let own = buffers.get(&folder.join(path)).cloned();
                let own = own.or_else(|| workspace.text(path));
                lines.insert(path.clone(), texts(masked, own));
            }
        }
        let mut by_file: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for at in shown {
            if let Some(place) = &audited.report.findings[at].location
                && let Some((masked, _)) = lines.get(&place.path)
            {
                let file = by_file.entry(folder.join(&place.path)).or_default();
                file.push((at, span(masked, place)));
            }
        }
        Self {
            audited,
            folder,
            lines,
            by_file,
        }
    }

    /// The files with findings.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.by_file.keys().map(PathBuf::as_path)
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// The findings in a file, with their stretch and the range of its first line: a whole resource
    /// under a wavy line would hide what is wrong in it.
    pub(crate) fn findings(
        &self,
        file: &Path,
    ) -> impl Iterator<Item = (&ReportFinding, Span, Range)> {
        let own = self.by_file.get(file).map(Vec::as_slice);
        own.unwrap_or_default().iter().filter_map(|&(at, span)| {
            let finding = &self.audited.report.findings[at];
            let lines = self.lines(&finding.location.as_ref()?.path)?;
            Some((finding, span, lines.first_line(span)))
        })
    }

    /// The findings in a file whose range meets another.
    pub(crate) fn meeting(
        &self,
        file: &Path,
        wanted: Range,
    ) -> impl Iterator<Item = (&ReportFinding, Span, Range)> {
        self.findings(file)
            .filter(move |(_, _, own)| own.start <= wanted.end && wanted.start <= own.end)
    }

    /// The range of a place.
    pub(crate) fn range(&self, place: &Location) -> Option<Range> {
        let (masked, own) = self.lines.get(&place.path)?;
        Some(own.first_line(span(masked, place)))
    }

    /// The position of what is wrong with a file, which is found before secrets are masked.
    pub(crate) fn position(&self, path: &str, line: u32, column: u32) -> Position {
        let lines = self.lines.get(path);
        lines.map_or_else(Position::default, |(_, own)| {
            own.position(own.offset(line, column))
        })
    }

    /// A file's text as the editor sees it, by its path in the report.
    pub(crate) fn lines(&self, path: &str) -> Option<&Lines> {
        self.lines.get(path).map(|(_, own)| own)
    }

    /// A control's page.
    pub(crate) fn page(&self, code: &str) -> &str {
        let mut controls = self.audited.report.controls.iter();
        let control = controls.find(|control| control.code == code);
        control.map_or("", |control| &control.page)
    }
}

/// The text that places count in, and the one that the editor sees.
fn texts(masked: Option<Text>, own: Option<String>) -> (Lines, Lines) {
    let masked = masked.map(|text| text.content().to_owned());
    // A file from which nothing was taken is let go of.
    let masked = masked.filter(|text| !text.is_empty());
    let masked = masked.or_else(|| own.clone()).unwrap_or_default();
    // A file that changed since it was read has no place in common with it.
    let own = own.filter(|own| own.len() == masked.len());
    let own = own.unwrap_or_else(|| masked.clone());
    (Lines::of(masked), Lines::of(own))
}

fn places(finding: &ReportFinding) -> impl Iterator<Item = &Location> {
    finding.location.iter().chain(&finding.related)
}
