//! Findings that somebody has accepted.

use jiff::civil::Date;

use crate::Place;

/// Where a suppression is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionKind {
    /// A comment in the file, beside what it is about.
    InSource,
    /// An annotation of a Kubernetes object.
    Annotation,
    /// A waiver in `palisade.toml`.
    Configuration,
    /// An exemption of an Azure Policy assignment.
    Exemption,
    /// The baseline: known before, and accepted until somebody mends it.
    Baseline,
}

impl SuppressionKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::InSource,
        Self::Annotation,
        Self::Configuration,
        Self::Exemption,
        Self::Baseline,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InSource => "in-source",
            Self::Annotation => "annotation",
            Self::Configuration => "configuration",
            Self::Exemption => "exemption",
            Self::Baseline => "baseline",
        }
    }
}

/// Why a failure or an unknown answer doesn't count. The answer stays as it is; it is shown as
/// waived, and neither scores nor exit codes regard it.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// Where it is written down.
    pub kind: SuppressionKind,
    /// Why it is accepted, in the words of whoever accepted it.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds.
    pub expires: Option<Date>,
    /// The place where it is written down.
    pub place: Option<Place>,
}
