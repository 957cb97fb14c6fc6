//! API Management: the service, its APIs and their policies.

use serde_json::{Value, json};

use super::{Spoke, reference};
use crate::random::Random;

const APIS: [&str; 8] = [
    "orders",
    "stock",
    "prices",
    "customers",
    "returns",
    "shipments",
    "loyalty",
    "search",
];

impl Spoke {
    fn service_name(&self) -> String {
        format!("apim-{:04}", self.number)
    }

    /// The service, its APIs and a policy for each of them.
    pub(super) fn api_management(&self, random: &mut Random) -> Vec<Value> {
        let mut group = vec![self.service(random)];
        group.extend(APIS.map(|api| self.api(api, random)));
        group.extend(APIS.map(|api| self.api_policy(api, random)));
        group
    }

    fn service(&self, random: &mut Random) -> Value {
        let name = self.service_name();
        let host = |kind: &str| json!({ "certificateSource": "KeyVault", "certificateStatus": null, "defaultSslBinding": kind == "Proxy", "hostName": format!("{}.brackwater.example", kind.to_ascii_lowercase()), "keyVaultId": "https://kv-edge.vault.azure.net/secrets/wildcard", "negotiateClientCertificate": false, "type": kind });
        let hosts = ["Proxy", "Management", "DeveloperPortal", "Scm"].map(host);
        let ciphers = ["Tls10", "Tls11", "Ssl30"].iter().flat_map(|version| {
            ["Protocols", "Backend.Protocols"].map(|side| {
                format!("Microsoft.WindowsAzure.ApiManagement.Gateway.Security.{side}.{version}")
            })
        });
        let custom: serde_json::Map<String, Value> = ciphers
            .map(|name| {
                (
                    name,
                    json!(if random.percent(90) { "False" } else { "True" }),
                )
            })
            .collect();
        let properties = json!({
            "additionalLocations": null,
            "apiVersionConstraint": { "minApiVersion": "2024-05-01" },
            "createdAtUtc": random.time(),
            "customProperties": custom,
            "developerPortalStatus": "Disabled",
            "disableGateway": false,
            "gatewayUrl": format!("https://{name}.azure-api.net"),
            "hostnameConfigurations": hosts,
            "managementApiUrl": format!("https://{name}.management.azure-api.net"),
            "natGatewayState": "Disabled",
            "platformVersion": "stv2.1",
            "privateIPAddresses": [format!("{}.5", self.address(2))],
            "provisioningState": "Succeeded",
            "publicIPAddresses": [format!("198.51.100.{}", random.between(1, 255))],
            "publicIpAddressId": self.public_address_id("apim"),
            "publicNetworkAccess": "Enabled",
            "publisherEmail": "apis@brackwater.example",
            "publisherName": "Brackwater",
            "virtualNetworkConfiguration": { "subnetResourceId": self.subnet_id("snet-apim"), "subnetname": null, "vnetid": random.uuid() },
            "virtualNetworkType": random.pick(&["Internal", "Internal", "External", "None"]),
        });
        let mut body =
            self.place
                .resource("Microsoft.ApiManagement/service", &name, properties, random);
        body["sku"] = json!({ "capacity": 2, "name": random.pick(&["Premium", "Developer"]) });
        body
    }

    fn api(&self, api: &str, random: &mut Random) -> Value {
        let id = format!(
            "{}/apis/{api}",
            self.place
                .id("Microsoft.ApiManagement/service", &self.service_name())
        );
        json!({
            "id": id,
            "name": api,
            "properties": {
                "apiRevision": "1", "apiRevisionDescription": null, "apiVersion": "v1", "apiVersionSet": reference(format!("{id}-versions")),
                "authenticationSettings": { "oAuth2": null, "oAuth2AuthenticationSettings": [], "openid": null, "openidAuthenticationSettings": [] },
                "description": format!("Everything about {api}, for partners and the shop"), "displayName": api, "isCurrent": true, "path": api,
                "protocols": if random.percent(80) { json!(["https"]) } else { json!(["http", "https"]) },
                "serviceUrl": format!("https://{api}.apps.brackwater.example"), "subscriptionKeyParameterNames": { "header": "Ocp-Apim-Subscription-Key", "query": "subscription-key" },
                "subscriptionRequired": random.percent(80),
            },
            "type": "Microsoft.ApiManagement/service/apis",
        })
    }

    fn api_policy(&self, api: &str, random: &mut Random) -> Value {
        let id = format!(
            "{}/apis/{api}/policies/policy",
            self.place
                .id("Microsoft.ApiManagement/service", &self.service_name())
        );
        let operations: String = (0..random.between(2, 12))
            .map(|number| format!("        <when condition=\"@(context.Operation.Id == &quot;op-{number:02}&quot;)\">\r\n          <set-header name=\"x-route\" exists-action=\"override\">\r\n            <value>blue-{number:02}</value>\r\n          </set-header>\r\n        </when>\r\n"))
            .collect();
        let policy = format!(
            "<policies>\r\n  <inbound>\r\n    <base />\r\n    <validate-jwt header-name=\"Authorization\" failed-validation-httpcode=\"401\" require-scheme=\"Bearer\">\r\n      <openid-config url=\"https://login.brackwater.example/.well-known/openid-configuration\" />\r\n      <audiences>\r\n        <audience>api://{api}</audience>\r\n      </audiences>\r\n    </validate-jwt>\r\n    <rate-limit-by-key calls=\"{}\" renewal-period=\"60\" counter-key=\"@(context.Subscription?.Key ?? context.Request.IpAddress)\" />\r\n    <choose>\r\n{operations}    </choose>\r\n  </inbound>\r\n  <backend>\r\n    <base />\r\n  </backend>\r\n  <outbound>\r\n    <base />\r\n  </outbound>\r\n  <on-error>\r\n    <base />\r\n  </on-error>\r\n</policies>",
            random.between(10, 1000)
        );
        json!({ "id": id, "name": "policy", "properties": { "format": "xml", "value": policy }, "type": "Microsoft.ApiManagement/service/apis/policies" })
    }
}
