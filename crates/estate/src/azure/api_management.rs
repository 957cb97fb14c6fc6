//! API Management.

use crate::resource::view;
use crate::{Field, ResourceId, Settings, Unknown, View};

view! {
    /// A way to manage a service past Azure Resource Manager: `access` and `gitAccess`.
    ApiManagementAccess = "microsoft.apimanagement/service/tenant"
}

view! {
    /// An API Management service.
    ApiManagementService = "microsoft.apimanagement/service"
}

view! {
    /// An API of the service.
    Api = "microsoft.apimanagement/service/apis"
}

view! {
    /// An operation of an API.
    ApiOperation = "microsoft.apimanagement/service/apis/operations"
}

view! {
    /// The policy document of the whole service.
    ServicePolicy = "microsoft.apimanagement/service/policies"
}

view! {
    /// The policy document of an API.
    ApiPolicy = "microsoft.apimanagement/service/apis/policies"
}

view! {
    /// The policy document of an operation.
    ApiOperationPolicy = "microsoft.apimanagement/service/apis/operations/policies"
}

view! {
    /// A product: APIs that are subscribed to together.
    ApiProduct = "microsoft.apimanagement/service/products"
}

view! {
    /// A subscription: the key of a caller.
    ApiSubscription = "microsoft.apimanagement/service/subscriptions"
}

view! {
    /// A named value that policies use.
    NamedValue = "microsoft.apimanagement/service/namedvalues"
}

view! {
    /// A backend of APIs.
    ApiBackend = "microsoft.apimanagement/service/backends"
}

view! {
    /// A logger.
    ApiLogger = "microsoft.apimanagement/service/loggers"
}

view! {
    /// What of the whole service's traffic is logged.
    ApiServiceDiagnostic = "microsoft.apimanagement/service/diagnostics"
}

view! {
    /// What of an API's traffic is logged.
    ApiDiagnostic = "microsoft.apimanagement/service/apis/diagnostics"
}

view! {
    /// The policy document of a product.
    ApiProductPolicy = "microsoft.apimanagement/service/products/policies"
}

view! {
    /// A fragment that policy documents include.
    PolicyFragment = "microsoft.apimanagement/service/policyfragments"
}

/// The API Management service that a resource such as an API or a policy document is part of.
pub fn api_management_service_of(id: &ResourceId) -> Option<ResourceId> {
    let mut at = Some(id.clone());
    while let Some(id) = at {
        if id.resource_type().as_deref() == Some(ApiManagementService::TYPE) {
            return Some(id);
        }
        at = id.parent();
    }
    None
}

impl<'e> ApiManagementService<'e> {
    /// `virtualNetworkType`: `None`, `External` or `Internal`.
    pub fn virtual_network_type(&self) -> Field<'e, &'e str> {
        self.text("virtualNetworkType")
    }

    /// `publicNetworkAccess`.
    pub fn public_network_access(&self) -> Field<'e, bool> {
        self.flag("publicNetworkAccess")
    }

    /// `sku.name`: the tier.
    pub fn tier(&self) -> Field<'e, &'e str> {
        self.text("sku.name")
    }

    /// A key of `customProperties`, such as a TLS version that is switched on or off. The keys
    /// hold dots, so they are no path.
    pub fn custom_property(&self, key: &str) -> Field<'e, bool> {
        let properties = match self.property("customProperties") {
            Field::Present(properties, _) => properties,
            Field::Absent(at) => return Field::Absent(at),
            Field::Unknown(unknown) => return Field::Unknown(unknown),
        };
        let value = properties.get_ignore_case(key);
        let Some(value) = value.filter(|value| !value.is_null()) else {
            return Field::Absent(properties);
        };
        match value.scalar().to_ascii_lowercase().as_str() {
            "true" => Field::Present(true, value),
            "false" => Field::Present(false, value),
            word => Field::Unknown(Unknown::because(
                format!("the custom property {key} is `{word}`, neither True nor False"),
                "correct the value",
            )),
        }
    }

    /// `additionalLocations`: the regions beside the first, each with a gateway and a network
    /// configuration of its own.
    pub fn additional_locations(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("additionalLocations")
    }

    /// `privateEndpointConnections`.
    pub fn private_endpoint_connections(&self) -> Result<Vec<Settings<'e>>, Unknown> {
        self.elements("privateEndpointConnections")
    }

    /// `createdAtUtc`, which only Azure writes.
    pub fn created_at(&self) -> Field<'e, &'e str> {
        self.text("createdAtUtc")
    }

    /// `platformVersion`: `stv1`, `stv2`, `stv2.1` or `mtv1`.
    pub fn platform_version(&self) -> Field<'e, &'e str> {
        self.text("platformVersion")
    }

    /// `apiVersionConstraint.minApiVersion`: the oldest version of the management API.
    pub fn minimum_api_version(&self) -> Field<'e, &'e str> {
        self.text("apiVersionConstraint.minApiVersion")
    }
}

impl<'e> Api<'e> {
    /// `subscriptionRequired`.
    pub fn subscription_required(&self) -> Field<'e, bool> {
        self.flag("subscriptionRequired")
    }

    /// `protocols`: `https`, `http`, `wss` and `ws`.
    pub fn protocols(&self) -> Field<'e, Vec<Settings<'e>>> {
        self.list("protocols")
    }

    /// `serviceUrl`: the backend, unless a policy chooses another.
    pub fn service_url(&self) -> Field<'e, &'e str> {
        self.text("serviceUrl")
    }
}

impl<'e> ApiProduct<'e> {
    /// `state`: `published` or `notPublished`.
    pub fn state(&self) -> Field<'e, &'e str> {
        self.text("state")
    }

    /// `subscriptionRequired`.
    pub fn subscription_required(&self) -> Field<'e, bool> {
        self.flag("subscriptionRequired")
    }

    /// `approvalRequired`.
    pub fn approval_required(&self) -> Field<'e, bool> {
        self.flag("approvalRequired")
    }

    /// Whether a link between the product and the API is in the input. Nothing if the input
    /// holds none of the product's links.
    pub fn links(&self, api: &ResourceId) -> Option<bool> {
        let (api_links, apis) = (
            format!("{}/apilinks/", self.id().key()),
            format!("{}/apis/", self.id().key()),
        );
        // Every revision of an API is in the products of the API.
        let wanted = api.key().split(";rev=").next().unwrap_or_default();
        let mut links = self
            .estate()
            .resources()
            .filter_map(|resource| {
                if resource.id().key().starts_with(&api_links) {
                    let target = resource.reference("apiId").present()?;
                    Some(target.key().split(";rev=").next() == Some(wanted))
                } else if resource.id().key().starts_with(&apis) {
                    Some(wanted.ends_with(&format!("/{}", resource.name().to_ascii_lowercase())))
                } else {
                    None
                }
            })
            .peekable();
        links.peek()?;
        Some(links.any(|is_wanted| is_wanted))
    }
}

impl<'e> ApiBackend<'e> {
    /// `url`.
    pub fn url(&self) -> Field<'e, &'e str> {
        self.text("url")
    }

    /// Whether it is a list of other backends (`pool.services`).
    pub fn is_pool(&self) -> bool {
        matches!(self.property("pool.services"), Field::Present(..))
    }

    /// `tls.validateCertificateChain`.
    pub fn validates_certificate_chain(&self) -> Field<'e, bool> {
        self.flag("tls.validateCertificateChain")
    }

    /// `tls.validateCertificateName`.
    pub fn validates_certificate_name(&self) -> Field<'e, bool> {
        self.flag("tls.validateCertificateName")
    }
}

impl<'e> NamedValue<'e> {
    /// `displayName`: what policies call it.
    pub fn display_name(&self) -> Field<'e, &'e str> {
        self.text("displayName")
    }

    /// `secret`.
    pub fn is_secret(&self) -> Field<'e, bool> {
        self.flag("secret")
    }

    /// `keyVault.secretIdentifier`: where the value is kept.
    pub fn key_vault_secret(&self) -> Field<'e, &'e str> {
        self.text("keyVault.secretIdentifier")
    }
}

impl<'e> ApiServiceDiagnostic<'e> {
    /// `loggerId`.
    pub fn logger(&self) -> Field<'e, ResourceId> {
        self.reference("loggerId")
    }

    /// `sampling.percentage`: how much of the traffic is logged.
    pub fn sampling_percentage(&self) -> Field<'e, &'e str> {
        self.text("sampling.percentage")
    }
}

impl<'e> ApiSubscription<'e> {
    /// `state`: `active`, or one of the states in which the keys don't work.
    pub fn state(&self) -> Field<'e, &'e str> {
        self.text("state")
    }

    /// `allowTracing`.
    pub fn allows_tracing(&self) -> Field<'e, bool> {
        self.flag("allowTracing")
    }
}
