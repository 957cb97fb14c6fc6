//! From declarations to resources: loops, conditions, children, deployments and scopes.

use palisade_arm_template::{Existence, ExpandedResource};

use crate::{at, json, messages, output, resources, run, template};

const RG: &str = "/subscriptions/s1/resourceGroups/rg1/providers/";

fn ids(resources: &[ExpandedResource]) -> Vec<&str> {
    resources
        .iter()
        .map(|it| it.id.strip_prefix(RG).unwrap_or(&it.id))
        .collect()
}

#[test]
fn a_loop_makes_a_resource_each_turn() {
    let found = resources(
        "",
        r#"[{"type": "M.N/v", "name": "[concat('v', copyIndex('l', 1))]",
            "copy": {"name": "L", "count": 2, "mode": "serial", "batchSize": 1},
            "properties": {
                "index": "[copyIndex()]",
                "copy": [{"name": "rules", "count": 2, "input": {
                    "both": "[format('{0}.{1}', copyIndex(), copyIndex('rules'))]"
                }}]
            }}]"#,
    );
    assert_eq!(ids(&found), ["M.N/v/v1", "M.N/v/v2"]);
    let properties = json(at(&found[1].body, "properties"));
    let wanted = serde_json::json!({"index": 1, "rules": [{"both": "1.0"}, {"both": "1.1"}]});
    assert_eq!(properties, wanted);
}

#[test]
fn loops_make_variables_and_outputs() {
    let declarations = r#""variables": {
        "copy": [{"name": "top", "count": 2, "input": "[copyIndex('top')]"}],
        "inside": {"copy": [{"name": "list", "count": 1, "input": "[copyIndex('list', 7)]"}]}
    }, "outputs": {"o": {"type": "array", "copy": {"count": 2, "input": "[variables('top')[copyIndex()]]"}}},"#;
    let (expansion, diagnostics) = run(&[("main.json", &template(declarations, "[]"))]);
    assert_eq!(messages(&diagnostics), Vec::<String>::new());
    assert_eq!(json(&expansion.outputs[0].1), serde_json::json!([0, 1]));
    let inside = r#""variables": {"i": {"copy": [{"name": "list", "count": 1, "input": "[copyIndex('list', 7)]"}]}},"#;
    assert_eq!(
        json(&output(inside, "variables('i').list")),
        serde_json::json!([7])
    );
}

#[test]
fn a_loop_of_unknown_length_makes_one_resource_that_may_not_be_there() {
    let found = resources(
        r#""parameters": {"many": {"type": "int"}},"#,
        r#"[{"type": "M.N/v", "name": "[concat('v', copyIndex())]",
            "copy": {"name": "l", "count": "[parameters('many')]"}}]"#,
    );
    assert_eq!(found.len(), 1);
    let Existence::Unknown { cause, supply } = &found[0].existence else {
        panic!("{:?}", found[0].existence);
    };
    assert_eq!(&**cause, "parameter `many` has no value");
    assert_eq!(&**supply, "a parameter file with `many`");
    assert!(found[0].id_has_stand_in);
}

#[test]
fn a_condition_decides_whether_a_resource_is_there() {
    let found = resources(
        r#""parameters": {"deploy": {"type": "bool"}, "yes": {"type": "bool", "defaultValue": true}},"#,
        r#"[{"type": "M.N/v", "name": "a", "condition": "[parameters('yes')]"},
            {"type": "M.N/v", "name": "b", "condition": "[not(parameters('yes'))]",
             "properties": {"x": "[createArray()[5]]"}},
            {"type": "M.N/v", "name": "c", "condition": "[parameters('deploy')]"},
            {"type": "M.N/v", "name": "d", "condition": false}]"#,
    );
    assert_eq!(ids(&found), ["M.N/v/a", "M.N/v/c"]);
    assert!(matches!(found[0].existence, Existence::Certain));
    assert!(matches!(found[1].existence, Existence::Unknown { .. }));
}

#[test]
fn names_that_are_not_known_have_the_same_stand_in_everywhere() {
    let found = resources(
        r#""parameters": {"n": {"type": "string"}},
           "variables": {"low": "[toLower(concat('nic-', parameters('n')))]"},"#,
        r#"[{"type": "M.N/v", "name": "[parameters('n')]", "properties": {"color": "[parameters('n')]"}},
            {"type": "M.N/nic", "name": "[variables('low')]",
             "properties": {
                "v": "[resourceId('M.N/v', parameters('n'))]",
                "rule": "[reference(resourceId('M.N/v', parameters('n'))).color]"
             }},
            {"type": "M.N/nic", "name": "[toLower(concat('vm-', parameters('n')))]"}]"#,
    );
    assert_eq!(
        ids(&found),
        [
            "M.N/v/<unknown: parameter `n` has no value>",
            "M.N/nic/<unknown: toLower(\"nic-<unknown: parameter `n` has no value>\")>",
            "M.N/nic/<unknown: toLower(\"vm-<unknown: parameter `n` has no value>\")>",
        ]
    );
    assert_eq!(
        at(&found[1].body, "properties.v").as_str(),
        Some(&*found[0].id)
    );
    // A text that is no id is unknown as a whole.
    let unknown = "<unknown: parameter `n` has no value>";
    assert_eq!(json(at(&found[0].body, "properties.color")), unknown);
    assert_eq!(json(at(&found[0].body, "name")), unknown);
    assert_eq!(json(at(&found[1].body, "properties.rule")), unknown);
}

#[test]
fn a_name_that_is_not_known_stands_for_all_of_its_segments() {
    let found = resources(
        r#""parameters": {"n": {"type": "string"}},"#,
        r#"[{"type": "M.N/v/s", "name": "[parameters('n')]"}]"#,
    );
    let name = "<unknown: parameter `n` has no value>";
    assert_eq!(ids(&found), [format!("M.N/v/{name}/s/{name}")]);
    assert_eq!(&*found[0].kind, "M.N/v/s");
}

#[test]
fn children_take_type_and_name_from_their_parents() {
    let found = resources(
        "",
        r#"[{"type": "M.N/v", "name": "p", "resources": [
                {"type": "s", "name": "c", "resources": [{"type": "t", "name": "g"}]},
                {"type": "M.N/v/s", "name": "p/full"},
                {"type": "M.N/v/s", "name": "half"},
                {"type": "/providers/locks", "name": "/M.A/l"},
                {"type": "M.I/settings", "name": "d"}
            ]},
            {"type": "M.N/v/s", "name": "p/alone"},
            {"type": "M.C/vm/providers/locks", "name": "x/M.A/l"},
            {"type": "M.A/locks", "name": "l2", "scope": "[resourceId('M.N/v', 'p')]"},
            {"type": "M.A/locks", "name": "l3", "scope": "M.N/v/p"}]"#,
    );
    assert_eq!(
        ids(&found),
        [
            "M.N/v/p",
            "M.N/v/p/s/c",
            "M.N/v/p/s/c/t/g",
            "M.N/v/p/s/full",
            "M.N/v/p/s/half",
            "M.N/v/p/providers/M.A/locks/l",
            "M.N/v/p/providers/M.I/settings/d",
            "M.N/v/p/s/alone",
            "M.C/vm/x/providers/M.A/locks/l",
            "M.N/v/p/providers/M.A/locks/l2",
            "M.N/v/p/providers/M.A/locks/l3",
        ]
    );
    assert_eq!(&*found[5].kind, "M.A/locks");
    assert_eq!(at(&found[2].body, "name").as_str(), Some("g"));
    assert_eq!(at(&found[2].body, "type").as_str(), Some("M.N/v/s/t"));
}

#[test]
fn a_body_is_what_azure_would_answer() {
    let found = resources(
        "",
        r#"[{"type": "M.N/v", "apiVersion": "2020-01-01", "name": "a", "location": "[resourceGroup().location]",
            "comments": "c", "dependsOn": ["x"], "condition": true, "tags": {"a": "[[b]"},
            "properties": {"x": null}}]"#,
    );
    let wanted = serde_json::json!({
        "id": format!("{RG}M.N/v/a"), "name": "a", "type": "M.N/v", "apiVersion": "2020-01-01",
        "location": "westeurope", "tags": {"a": "[b]"}, "properties": {"x": null},
    });
    assert_eq!(json(&found[0].body), wanted);
}

/// With inner scope a nested template has its own names, with outer scope those around it.
#[test]
fn nested_deployments_have_an_inner_or_an_outer_scope() {
    let nested = |options: &str| {
        let deployment = format!(
            r#"[{{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {{
                {options}
                "parameters": {{"p": {{"value": "[concat(parameters('p'), '+')]"}}}},
                "template": {{
                    "parameters": {{"p": {{"type": "string"}}}},
                    "resources": [{{"type": "M.N/v", "name": "[parameters('p')]",
                                    "properties": {{"escaped": "[[parameters('p')]"}}}}]
                }}
            }}}}]"#
        );
        let declarations = r#""parameters": {"p": {"type": "string", "defaultValue": "out"}},"#;
        let found = resources(declarations, &deployment);
        let name = ids(&found)[0].to_owned();
        (name, json(at(&found[0].body, "properties.escaped")))
    };
    let inner = r#""expressionEvaluationOptions": {"scope": "Inner"},"#;
    assert_eq!(
        nested(inner),
        ("M.N/v/out+".to_owned(), "[parameters('p')]".into())
    );
    assert_eq!(nested(""), ("M.N/v/out".to_owned(), "out+".into()));
}

#[test]
fn deployments_go_to_other_scopes() {
    let nested = |scope: &str, kind: &str| {
        format!(
            r#"{{"type": "Microsoft.Resources/deployments", "name": "d", {scope} "properties": {{
                "expressionEvaluationOptions": {{"scope": "inner"}},
                "template": {{"resources": [{{"type": "{kind}", "name": "n"}}]}}}}}}"#
        )
    };
    let all = [
        nested(r#""resourceGroup": "rg2","#, "M.N/v"),
        nested(r#""resourceGroup": "", "subscriptionId": "","#, "M.N/v"),
        nested(
            r#""subscriptionId": "s2", "resourceGroup": "rg2","#,
            "M.N/v",
        ),
        nested(
            r#""subscriptionId": "s2","#,
            "Microsoft.Resources/resourceGroups",
        ),
        nested(
            r#""scope": "Microsoft.Management/managementGroups/m2","#,
            "M.A/p",
        ),
        nested(r#""scope": "/","#, "Microsoft.Management/managementGroups"),
    ];
    let found = resources("", &format!("[{}]", all.join(",")));
    assert_eq!(
        ids(&found),
        [
            "/subscriptions/s1/resourceGroups/rg2/providers/M.N/v/n",
            "M.N/v/n",
            "/subscriptions/s2/resourceGroups/rg2/providers/M.N/v/n",
            "/subscriptions/s2/resourceGroups/n",
            "/providers/Microsoft.Management/managementGroups/m2/providers/M.A/p/n",
            "/providers/Microsoft.Management/managementGroups/n",
        ]
    );
}

/// What goes to a place that isn't known must not be taken for something that goes here.
#[test]
fn an_unknown_scope_is_a_place_of_its_own() {
    let found = resources(
        r#""parameters": {"where": {"type": "string"}, "group": {"type": "object"}},"#,
        r#"[{"type": "M.I/settings", "name": "a", "scope": "[parameters('where')]"},
            {"type": "M.I/settings", "name": "b", "scope": "[concat(parameters('where'), '/x')]"},
            {"type": "M.I/settings", "name": "c", "scope": "[parameters('group').id]"},
            {"type": "Microsoft.Resources/deployments", "name": "d",
             "resourceGroup": "[parameters('group').name]", "properties": {
                "template": {"resources": [{"type": "M.N/v", "name": "v"}]}}}]"#,
    );
    let unknown = "<unknown: parameter `where` has no value>";
    let other = "<unknown: parameter `group` has no value>";
    let again = "<unknown: parameter `group` has no value (2)>";
    let scopes = "/providers/Microsoft.Resources/scopes";
    assert_eq!(
        ids(&found),
        [
            format!("{scopes}/{unknown}/providers/M.I/settings/a"),
            format!("{scopes}/{unknown}/x/providers/M.I/settings/b"),
            format!("{scopes}/{other}/providers/M.I/settings/c"),
            format!("/subscriptions/s1/resourceGroups/{again}/providers/M.N/v/v"),
        ]
    );
    assert!(found.iter().all(|it| it.id_has_stand_in));
}

#[test]
fn the_schema_names_the_scope() {
    let found = |schema: &str, kind: &str| {
        let text = template(
            &format!(r#""$schema": "https://schema.management.azure.com/schemas/{schema}","#),
            &format!(r#"[{{"type": "{kind}", "name": "n"}}]"#),
        );
        run(&[("main.json", &text)]).0.resources[0].id.to_string()
    };
    assert_eq!(
        found("2018-05-01/subscriptionDeploymentTemplate.json#", "M.A/p"),
        "/subscriptions/s1/providers/M.A/p/n"
    );
    assert_eq!(
        found(
            "2019-08-01/managementGroupDeploymentTemplate.json#",
            "M.A/p"
        ),
        "/providers/Microsoft.Management/managementGroups/mg1/providers/M.A/p/n"
    );
    assert_eq!(
        found("2019-08-01/tenantDeploymentTemplate.json", "M.A/p"),
        "/providers/M.A/p/n"
    );
}

#[test]
fn linked_templates_are_looked_up_beside_the_template() {
    let main = template(
        r#""variables": {"self": "[uri(deployment().properties.templateLink.uri, 'more/b.json')]"},"#,
        r#"[{"type": "Microsoft.Resources/deployments", "name": "a", "properties": {
                "templateLink": {"relativePath": "more/a.json"}, "parameters": {"n": {"value": "x"}}}},
            {"type": "Microsoft.Resources/deployments", "name": "b", "properties": {
                "templateLink": {"uri": "[variables('self')]"}}},
            {"type": "Microsoft.Resources/deployments", "name": "c", "properties": {
                "templateLink": {"uri": "https://example.com/c.json"}}}]"#,
    );
    let a = template(
        r#""parameters": {"n": {"type": "string"}},"#,
        r#"[{"type": "M.N/v", "name": "[parameters('n')]"}]"#,
    );
    let b = template("", r#"[{"type": "M.N/v", "name": "y"}]"#);
    let files = [
        ("infra/main.json", main.as_str()),
        ("infra/more/a.json", &a),
        ("infra/more/b.json", &b),
    ];
    let (expansion, diagnostics) = run(&files);
    assert_eq!(ids(&expansion.resources), ["M.N/v/x", "M.N/v/y"]);
    assert!(!expansion.is_whole);
    assert_eq!(
        messages(&diagnostics),
        [
            "infra/main.json:6:41: the linked template isn't in the input; what it deploys isn't read"
        ]
    );
}

#[test]
fn linked_parameters_are_looked_up_too() {
    let main = template(
        "",
        r#"[{"type": "Microsoft.Resources/deployments", "name": "a", "properties": {
                "templateLink": {"relativePath": "a.json"},
                "parametersLink": {"relativePath": "a-values.json"}}}]"#,
    );
    let a = template(
        r#""parameters": {"n": {"type": "string"}},"#,
        r#"[{"type": "M.N/v", "name": "[parameters('n')]"}]"#,
    );
    let values = r#"{"parameters": {"n": {"value": "linked"}}}"#;
    let files = [
        ("main.json", main.as_str()),
        ("a.json", &a),
        ("a-values.json", values),
    ];
    let (expansion, diagnostics) = run(&files);
    assert_eq!(messages(&diagnostics), Vec::<String>::new());
    assert_eq!(ids(&expansion.resources), ["M.N/v/linked"]);
    assert!(expansion.is_whole);
}

#[test]
fn a_template_that_links_itself_ends() {
    let main = template(
        "",
        r#"[{"type": "Microsoft.Resources/deployments", "name": "a", "properties": {
                "templateLink": {"relativePath": "main.json"}}}]"#,
    );
    let (expansion, diagnostics) = run(&[("main.json", &main)]);
    assert_eq!(expansion.resources.len(), 0);
    assert_eq!(
        diagnostics[0].message,
        "deployments are nested deeper than 16 levels"
    );
}

#[test]
fn a_reference_answers_what_the_template_says_and_no_more() {
    let found = resources(
        "",
        r#"[{"type": "M.N/v", "name": "a", "location": "x", "properties": {
                "prefix": "10.0.0.0/8", "auto": null, "subnets": [{"name": "s"}]}},
            {"type": "M.N/w", "name": "b", "properties": {
                "byId": "[reference(resourceId('M.N/v', 'a')).prefix]",
                "byName": "[reference('a').subnets[0].name]",
                "byPath": "[reference('M.N/v/a', '2020-01-01').prefix]",
                "full": "[reference('a', '2020-01-01', 'Full').location]",
                "runtime": "[reference('a').subnets[0].id]",
                "auto": "[reference('a').auto]",
                "has": "[contains(reference('a'), 'prefix')]",
                "hasOther": "[contains(reference('a'), 'other')]",
                "whole": "[reference('a')]"}}]"#,
    );
    let unknown = format!("<unknown: Azure sets this of `{RG}M.N/v/a` when it is deployed>");
    let wanted = serde_json::json!({
        "byId": "10.0.0.0/8", "byName": "s", "byPath": "10.0.0.0/8", "full": "x",
        "runtime": unknown, "auto": unknown, "has": true, "hasOther": unknown, "whole": unknown,
    });
    assert_eq!(json(at(&found[1].body, "properties")), wanted);
}

#[test]
fn outputs_of_a_deployment_are_followed() {
    let found = resources(
        "",
        r#"[{"type": "M.N/w", "name": "b", "properties": {
                "o": "[reference('d').outputs.prefix.value]"}},
            {"type": "Microsoft.Resources/deployments", "name": "d", "properties": {
                "expressionEvaluationOptions": {"scope": "inner"},
                "template": {
                    "resources": [{"type": "M.N/v", "name": "v", "properties": {"p": ["10.1.0.0/16"]}}],
                    "outputs": {"prefix": {"type": "string", "value": "[reference('v').p[0]]"}}
                }}}]"#,
    );
    assert_eq!(json(at(&found[0].body, "properties.o")), "10.1.0.0/16");
}

#[test]
fn symbolic_names_mean_resources() {
    let found = resources(
        r#""languageVersion": "2.0","#,
        r#"{"net": {"type": "M.N/v", "name": "n", "properties": {"p": "1"}},
            "old": {"existing": true, "type": "M.N/v", "name": "[createArray()[1]]"},
            "other": {"existing": true, "type": "M.N/v", "name": "o", "resourceGroup": "rg9"},
            "again": {"existing": true, "type": "M.N/v", "name": "n"},
            "many": {"copy": {"name": "many", "count": 2}, "type": "M.N/w", "name": "[format('w{0}', copyIndex())]",
                     "properties": {"i": "[copyIndex()]"}},
            "user": {"type": "M.N/x", "name": "x", "properties": {
                "p": "[reference('NET').p]",
                "again": "[reference('again').p]",
                "id": "[resourceInfo('other').id]",
                "second": "[reference('many[1]').i]",
                "all": "[map(references('many'), lambda('m', lambdaVariables('m').i))]",
                "old": "[reference('other').p]"}},
            "app": {"import": "graph", "type": "Graph/apps", "properties": {}}}"#,
    );
    assert_eq!(ids(&found), ["M.N/v/n", "M.N/w/w0", "M.N/w/w1", "M.N/x/x"]);
    let other = "/subscriptions/s1/resourceGroups/rg9/providers/M.N/v/o";
    let wanted = serde_json::json!({
        "p": "1", "again": "1", "id": other, "second": 1, "all": [0, 1],
        "old": format!("<unknown: `{other}` exists already, and the template doesn't say what it is like>"),
    });
    assert_eq!(json(at(&found[3].body, "properties")), wanted);
}

#[test]
fn parameters_are_given_by_files_of_both_shapes() {
    let main = template(
        r#""parameters": {
            "a": {"type": "string", "defaultValue": "0"}, "b": {"type": "string"},
            "key": {"type": "securestring"}, "none": {"type": "securestring", "defaultValue": ""},
            "vault": {"type": "string"}, "maybe": {"type": "object", "nullable": true}},"#,
        r#"[{"type": "M.N/v", "name": "v", "properties": {
            "a": "[parameters('A')]", "b": "[parameters('b')]", "key": "[parameters('key')]",
            "none": "[empty(parameters('none'))]", "vault": "[parameters('vault')]",
            "maybe": "[parameters('maybe')]"}}]"#,
    );
    let full = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1.0.0.0", "parameters": {"A": {"value": "1"}, "key": {"value": "s3cret"},
        "vault": {"reference": {"keyVault": {"id": "x"}, "secretName": "y"}}, "stray": {"value": 1}}}"#;
    let bare = r#"{"b": {"value": "[2]"}}"#;
    let files = [
        ("main.json", main.as_str()),
        ("main.parameters.json", full),
        ("more.parameters.json", bare),
    ];
    let (expansion, diagnostics) = run(&files);
    assert_eq!(
        messages(&diagnostics),
        ["main.parameters.json:3:79: the template declares no parameter `stray`"]
    );
    let wanted = serde_json::json!({
        "a": "1", "b": "[2]", "key": "<unknown: parameter `key` is a secret>", "none": true,
        "vault": "<unknown: the value is a secret in a key vault>", "maybe": null,
    });
    assert_eq!(json(at(&expansion.resources[0].body, "properties")), wanted);
    assert!(!format!("{expansion:?}").contains("s3cret"));
}

#[test]
fn null_passed_to_a_module_means_its_default() {
    let found = resources(
        "",
        r#"[{"type": "Microsoft.Resources/deployments", "name": "d", "properties": {
            "expressionEvaluationOptions": {"scope": "inner"},
            "parameters": {"sku": {"value": "[null()]"}},
            "template": {
                "parameters": {"sku": {"type": "string", "defaultValue": "Standard"}},
                "resources": [{"type": "M.N/v", "name": "[parameters('sku')]"}]}}}]"#,
    );
    assert_eq!(ids(&found), ["M.N/v/Standard"]);
}

#[test]
fn values_that_azure_would_refuse_are_told() {
    let main = template(
        r##""definitions": {"name": {"type": "string", "maxLength": 3}},
           "parameters": {
            "a": {"type": "int", "defaultValue": "x"},
            "b": {"type": "String", "defaultValue": "X", "allowedValues": ["x", "y"]},
            "c": {"type": "string", "defaultValue": "z", "allowedValues": ["x", "y"]},
            "d": {"$ref": "#/definitions/name", "defaultValue": "abcd"},
            "e": {"type": "int", "defaultValue": 0, "minValue": 1},
            "f": {"type": "array", "defaultValue": [1], "items": {"type": "string"}},
            "g": {"type": "object", "defaultValue": {}, "properties": {"x": {"type": "int"}}}},"##,
        "[]",
    );
    let (_, diagnostics) = run(&[("main.json", &main)]);
    let found: Vec<_> = diagnostics.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        found,
        [
            "parameter `a` should be of type int and is a string",
            "parameter `c` has a value that isn't among its allowedValues",
            "parameter `d` is above its maxLength",
            "parameter `e` is below its minValue",
            "parameter `f`: element 0 should be of type string and is an int",
            "parameter `g`: property `x` is missing",
        ]
    );
}
