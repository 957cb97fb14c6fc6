//! Which configuration of the provider a resource has, and so which subscription it goes to.

use super::module::{Modules, Scene};
use super::syntax::{Block, Expression, Kind, Step};
use crate::identity::stand_in;
use crate::value;

impl<'c> Modules<'c> {
    /// The subscription of a resource: that of its provider's configuration, else the one that is
    /// given for the run.
    pub(super) fn subscription(&mut self, block: &'c Block, own: &Scene) -> Option<String> {
        let named = block.attribute("provider").and_then(alias_of);
        let (module, alias) = self.provider(own.module, named.unwrap_or_default());
        let content = &self.modules[module].folder.content;
        let mut providers = content.blocks("provider");
        let provider = providers.find(|provider| {
            let own = provider.attribute("alias").map(|alias| &alias.kind);
            let is_named = match own {
                Some(Kind::Text(own)) => **own == *alias,
                _ => alias.is_empty(),
            };
            provider.labels == ["azurerm"] && is_named
        });
        let given = provider.and_then(|provider| provider.attribute("subscription_id"));
        let Some(given) = given else {
            return self.subscription.map(str::to_owned);
        };
        let scene = Scene {
            module,
            ..Scene::default()
        };
        let found = self.evaluate(given, &scene);
        match value::as_str(&found) {
            Some(id) => Some(id.to_owned()),
            None if alias.is_empty() => self.subscription.map(str::to_owned),
            None => Some(stand_in(&format!("azurerm.{alias}"), "subscription_id")),
        }
    }

    /// The module that configures the provider, and its alias there. A call may hand providers
    /// on under other names.
    fn provider(&self, mut module: usize, alias: &str) -> (usize, String) {
        let mut alias = alias.to_owned();
        while let Some((call, scene)) = &self.modules[module].caller {
            let handed = call.attribute("providers").map(|providers| &providers.kind);
            let handed = match handed {
                Some(Kind::Object(members)) => members.as_slice(),
                _ => &[],
            };
            let found = handed.iter().find_map(|(key, provider)| {
                (alias_of(key)? == alias).then(|| alias_of(provider).map(str::to_owned))?
            });
            match found {
                Some(found) => alias = found,
                None if alias.is_empty() => {}
                None => break,
            }
            module = scene.module;
        }
        (module, alias)
    }
}

/// The alias in `azurerm.hub`; empty for `azurerm`; nothing for other providers.
fn alias_of(expression: &Expression) -> Option<&str> {
    let is_azurerm = |kind: &Kind| match kind {
        Kind::Name(name) => name == "azurerm",
        Kind::Text(name) => **name == *"azurerm",
        _ => false,
    };
    match &expression.kind {
        Kind::Traversal(root, steps) if is_azurerm(&root.kind) => match steps.as_slice() {
            [Step::Member(alias)] => Some(alias),
            _ => None,
        },
        Kind::Text(name) => match name.strip_prefix("azurerm") {
            Some("") => Some(""),
            Some(rest) => rest.strip_prefix('.'),
            None => None,
        },
        kind => is_azurerm(kind).then_some(""),
    }
}
