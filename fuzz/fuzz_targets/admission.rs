//! Bytes as a template's Rego and as a policy's expression: a cluster is judged whatever they say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_sources::File;

const TEMPLATE: &str = r#"{"apiVersion": "templates.gatekeeper.sh/v1", "kind": "ConstraintTemplate", "metadata": {"name": "t"}, "spec": {"crd": {"spec": {"names": {"kind": "T"}}}, "targets": [{"target": "admission.k8s.gatekeeper.sh", "rego": TEXT}]}}
---
{"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "T", "metadata": {"name": "c"}}
---
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "p"}, "spec": {"validations": [{"expression": TEXT}]}}
---
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "b"}, "spec": {"policyName": "p", "validationActions": ["Deny"]}}
"#;

fuzz_target!(|text: &str| {
    let Ok(text) = serde_json::to_string(text) else {
        return;
    };
    let manifests = TEMPLATE.replace("TEXT", &text);
    let load = |manifests: &String| {
        Ok(File {
            path: "fuzz.yaml".to_owned(),
            bytes: manifests.clone().into_bytes(),
        })
    };
    let input = palisade_sources::read_all(&[manifests], load, false);
    for cluster in input.estate.clusters() {
        let _ = palisade_admission::judge(&cluster);
    }
});
