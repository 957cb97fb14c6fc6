//! Input that nobody means well with: nothing panics, loops or grows without bounds.

use proptest::prelude::*;

use crate::shape::{all, configuration, plan};

/// Runs with the small stack that a worker thread has.
fn on_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(run).unwrap().join().unwrap();
}

#[test]
fn references_in_a_circle_end() {
    on_a_small_stack(|| {
        let reading = configuration(&[(
            "main.tf",
            r#"
locals {
  a = local.b
  b = [local.a]
}
variable "v" { default = var.v }
module "me" {
  source = "./"
  v      = module.me.out
}
output "out" { value = module.me.out }
resource "azurerm_subnet" "a" {
  name                 = azurerm_subnet.b.name
  virtual_network_name = azurerm_subnet.b.id
  for_each             = azurerm_subnet.b
}
resource "azurerm_subnet" "b" {
  name                 = local.a
  virtual_network_name = azurerm_subnet.a["x"].id
  count                = length(azurerm_subnet.a)
}
"#,
        )]);
        assert!(!all(&reading).is_empty());
    });
}

#[test]
fn a_chain_of_locals_of_any_length_ends() {
    on_a_small_stack(|| {
        let mut text = "locals {\n  l0 = \"x\"\n".to_owned();
        for at in 1..3000 {
            text += &format!("  l{at} = local.l{}\n", at - 1);
        }
        text += "}\nresource \"azurerm_ip_group\" \"g\" {\n  name = local.l2999\n}\n";
        assert_eq!(configuration(&[("main.tf", &text)]).resources.len(), 1);
    });
}

#[test]
fn doubling_lists_end() {
    on_a_small_stack(|| {
        let mut text = "locals {\n  l0 = [\"x\"]\n".to_owned();
        for at in 1..60 {
            text += &format!(
                "  l{at} = concat(local.l{0}, local.l{0})\n  m{at} = [local.l{0}, local.l{0}]\n",
                at - 1
            );
        }
        text +=
            "}\nresource \"azurerm_ip_group\" \"g\" {\n  name = \"g\"\n  cidrs = local.l59\n}\n";
        let reading = configuration(&[("main.tf", &text)]);
        assert_eq!(reading.resources.len(), 1);
    });
}

#[test]
fn modules_that_call_many_others_end() {
    on_a_small_stack(|| {
        let mut files = Vec::new();
        for at in 0..30 {
            let next = at + 1;
            files.push((
                format!("m{at}/main.tf"),
                format!("module \"a\" {{\n  source = \"../m{next}\"\n}}\nmodule \"b\" {{\n  source = \"../m{next}\"\n}}\n"),
            ));
        }
        let files: Vec<_> = files
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
            .collect();
        configuration(&files);
    });
}

#[test]
fn deep_nesting_is_a_diagnostic() {
    on_a_small_stack(|| {
        for deep in ["(", "[", "{a=", "!", "-", "\"${", "f("] {
            let text = format!("locals {{\n  a = {}\n}}\n", deep.repeat(20_000));
            let reading = configuration(&[("main.tf", &text)]);
            assert_eq!(reading.diagnostics.len(), 1, "{deep}");
        }
        let chain = "a ? b : ".repeat(20_000);
        configuration(&[("main.tf", &format!("locals {{\n  a = {chain} c\n}}\n"))]);
    });
}

#[test]
fn a_file_that_is_broken_leaves_the_others() {
    let reading = configuration(&[
        ("broken.tf", "resource \"azurerm_ip_group\" {"),
        (
            "main.tf",
            "resource \"azurerm_ip_group\" \"g\" {\n  name = \"g\"\n}\n",
        ),
    ]);
    assert_eq!((reading.resources.len(), reading.diagnostics.len()), (1, 1));
    assert!(reading.diagnostics[0].position.is_some());
}

const PIECES: [&str; 40] = [
    "resource \"azurerm_subnet\" \"a\" {\n",
    "resource \"azapi_resource\" \"b\" {\n",
    "module \"m\" {\n",
    "variable \"v\" {\n",
    "locals {\n",
    "output \"o\" {\n",
    "dynamic \"security_rule\" {\n",
    "content {\n",
    "}\n",
    "name = ",
    "for_each = ",
    "count = ",
    "source = ",
    "default = ",
    "value = ",
    "parent_id = ",
    "body = ",
    "\"x\"\n",
    "\"${var.v}-${local.l}\"\n",
    "var.v\n",
    "local.name\n",
    "azurerm_subnet.a.id\n",
    "azurerm_subnet.a[0].name\n",
    "azurerm_subnet.a[*].id\n",
    "module.m.o\n",
    "each.key\n",
    "count.index\n",
    "[for x in var.v : x]\n",
    "{ for k, v in local.l : k => v... }\n",
    "1 + 2 * -3\n",
    "true ? 1 : null\n",
    "cidrsubnet(\"10.0.0.0/8\", 8, 300)\n",
    "format(\"%03d%s\", 1)\n",
    "substr(\"abc\", -9, 9)\n",
    "element([], 0)\n",
    "slice([1], 5, 2)\n",
    "range(1e9)\n",
    "<<EOT\na\nEOT\n",
    "\"./m\"\n",
    "setproduct([1, 2], [3])\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_pieces_of_a_configuration_are_read(pieces in prop::collection::vec(prop::sample::select(PIECES.as_slice()), 0..40)) {
        let text = pieces.concat();
        configuration(&[("main.tf", &text), ("m/main.tf", &text)]);
    }

    #[test]
    fn any_change_of_a_plan_is_read(at in 0usize..10_000, length in 0usize..40, with in "[\\[\\]{}\",:a-z0-9.]{0,8}") {
        let text = include_str!("plans/network.json");
        let at = text.floor_char_boundary(at.min(text.len()));
        let end = text.floor_char_boundary((at + length).min(text.len()));
        let text = format!("{}{with}{}", &text[..at], &text[end..]);
        let (document, _) = palisade_document::parse(
            palisade_document::Text::new("plan.json", text),
            palisade_document::Notation::Json,
        );
        palisade_terraform::read_plan(&document, &[], &Default::default());
        palisade_terraform::read_state(&document, &Default::default());
    }
}

#[test]
fn a_plan_whose_references_lead_round_ends() {
    on_a_small_stack(|| {
        let changes: Vec<_> = (0..200)
            .map(|at| {
                format!(
                    r#"{{"address": "azurerm_subnet.s{at}", "mode": "managed", "type": "azurerm_subnet", "name": "s{at}", "change": {{"actions": ["create"], "after": {{}}, "after_unknown": {{"id": true, "name": true, "virtual_network_name": true}}}}}}"#
                )
            })
            .collect();
        let resources: Vec<_> = (0..200)
            .map(|at| {
                let next = (at + 1) % 200;
                format!(
                    r#"{{"address": "azurerm_subnet.s{at}", "expressions": {{"name": {{"references": ["azurerm_subnet.s{next}.name"]}}, "virtual_network_name": {{"references": ["azurerm_subnet.s{next}.id"]}}}}}}"#
                )
            })
            .collect();
        let text = format!(
            r#"{{"format_version": "1.0", "resource_changes": [{}], "configuration": {{"root_module": {{"resources": [{}]}}}}}}"#,
            changes.join(","),
            resources.join(",")
        );
        assert_eq!(plan(&text, &[]).resources.len(), 200);
    });
}
