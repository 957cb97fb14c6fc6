use proptest::prelude::*;

use crate::{exposed, read};

/// What must not be seen, wherever it is planted.
const PLANTED: &str = "hUnter2Xq";

fn resource(properties: &str) -> String {
    format!(
        r#"{{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/t", "name": "t", "properties": {properties}}}"#
    )
}

fn object(kind: &str, rest: &str) -> String {
    format!("apiVersion: v1\nkind: {kind}\nmetadata:\n  name: planted\n{rest}\n")
}

/// Asserts that the file is read and shows nothing of what was planted.
#[track_caller]
fn assert_hidden(content: &str, planted: &str) {
    assert!(
        content.contains(planted),
        "nothing was planted in\n{content}"
    );
    let reading = read("file", content);
    let shown = exposed(&reading);
    assert!(!shown.contains(planted), "{planted} shows in\n{shown}");
    let reading = reading.reading.unwrap();
    assert!(reading.is_whole, "{:?}\n{content}", reading.document);
    assert_eq!(
        reading.resources.len() + reading.objects.len(),
        1,
        "{content}"
    );
    assert_eq!(
        reading.document.text().content().len(),
        content.len(),
        "{content}"
    );
}

/// Asserts that a text stays readable.
#[track_caller]
fn assert_kept(content: &str, kept: &str) {
    let shown = read("file", content).reading.unwrap();
    assert_eq!(shown.resources.len() + shown.objects.len(), 1, "{content}");
    let shown = shown.document.text().content().to_owned();
    assert!(shown.contains(kept), "{kept} is gone from\n{shown}");
}

#[test]
fn secrets_of_azure_are_hidden() {
    for properties in [
        r#"{"servicePrincipalProfile": {"clientId": "c", "secret": "hUnter2Xq"}}"#,
        r#"{"windowsProfile": {"adminUsername": "a", "adminPassword": "hUnter2Xq"}}"#,
        r#"{"aadProfile": {"serverAppSecret": "hUnter2Xq"}}"#,
        r#"{"ADMINPASSWORD": "hUnter2Xq"}"#,
        r#"{"administratorLoginPassword": ["hUnter2Xq", {"deeper": "hUnter2Xq"}]}"#,
        r#"{"displayName": "n", "secret": true, "value": "hUnter2Xq"}"#,
        r#"{"displayName": "db-password", "secret": false, "value": "hUnter2Xq"}"#,
        r#"{"keys": [{"keyName": "key1", "value": "hUnter2Xq", "permissions": "FULL"}]}"#,
        r#"{"key1": "hUnter2Xq", "key2": "hUnter2Xq"}"#,
        r#"{"primarySharedKey": "hUnter2Xq", "secondarySharedKey": "hUnter2Xq"}"#,
        r#"{"primaryReadonlyMasterKey": "hUnter2Xq"}"#,
        r#"{"InstrumentationKey": "hUnter2Xq"}"#,
        r#"{"ConnectionString": "InstrumentationKey=hUnter2Xq;IngestionEndpoint=https://x"}"#,
        r#"{"kubeconfigs": [{"name": "clusterAdmin", "value": "hUnter2Xq"}]}"#,
        r#"{"credentials": {"header": {"x-functions-key": ["hUnter2Xq"]}}}"#,
        r#"{"credentials": {"id": "i", "key": "hUnter2Xq"}}"#,
        r#"{"resourceOwnerPassword": "hUnter2Xq"}"#,
        r#"{"sslCertificates": [{"data": "hUnter2Xq", "password": "p"}]}"#,
        r#"{"protectedSettings": {"any": {"thing": "hUnter2Xq"}}}"#,
        r#"{"environmentVariables": [{"name": "X", "secureValue": "hUnter2Xq"}]}"#,
        r#"{"configuration": {"secrets": [{"name": "db", "value": "hUnter2Xq"}]}}"#,
        r#"{"passwords": [{"name": "password2", "value": "hUnter2Xq"}]}"#,
        r#"{"apiKeys": ["hUnter2Xq"]}"#,
        r#"{"parameters": {"adminPassword": {"type": "SecureString", "value": "hUnter2Xq"}}}"#,
        r#"{"settings": {"commandToExecute": "mount -p hUnter2Xq"}}"#,
        r#"{"password": "{{a}}hUnter2Xq{{b}}"}"#,
        r#"{"password": "a\"hUnter2Xq\"b"}"#,
        r#"{"password": "hUnter2Xq", "password": "again"}"#,
    ] {
        assert_hidden(&resource(properties), PLANTED);
    }
}

#[test]
fn secrets_that_are_numbers_are_hidden() {
    assert_hidden(&resource(r#"{"adminPassword": 918273645}"#), "918273645");
    assert_hidden(
        &resource(r#"{"name": "PIN_TOKEN", "value": 918273645}"#),
        "918273645",
    );
}

#[test]
fn secrets_inside_texts_are_hidden() {
    for text in [
        "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=hUnter2Xq==;EndpointSuffix=x",
        "Endpoint=sb://a/;SharedAccessKeyName=n;SharedAccessKey=hUnter2Xq",
        "Server=a;User=u;Password='hUnter2Xq; with more';Encrypt=True",
        "Server=a;PWD=hUnter2Xq",
        "https://a.blob.core.windows.net/c?sv=1&sig=hUnter2Xq%3D",
        r"https://a.blob.core.windows.net/c?sv=1\u0026sig=hUnter2Xq\u0026se=2",
        r"Pwd=ab\/hUnter2Xq",
        r"Pwd=ab\u002bhUnter2Xq",
        "https://u:hUnter2Xq@host/path",
        "postgres://u:p@hUnter2Xq@host/db",
        "Bearer hUnter2Xq.a9",
        "Basic dTpoVW50ZXIyWHE",
        r#"<authentication-basic username=\"u\" password=\"hUnter2Xq\" />"#,
        "grant_type=client_credentials&amp;client_secret=hUnter2Xq&amp;x=1",
        "a?x=1&amp;sig=hUnter2Xq&amp;y=2",
    ] {
        let planted = if text.contains(PLANTED) {
            PLANTED
        } else {
            "dTpoVW50ZXIyWHE"
        };
        assert_hidden(&resource(&format!(r#"{{"text": "{text}"}}"#)), planted);
    }
}

#[test]
fn a_secret_in_an_escaped_text_is_hidden_in_the_source_too() {
    // Escapes hide the pattern from the source text, not from its content.
    let properties = r#"{"text": "\u0050assword=hUnter2Xq"}"#;
    assert_hidden(&resource(properties), PLANTED);
}

#[test]
fn private_keys_are_hidden() {
    let key = "-----BEGIN RSA PRIVATE KEY-----\\nhUnter2Xq\\nAAAA\\n-----END RSA PRIVATE KEY-----";
    assert_hidden(&resource(&format!(r#"{{"pem": "{key}"}}"#)), PLANTED);
    assert_hidden(
        &resource(&format!(r#"{{"pem": "{}"}}"#, &key[..50])),
        PLANTED,
    );
    let lines = r#"["-----BEGIN PRIVATE KEY-----", "hUnter2Xq", "-----END PRIVATE KEY-----"]"#;
    assert_hidden(&resource(&format!(r#"{{"pem": {lines}}}"#)), PLANTED);
    let block = "data:\n  file: |\n    -----BEGIN PRIVATE KEY-----\n    hUnter2Xq\n    -----END PRIVATE KEY-----\n  after: kept";
    assert_hidden(&object("ConfigMap", block), PLANTED);
    assert_kept(&object("ConfigMap", block), "after: kept");
}

#[test]
fn web_tokens_are_hidden_and_leave_the_file_readable() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.hUnter2Xq";
    assert_hidden(&resource(&format!(r#"{{"text": "{token}"}}"#)), PLANTED);
    assert_hidden(
        &resource(&format!(r#"{{"text": "https://h/{token}"}}"#)),
        PLANTED,
    );
    // Stars at the start of a plain scalar would be an alias if they were there before parsing.
    assert_hidden(
        &object("Thing", &format!("spec:\n  any: {token}\n  after: kept")),
        PLANTED,
    );
}

#[test]
fn secrets_of_kubernetes_are_hidden() {
    for (kind, rest) in [
        ("Secret", "data:\n  a: hUnter2Xq"),
        (
            "Secret",
            "stringData:\n  a: |\n    several\n    hUnter2Xq\n  b: 'it''s hUnter2Xq'",
        ),
        ("Secret", "data: {a: \"hUnter2Xq\"}"),
        (
            "Secret",
            "data:\n  a: >-\n    folded\n    hUnter2Xq\n  b: plain\n    hUnter2Xq",
        ),
        ("ConfigMap", "data:\n  DB_PASSWORD: hUnter2Xq"),
        ("ConfigMap", "binaryData:\n  client.secret: hUnter2Xq"),
        (
            "ConfigMap",
            "data:\n  app.properties: |\n    user=a\n    db.password = hUnter2Xq",
        ),
        (
            "ConfigMap",
            "data:\n  app.yaml: |\n    db:\n      password: \"hUnter2Xq\"\n",
        ),
        (
            "ConfigMap",
            "data:\n  app.json: '{\"db\": {\"password\": \"hUnter2Xq\"}}'",
        ),
        (
            "ConfigMap",
            "data:\n  app.json: \"{\\\"apiKey\\\": \\\"hUnter2Xq\\\"}\"",
        ),
        (
            "ConfigMap",
            "data:\n  app.xml: <a><password>hUnter2Xq</password></a>",
        ),
        (
            "Pod",
            "spec:\n  containers:\n  - env:\n    - name: API_TOKEN\n      value: hUnter2Xq",
        ),
        (
            "Pod",
            "spec:\n  containers:\n  - args: [--password, hUnter2Xq]",
        ),
        (
            "Pod",
            "spec:\n  containers:\n  - args: ['--db-password=hUnter2Xq']",
        ),
        (
            "Pod",
            "spec:\n  containers:\n  - command: [sh, -c, 'TOKEN: hUnter2Xq']",
        ),
        (
            "Pod",
            "spec:\n  containers:\n  - env:\n    - name: URL\n      value: amqp://u:hUnter2Xq@q:5672",
        ),
        ("Thing", "spec:\n  a: &a hUnter2Xq\n  password: *a"),
        ("Thing", "spec:\n  password: &a hUnter2Xq\n  a: *a"),
        (
            "Thing",
            "spec:\n  password: &a [hUnter2Xq]\n  a: {<<: {token: hUnter2Xq}, token: other}",
        ),
        ("Thing", "spec:\n  client-key-data: hUnter2Xq"),
        ("Thing", "# password: hUnter2Xq"),
        ("Thing", "spec: {} # AccountKey=hUnter2Xq"),
        ("Thing", "# https://u:hUnter2Xq@host"),
    ] {
        assert_hidden(&object(kind, rest), PLANTED);
    }
}

#[test]
fn the_repetition_of_an_object_in_its_annotation_is_hidden() {
    let content = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"stringData\":{\"x\":\"hUnter2Xq\"}}\n";
    assert_hidden(content, PLANTED);
}

#[test]
fn a_kubeconfig_beside_objects_is_hidden() {
    let kubeconfig = "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: u\n  user:\n    client-certificate-data: AAAA\n    client-key-data: hUnter2Xq\n    token: hUnter2Xq\n    auth-provider: {config: {id-token: hUnter2Xq}}\n---\n";
    assert_hidden(&format!("{kubeconfig}{}", object("Thing", "")), PLANTED);
}

#[test]
fn what_stands_around_an_error_is_hidden() {
    let content = "kind: Secret\nstringData:\n  a: \"hUnter2Xq\\n\"\n  b: [hUnter2Xq\n---\napiVersion: v1\nkind: Thing\nmetadata: {name: t}\n";
    let reading = read("file", content);
    assert_eq!(reading.diagnostics.len(), 1);
    assert!(
        !exposed(&reading).contains(PLANTED),
        "{}",
        exposed(&reading)
    );
    assert!(exposed(&reading).contains("kind: Thing"));
}

#[test]
fn references_to_secrets_stay_readable() {
    for (content, kept) in [
        (
            resource(r#"{"password": "{{db-password}}"}"#),
            "{{db-password}}",
        ),
        (
            resource(r#"{"text": "client_secret={{idp-secret}}&x=1"}"#),
            "{{idp-secret}}&x=1",
        ),
        (
            resource(r#"{"name": "SECRET_URI", "value": "https://kv.vault.azure.net/secrets/s"}"#),
            "kv.vault.azure.net/secrets/s",
        ),
        (
            resource(
                r#"{"adminPassword": {"reference": {"keyVault": {"id": "/subscriptions/s/x"}, "secretName": "n"}}}"#,
            ),
            "/subscriptions/s/x",
        ),
        (
            resource(
                r#"{"secret": true, "keyVault": {"secretIdentifier": "https://kv.vault.azure.net/secrets/s"}}"#,
            ),
            "https://kv.vault.azure.net/secrets/s",
        ),
        (
            resource(
                r#"{"secrets": [{"name": "db", "keyVaultUrl": "https://kv.vault.azure.net/secrets/s"}]}"#,
            ),
            "\"db\"",
        ),
        (
            resource(
                r#"{"connectionString": "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/s)"}"#,
            ),
            "SecretUri=https",
        ),
        (
            object(
                "Pod",
                "spec:\n  env:\n  - name: DB_PASSWORD\n    valueFrom: {secretKeyRef: {name: db, key: password}}",
            ),
            "{name: db, key: password}",
        ),
        (
            object(
                "Pod",
                "spec:\n  volumes:\n  - name: v\n    secret: {secretName: tls-cert}",
            ),
            "secretName: tls-cert",
        ),
        (
            object(
                "Pod",
                "spec:\n  volumes:\n  - name: v\n    secret:\n      secretName: tls-cert\n      defaultMode: 420",
            ),
            "defaultMode: 420",
        ),
        (
            object("Pod", "spec:\n  args: ['--password=$(DB_PASSWORD)']"),
            "$(DB_PASSWORD)",
        ),
        (
            object(
                "ServiceAccount",
                "secrets:\n- name: till-token\nimagePullSecrets:\n- name: pull",
            ),
            "till-token",
        ),
        (
            object(
                "Thing",
                "spec:\n  basicAuth: {password: {name: basic, key: pass}}",
            ),
            "{name: basic, key: pass}",
        ),
        (
            object(
                "Ingress",
                "spec:\n  tls:\n  - secretName: kiosk-tls\n    hosts: [a.example]",
            ),
            "kiosk-tls",
        ),
    ] {
        assert_kept(&content, kept);
    }
}

#[test]
fn what_an_audit_reads_stays_readable() {
    for (content, kept) in [
        (
            resource(r#"{"customRules": [{"name": "SecretScanner", "action": "Block"}]}"#),
            "SecretScanner",
        ),
        (
            resource(r#"{"login": {"tokenStore": {"enabled": "on-disk"}}}"#),
            "on-disk",
        ),
        (
            resource(r#"{"linuxProfile": {"ssh": {"publicKeys": [{"keyData": "ssh-rsa AAAA"}]}}}"#),
            "ssh-rsa AAAA",
        ),
        (
            resource(r#"{"allowSharedKeyAccess": false, "disablePasswordAuthentication": true}"#),
            "false, \"disablePasswordAuthentication\": true",
        ),
        (
            resource(
                r#"{"policy": "<validate-jwt header-name=\"Authorization\" output-token-variable-name=\"jwt\"><set-variable name=\"token\" value=\"@(context.User)\" /></validate-jwt>"}"#,
            ),
            "output-token-variable-name=\\\"jwt\\\"><set-variable name=\\\"token\\\" value=\\\"@(context.User)",
        ),
        (
            resource(
                r#"{"subscriptionKeyParameterNames": {"header": "Ocp-Apim-Subscription-Key"}}"#,
            ),
            "Ocp-Apim-Subscription-Key",
        ),
        (
            resource(r#"{"sku": "Basic Standard", "url": "https://kiosk.example:8443/a@b"}"#),
            "https://kiosk.example:8443/a@b",
        ),
        (
            resource(
                r#"{"parameters": {"adminPassword": {"type": "SecureString", "value": "x"}}}"#,
            ),
            "SecureString",
        ),
        (
            object("Secret", "type: kubernetes.io/tls\ndata: {a: b}"),
            "kubernetes.io/tls",
        ),
        (
            object(
                "Thing",
                "spec:\n  rego: |\n    token := input.review.object.password\n    password == \"\"",
            ),
            "token := input.review.object.password",
        ),
        (
            object(
                "Pod",
                "spec:\n  containers:\n  - env: [{name: MODE, value: fast}]\n    args: ['--feature=Token=true']",
            ),
            "Token=true",
        ),
        (
            object(
                "Service",
                "spec:\n  selector: {key: tier, app: secret-service}\n# the token service",
            ),
            "# the token service",
        ),
    ] {
        assert_kept(&content, kept);
    }
}

#[test]
fn every_other_value_keeps_its_place() {
    let content = object(
        "Secret",
        "data:\n  a: |\n    first\n    second\n\n  b: \"x\\ty\"\nafter: here",
    );
    let reading = read("file", content.clone()).reading.unwrap();
    let root = reading.document.roots().next().unwrap();
    let after = root.get("after").unwrap();
    assert_eq!(&content[after.span().range()], "here");
    assert_eq!(after.scalar(), "here");
    assert_eq!(
        root.get("data").unwrap().get("b").unwrap().scalar(),
        "*****"
    );
}

/// Names that hold secrets, in the ways that people write them.
fn secret_name() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "password",
        "adminPassword",
        "client_secret",
        "secret",
        "token",
        "apiKey",
        "connectionString",
        "primaryKey",
        "client-key-data",
        "credentials",
        "kubeconfig",
        "sharedKey",
        "accessToken",
        "protectedSettings",
    ]);
    (names, 0..3).prop_map(|(name, letters)| match letters {
        0 => name.to_owned(),
        1 => name.to_uppercase(),
        _ => name.to_lowercase(),
    })
}

/// A value that holds the planted text somewhere.
fn secret_value() -> impl Strategy<Value = serde_json::Value> {
    let around = "[ -~]{0,6}";
    let leaf = (around, around)
        .prop_map(|(before, after)| format!("{before}\n\"{PLANTED}\\{after}").into());
    leaf.prop_recursive(3, 12, 3, |inner| {
        let neighbours = prop::collection::btree_map("[a-z]{1,6}", inner.clone(), 1..3);
        prop_oneof![
            prop::collection::vec(inner, 1..3).prop_map(serde_json::Value::from),
            neighbours.prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
    .prop_filter("references and descriptions are no secrets", |value| {
        !["\"name\"", "\"key\"", "\"type\""]
            .iter()
            .any(|name| value.to_string().contains(name))
    })
}

fn document() -> impl Strategy<Value = serde_json::Value> {
    let planted = (secret_name(), secret_value())
        .prop_map(|(name, value)| serde_json::Value::Object([(name, value)].into_iter().collect()));
    planted.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map("\\PC{0,8}", inner, 1..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Block style YAML, which `serde_json` doesn't write: literal blocks, plain and quoted text.
fn as_yaml(value: &serde_json::Value, indent: usize, out: &mut String) {
    use std::fmt::Write;
    let pad = "  ".repeat(indent);
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                write!(out, "\n{pad}{}:", serde_json::Value::from(name.as_str())).unwrap();
                as_yaml(value, indent + 1, out);
            }
        }
        serde_json::Value::Array(items) => {
            for item in items {
                write!(out, "\n{pad}-").unwrap();
                as_yaml(item, indent + 1, out);
            }
        }
        serde_json::Value::String(text) if text.trim() == text && text.contains('\n') => {
            write!(out, " |").unwrap();
            for line in text.lines() {
                write!(out, "\n{pad}{line}").unwrap();
            }
        }
        other => write!(out, " {other}").unwrap(),
    }
}

proptest! {
    #[test]
    fn a_secret_planted_anywhere_shows_nowhere(value in document(), notation in 0..3) {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/t";
        let root = serde_json::json!({"id": id, "properties": value});
        let content = match notation {
            0 => serde_json::to_string(&root).unwrap(),
            1 => serde_json::to_string_pretty(&root).unwrap(),
            _ => {
                let mut out = String::from("---");
                as_yaml(&root, 0, &mut out);
                out
            }
        };
        let reading = read("file", content.clone());
        prop_assert!(!exposed(&reading).contains(PLANTED), "{}", content);
        // Whatever the notation, the values around the secrets are there.
        if notation < 2 {
            prop_assert_eq!(reading.reading.unwrap().resources.len(), 1);
        }
    }
}
