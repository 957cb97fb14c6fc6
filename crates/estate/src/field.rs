//! Settings that are present, absent or unknown.

use palisade_document::{Value, witness};

/// Why something can't be known, and what would tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The cause: "the resource isn't in the input".
    pub cause: String,
    /// What to add to the input: a command whose output answers the question.
    pub supply: String,
    is_undeployed: bool,
}

impl Unknown {
    /// Names a cause and its cure.
    pub fn because(cause: impl Into<String>, supply: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            supply: supply.into(),
            is_undeployed: false,
        }
    }

    /// Whether it is a value that can't be known before deployment.
    pub fn is_undeployed(&self) -> bool {
        self.is_undeployed
    }

    /// Why a value can't be known before deployment, if it can't.
    pub fn of(value: Value<'_>) -> Option<Self> {
        let (cause, supply) = value.unknown()?;
        Some(Self {
            is_undeployed: true,
            ..Self::because(cause, supply)
        })
    }
}

/// One setting of a resource. Absent and unknown are different answers: Azure gives an absent
/// setting a meaning, an unknown one could be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<'e, T> {
    /// The setting and the place of its value.
    Present(T, Value<'e>),
    /// The resource is there in full and doesn't have the setting. The place is the innermost
    /// value that would hold it.
    Absent(Value<'e>),
    /// The input doesn't tell.
    Unknown(Unknown),
}

impl<'e, T> Field<'e, T> {
    /// Converts a present setting.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Field<'e, U> {
        match self {
            Self::Present(setting, at) => Field::Present(convert(setting), at),
            Self::Absent(at) => Field::Absent(at),
            Self::Unknown(unknown) => Field::Unknown(unknown),
        }
    }

    /// The setting if it is present. What can't be known before deployment is not, and is
    /// [noted](witness) as having been taken for absent.
    pub fn present(self) -> Option<T> {
        self.found().map(|(setting, _)| setting)
    }

    /// The setting with its place if it is [present](Self::present).
    pub fn found(self) -> Option<(T, Value<'e>)> {
        match self {
            Self::Present(setting, at) => Some((setting, at)),
            Self::Absent(_) => None,
            Self::Unknown(unknown) => {
                if unknown.is_undeployed {
                    witness::meet(&unknown.cause, &unknown.supply);
                }
                None
            }
        }
    }

    /// The setting with an absent one read as `default`, which must be what Azure takes when
    /// nothing is given. Unknown stays unknown.
    pub fn or_default(self, default: T) -> Result<(T, Value<'e>), Unknown> {
        match self {
            Self::Present(setting, at) => Ok((setting, at)),
            Self::Absent(at) => Ok((default, at)),
            Self::Unknown(unknown) => Err(unknown),
        }
    }
}
