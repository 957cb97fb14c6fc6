//! The baseline: the failures that a project knew of when it began, so that only what is new
//! counts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use palisade_controls::{
    Audit, Finding, Outcome, Place, Suppression, SuppressionKind, fingerprint,
};
use palisade_document::{Diagnostic, Notation, Span, Text, Value};
use palisade_estate::Estate;

/// The version of the file format.
const VERSION: &str = "1";

/// Findings that were accepted as they were.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// In order, each once.
    entries: Vec<Entry>,
    /// The file it was read from.
    text: Option<Arc<Text>>,
}

/// A finding of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The control's code.
    pub control: String,
    /// The id of the subject.
    pub subject: String,
    /// What was found, for people.
    pub message: String,
    /// `fail` or `unknown`.
    pub result: String,
    /// What makes two findings the same.
    pub fingerprint: String,
    /// How many findings there were with it.
    pub count: usize,
    /// Its place in the file.
    span: Option<Span>,
}

/// An audit beside a baseline.
#[derive(Clone, Debug, Default)]
pub struct Compared {
    /// The path of the baseline.
    pub path: String,
    /// How many findings it holds that are still there.
    pub known: usize,
    /// What it holds that is no longer found, in its order.
    pub gone: Vec<Gone>,
}

/// A finding of the baseline that is no longer found.
#[derive(Clone, Debug)]
pub struct Gone {
    /// The finding.
    pub entry: Entry,
    /// What became of it.
    pub why: Why,
}

/// Why a finding of the baseline is no longer found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The control no longer fails about the subject.
    Fixed,
    /// It fails otherwise: another value decides, which is a new finding.
    Changed,
    /// It is no longer known.
    Unknown,
    /// There is no answer about the subject in this run.
    Absent,
}

impl Why {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Changed => "changed",
            Self::Unknown => "unknown",
            Self::Absent => "absent",
        }
    }
}

type Identity = (String, &'static str, String);

fn identity(estate: &Estate, finding: &Finding) -> Identity {
    (
        finding.control.code.to_owned(),
        finding.outcome.as_str(),
        fingerprint(estate, finding),
    )
}

impl Baseline {
    /// The failures of an audit that count; with `unknown` the unknown answers too.
    pub fn accept(estate: &Estate, audit: &Audit, unknown: bool) -> Self {
        let mut entries: BTreeMap<Identity, Entry> = BTreeMap::new();
        let accepted = audit
            .findings
            .iter()
            .filter(|finding| finding.is_failure() || (unknown && finding.is_unknown()));
        for finding in accepted {
            let identity = identity(estate, finding);
            let fingerprint = identity.2.clone();
            let entry = entries.entry(identity).or_insert_with(|| Entry {
                control: finding.control.code.to_owned(),
                subject: finding.subject.id.clone(),
                message: finding.message.clone(),
                result: finding.outcome.as_str().to_owned(),
                fingerprint,
                count: 0,
                span: None,
            });
            entry.count += 1;
        }
        let mut entries: Vec<_> = entries.into_values().collect();
        entries.sort();
        Self {
            entries,
            text: None,
        }
    }

    /// The findings in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file: JSON with a line for each finding, in order, so that a review shows what was
    /// added and what went.
    pub fn to_text(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let lines: Vec<_> = self
            .entries
            .iter()
            .map(|entry| {
                let mut line = format!(
                    "    {{\"control\": {}, \"subject\": {}, ",
                    quoted(&entry.control),
                    quoted(&entry.subject)
                );
                if entry.result != "fail" {
                    line.push_str(&format!("\"result\": {}, ", quoted(&entry.result)));
                }
                line.push_str(&format!(
                    "\"message\": {}, \"fingerprint\": {}",
                    quoted(&entry.message),
                    quoted(&entry.fingerprint)
                ));
                if entry.count > 1 {
                    line.push_str(&format!(", \"count\": {}", entry.count));
                }
                line + "}"
            })
            .collect();
        if lines.is_empty() {
            return format!("{{\n  \"version\": \"{VERSION}\",\n  \"findings\": []\n}}\n");
        }
        format!(
            "{{\n  \"version\": \"{VERSION}\",\n  \"findings\": [\n{}\n  ]\n}}\n",
            lines.join(",\n")
        )
    }

    /// Reads a file. A baseline that can't be read in full is no baseline.
    pub fn read(text: Text) -> Result<Self, Vec<Diagnostic>> {
        let (document, mut problems) = palisade_document::parse(text, Notation::Json);
        let text = document.text();
        let mut entries = Vec::new();
        match document.roots().next() {
            None => problems.push(Diagnostic::error(text.path(), None, "the file is empty")),
            Some(root) => {
                let version = root.get("version");
                if version.map(Value::scalar) != Some(VERSION) {
                    problems.push(wrong(
                        version.unwrap_or(root),
                        "not a baseline of version 1",
                    ));
                }
                for item in root.get("findings").into_iter().flat_map(Value::items) {
                    match Entry::read(item) {
                        Ok(entry) => entries.push(entry),
                        Err(problem) => problems.push(problem),
                    }
                }
            }
        }
        if problems.is_empty() {
            Ok(Self {
                entries,
                text: Some(Arc::new(text.clone())),
            })
        } else {
            Err(problems)
        }
    }

    /// Waives the findings that the baseline holds, each as often as it holds it, and says what
    /// is no longer found. Findings that something else waives count as still there.
    pub(crate) fn compare(&self, estate: &Estate, audit: &mut Audit) -> Compared {
        let path = self.text.as_ref().map_or("", |text| text.path());
        let mut left: HashMap<Identity, usize> = HashMap::new();
        let mut places: HashMap<Identity, Option<Span>> = HashMap::new();
        for entry in &self.entries {
            *left.entry(entry.identity()).or_default() += entry.count;
            places.entry(entry.identity()).or_insert(entry.span);
        }
        let mut known = 0;
        let is_open =
            |finding: &Finding| matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
        let mut open: Vec<_> = audit
            .findings
            .iter_mut()
            .filter(|one| is_open(one))
            .collect();
        // What counts comes first, so that a twin that is waived takes nothing from it.
        open.sort_by_key(|finding| finding.suppression.is_some());
        for finding in open {
            let identity = identity(estate, finding);
            let Some(count) = left.get_mut(&identity).filter(|count| **count > 0) else {
                continue;
            };
            *count -= 1;
            known += 1;
            let span = places.get(&identity).copied().flatten();
            finding
                .suppression
                .get_or_insert_with(|| self.suppression(path, span));
        }
        Compared {
            path: path.to_owned(),
            known,
            gone: self.gone(audit, &mut left),
        }
    }

    fn suppression(&self, path: &str, span: Option<Span>) -> Suppression {
        Suppression {
            kind: SuppressionKind::Baseline,
            reason: format!("known since the baseline {path}"),
            owner: None,
            expires: None,
            place: self
                .text
                .as_ref()
                .zip(span)
                .map(|(text, span)| Place::File(Arc::clone(text), span)),
        }
    }

    /// What the baseline holds more of than was found, of the controls that were asked.
    fn gone(&self, audit: &Audit, left: &mut HashMap<Identity, usize>) -> Vec<Gone> {
        let mut answers: HashMap<(&str, String), Vec<&Finding>> = HashMap::new();
        for finding in &audit.findings {
            let subject = finding.subject.id.to_ascii_lowercase();
            let of_subject = answers.entry((finding.control.code, subject));
            of_subject.or_default().push(finding);
        }
        let is_asked = |entry: &Entry| {
            audit
                .controls
                .iter()
                .any(|control| control.code == entry.control)
        };
        let mut gone = Vec::new();
        for entry in self.entries.iter().filter(|entry| is_asked(entry)) {
            if left.remove(&entry.identity()).unwrap_or_default() == 0 {
                continue;
            }
            let key = (entry.control.as_str(), entry.subject.to_ascii_lowercase());
            let answers = answers.get(&key).map(Vec::as_slice).unwrap_or_default();
            let why = if answers.is_empty() {
                Why::Absent
            } else if answers.iter().any(|finding| finding.is_failure()) {
                Why::Changed
            } else if answers.iter().any(|finding| finding.is_unknown()) {
                Why::Unknown
            } else {
                Why::Fixed
            };
            gone.push(Gone {
                entry: entry.clone(),
                why,
            });
        }
        gone
    }
}

impl Entry {
    fn identity(&self) -> Identity {
        let result = match self.result.as_str() {
            "unknown" => Outcome::Unknown,
            _ => Outcome::Fail,
        };
        (
            self.control.clone(),
            result.as_str(),
            self.fingerprint.clone(),
        )
    }

    fn read(value: Value<'_>) -> Result<Self, Diagnostic> {
        let text = |name: &str| {
            let found = value.get(name).and_then(Value::as_str).map(str::to_owned);
            found.ok_or_else(|| wrong(value, &format!("the finding has no {name}")))
        };
        let count = match value.get("count") {
            None => 1,
            Some(count) => count
                .as_i64()
                .and_then(|count| usize::try_from(count).ok())
                .ok_or_else(|| wrong(count, "the count isn't a whole number"))?,
        };
        let result = match value.get("result") {
            None => "fail",
            Some(result) => match result.scalar() {
                known @ ("fail" | "unknown") => known,
                _ => return Err(wrong(result, "the result is neither fail nor unknown")),
            },
        };
        Ok(Self {
            control: text("control")?,
            subject: text("subject")?,
            message: text("message")?,
            result: result.to_owned(),
            fingerprint: text("fingerprint")?,
            count,
            span: Some(value.span()),
        })
    }
}

fn wrong(value: Value<'_>, message: &str) -> Diagnostic {
    let path = value.document().text().path();
    Diagnostic::error(path, Some(value.position()), message)
        .with_help("write it anew with `palisade baseline accept`")
}
