//! API Management.

use crate::Field;
use crate::resource::view;

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
        match self.property("customProperties") {
            Field::Present(properties, _) => match properties.get_ignore_case(key) {
                Some(value) => match value.scalar().to_ascii_lowercase().as_str() {
                    "true" => Field::Present(true, value),
                    "false" => Field::Present(false, value),
                    _ => Field::Absent(value),
                },
                None => Field::Absent(properties),
            },
            Field::Absent(at) => Field::Absent(at),
            Field::Unknown(unknown) => Field::Unknown(unknown),
        }
    }
}
