//! What the user says about the input.

/// What the user says about the input.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The input holds everything of the subscriptions and clusters in it.
    pub assume_complete: bool,
    /// Where templates and plans are deployed that don't say so themselves.
    pub deployment: Deployment,
    /// The parameter files that templates are deployed with. Without any, each that belongs to a
    /// template is a deployment of its own.
    pub parameters: Vec<String>,
}

/// Where a template is deployed. What isn't given has a stand-in that no live resource has.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// The subscription's id.
    pub subscription: Option<String>,
    /// The resource group's name.
    pub resource_group: Option<String>,
    /// The region of the resource group, or of a deployment to a wider scope.
    pub location: Option<String>,
}

impl From<bool> for Options {
    fn from(assume_complete: bool) -> Self {
        Self {
            assume_complete,
            ..Self::default()
        }
    }
}
