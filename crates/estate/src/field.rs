//! Settings that are present, absent or unknown.

use palisade_document::Value;

/// Why something can't be known, and what would tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The cause: "the resource isn't in the input".
    pub cause: String,
    /// What to add to the input: a command whose output answers the question.
    pub supply: String,
}

impl Unknown {
    /// Names a cause and its cure.
    pub fn because(cause: impl Into<String>, supply: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            supply: supply.into(),
        }
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

    /// The setting if it is present.
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(setting, _) => Some(setting),
            Self::Absent(_) | Self::Unknown(_) => None,
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
