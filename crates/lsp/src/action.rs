//! Quick fixes: edits of the open file that are known to help, because the audit was asked again.

use std::collections::HashSet;
use std::path::Path;

use lsp_types::{
    CodeAction, CodeActionKind, DocumentChangeOperation, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};
use palisade_document::Span;
use palisade_remedy::{Remedy, apply, opposite, waiver};
use palisade_report::{Report, ReportFinding, SuppressionKind};

use crate::lines::Lines;
use crate::shown::Shown;
use crate::{Buffers, Workspace};

/// The most findings that are looked at for one request; each asks the audit again.
const MOST: usize = 16;

/// What an action changes: an open file.
pub(crate) struct Target<'a> {
    pub(crate) uri: &'a Uri,
    pub(crate) file: &'a Path,
    pub(crate) version: i32,
    /// Whether the editor takes edits of a version.
    pub(crate) is_versioned: bool,
}

/// The quick fixes for the findings in a range. Nothing once `is_cancelled`.
pub(crate) fn in_range(
    shown: &Shown,
    workspace: &dyn Workspace,
    buffers: &Buffers,
    target: &Target<'_>,
    wanted: Range,
    mut is_cancelled: impl FnMut() -> bool,
) -> Option<Vec<CodeAction>> {
    let mut actions = Vec::new();
    for (finding, span, _) in shown.meeting(target.file, wanted).take(MOST) {
        let lines = finding
            .location
            .as_ref()
            .and_then(|place| shown.lines(&place.path));
        let Some(lines) = lines else { continue };
        let again = |text: String| {
            let mut buffers = buffers.clone();
            buffers.insert(target.file.to_owned(), text);
            workspace.audit(&buffers).ok().map(|audited| audited.report)
        };
        let before = &shown.audited.report;
        for remedy in remedies(finding, span, lines, before, again) {
            actions.push(action(&remedy, lines, target));
        }
        if is_cancelled() {
            return None;
        }
    }
    actions.dedup();
    Some(actions)
}

/// The remedies of a finding that keep what they promise.
fn remedies(
    finding: &ReportFinding,
    span: Span,
    lines: &Lines,
    before: &Report,
    again: impl Fn(String) -> Option<Report>,
) -> Vec<Remedy> {
    let text = lines.content();
    let after = |remedy: &Remedy| apply(text, &remedy.edits).and_then(&again);
    let change = opposite(text, span).filter(|_| finding.status() == "fail");
    let change =
        change.filter(|change| after(change).is_some_and(|after| mends(finding, before, &after)));
    let path = finding.location.as_ref().map_or("", |place| &place.path);
    let comment = |reason| waiver(path, text, span.start, &finding.control, reason);
    // A waiver without a reason waives nothing, so the question is asked with one.
    let holds = comment("a reason").and_then(|trial| after(&trial));
    let holds = holds.is_some_and(|after| is_waived(finding, &after));
    let waiver = comment("").filter(|_| holds);
    change.into_iter().chain(waiver).collect()
}

/// Whether all answers of the control about the subject pass, and no other got worse.
fn mends(finding: &ReportFinding, before: &Report, after: &Report) -> bool {
    let key = |one: &ReportFinding| (one.control.clone(), one.subject.id.clone());
    let open = |report: &Report| -> HashSet<_> {
        let findings = report.findings.iter();
        let open = findings.filter(|one| matches!(one.status(), "fail" | "unknown"));
        open.map(key).collect()
    };
    let (wanted, open_after) = (key(finding), open(after));
    let mut passes = after.findings.iter();
    passes.any(|one| one.status() == "pass" && key(one) == wanted)
        && !open_after.contains(&wanted)
        && open_after.is_subset(&open(before))
}

fn is_waived(finding: &ReportFinding, after: &Report) -> bool {
    let mut same = after.findings.iter();
    same.any(|one| {
        let suppression = one.suppression.as_ref().map(|suppression| suppression.kind);
        one.fingerprint == finding.fingerprint && suppression == Some(SuppressionKind::InSource)
    })
}

fn action(remedy: &Remedy, lines: &Lines, target: &Target<'_>) -> CodeAction {
    let edits = remedy.edits.iter().map(|edit| TextEdit {
        range: lines.range(edit.span),
        new_text: edit.replacement.clone(),
    });
    let edit = if target.is_versioned {
        let document = OptionalVersionedTextDocumentIdentifier {
            uri: target.uri.clone(),
            version: Some(target.version),
        };
        let change = TextDocumentEdit {
            text_document: document,
            edits: edits.map(OneOf::Left).collect(),
        };
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Operations(vec![
                DocumentChangeOperation::Edit(change),
            ])),
            ..WorkspaceEdit::default()
        }
    } else {
        #[allow(
            clippy::mutable_key_type,
            reason = "the type that the protocol's crate asks for"
        )]
        let changes = [(target.uri.clone(), edits.collect())]
            .into_iter()
            .collect();
        WorkspaceEdit {
            changes: Some(changes),
            ..WorkspaceEdit::default()
        }
    };
    CodeAction {
        title: remedy.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(edit),
        ..CodeAction::default()
    }
}
