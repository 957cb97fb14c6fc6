//! Azure Resource Manager ids.

use std::fmt;
use std::sync::Arc;

use palisade_document::has_stand_in;

/// The id of an Azure resource, compared without regard to letter case as Azure does
/// (Microsoft Learn, "Resource naming rules", 2025).
///
/// A copy shares the text, since a finding names every cluster that it concerns.
#[derive(Clone)]
pub struct ResourceId {
    text: Arc<str>,
    key: Arc<str>,
}

impl ResourceId {
    /// Reads an id: a path that starts at a subscription or a provider. Anything else is not an
    /// id. Names may hold spaces, as those of alert rules do.
    pub fn parse(text: &str) -> Option<Self> {
        let trimmed = text.trim().trim_end_matches('/');
        let body = trimmed.strip_prefix('/')?;
        let first = body.split('/').next()?;
        let is_scope =
            first.eq_ignore_ascii_case("subscriptions") || first.eq_ignore_ascii_case("providers");
        let is_well_formed = !body.contains(char::is_control)
            && body.split('/').all(|segment| !segment.is_empty())
            && body.split('/').count() >= 2;
        (is_scope && is_well_formed).then(|| Self::known(trimmed))
    }

    fn known(text: &str) -> Self {
        Self {
            text: text.into(),
            key: text.to_ascii_lowercase().into(),
        }
    }

    /// The id of a child: `subnets/nodes` below a virtual network.
    #[must_use]
    pub fn child(&self, collection: &str, name: &str) -> Self {
        Self::known(&format!("{}/{collection}/{name}", self.text))
    }

    /// The id as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The id in lower case: what ids are compared by.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The last segment: the resource's name.
    pub fn name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }

    /// The subscription's id, in lower case.
    pub fn subscription(&self) -> Option<&str> {
        let mut segments = self.key.strip_prefix("/subscriptions/")?.split('/');
        segments.next()
    }

    /// The id of the subscription, the scope of what belongs to it as a whole.
    pub fn subscription_scope(&self) -> Option<Self> {
        let subscription = self.subscription()?;
        Some(Self::known(
            &self.text[.."/subscriptions/".len() + subscription.len()],
        ))
    }

    /// The resource group's name, in lower case.
    pub fn resource_group(&self) -> Option<&str> {
        let mut segments = self.key.split('/');
        segments.find(|segment| *segment == "resourcegroups")?;
        segments.next()
    }

    /// The type with its provider, in lower case: `microsoft.network/virtualnetworks/subnets`.
    /// An extension resource has the type after the last `providers`.
    pub fn resource_type(&self) -> Option<String> {
        let at = self.key.rfind("/providers/")?;
        let mut segments = self.key[at + "/providers/".len()..].split('/');
        let provider = segments.next()?;
        let types: Vec<_> = segments.step_by(2).collect();
        (!types.is_empty()).then(|| format!("{provider}/{}", types.join("/")))
    }

    /// The resource that this one is a child or an extension of.
    pub fn parent(&self) -> Option<Self> {
        // Lower case keeps the length, so that the parent's text ends where its key does.
        let length = self.parent_key()?.len();
        Some(Self {
            text: self.text[..length].into(),
            key: self.key[..length].into(),
        })
    }

    /// The parent's id in lower case.
    pub(crate) fn parent_key(&self) -> Option<&str> {
        let providers = self.key.rfind("/providers/")?;
        let segments = self.key[providers + "/providers/".len()..]
            .split('/')
            .count();
        if segments <= 3 {
            return (providers > 0).then(|| &self.key[..providers]);
        }
        let cut = self.key.rmatch_indices('/').nth(1)?.0;
        Some(&self.key[..cut])
    }

    /// Whether another id may be this one: they differ at most where a part of either isn't
    /// known yet.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        let (own, others) = (self.key.split('/'), other.key.split('/'));
        let is_alike =
            |(own, other): (&str, &str)| own == other || has_stand_in(own) || has_stand_in(other);
        own.clone().count() == others.clone().count() && own.zip(others).all(is_alike)
    }

    /// Whether nothing is known of the resource, not even its type. Sources then let a scope or
    /// a resource group of unknown name stand for it.
    pub(crate) fn is_of_unknown_type(&self) -> bool {
        let mut end = self.key.rsplit('/');
        end.next().is_some_and(has_stand_in)
            && matches!(end.next(), Some("scopes" | "resourcegroups"))
    }

    /// Whether this is `scope` or lies below it.
    pub fn is_within(&self, scope: &Self) -> bool {
        self.key
            .strip_prefix(scope.key())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for ResourceId {}

impl std::hash::Hash for ResourceId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBNET: &str = "/subscriptions/S1/resourcegroups/RG/providers/Microsoft.Network/virtualNetworks/v/subnets/Nodes";

    #[test]
    fn an_id_tells_type_parent_and_scope() {
        let id = ResourceId::parse(SUBNET).unwrap();
        assert_eq!(
            id.resource_type().unwrap(),
            "microsoft.network/virtualnetworks/subnets"
        );
        assert_eq!(
            (id.name(), id.subscription(), id.resource_group()),
            ("Nodes", Some("s1"), Some("rg"))
        );
        assert_eq!(
            id.parent().unwrap().resource_type().unwrap(),
            "microsoft.network/virtualnetworks"
        );
        assert_eq!(
            id.parent().unwrap().parent().unwrap().as_str(),
            "/subscriptions/S1/resourcegroups/RG"
        );
        assert!(id.is_within(&id.subscription_scope().unwrap()));
    }

    #[test]
    fn an_extension_resource_belongs_to_what_it_extends() {
        let id = ResourceId::parse(&format!(
            "{SUBNET}/providers/Microsoft.Insights/diagnosticSettings/d"
        ))
        .unwrap();
        assert_eq!(
            id.resource_type().unwrap(),
            "microsoft.insights/diagnosticsettings"
        );
        assert_eq!(id.parent().unwrap(), ResourceId::parse(SUBNET).unwrap());
    }

    #[test]
    fn letter_case_does_not_tell_ids_apart() {
        assert_eq!(
            ResourceId::parse(SUBNET),
            ResourceId::parse(&SUBNET.to_uppercase())
        );
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [
            "",
            "/",
            "subscriptions/a",
            "/subscriptions",
            "/subscriptions//x",
            "/subscriptions/a\nb/c",
            "/etc/passwd",
        ] {
            assert_eq!(ResourceId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_prefix_of_a_name_is_not_a_scope() {
        let scope = ResourceId::parse("/subscriptions/s1/resourceGroups/rg").unwrap();
        let other = ResourceId::parse("/subscriptions/s1/resourceGroups/rg2").unwrap();
        assert!(!other.is_within(&scope));
    }
}
