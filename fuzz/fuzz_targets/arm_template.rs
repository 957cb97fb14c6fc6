//! Text as a whole template, and as an expression in one: expanding ends, whatever it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use palisade_arm_template::{Options, Scope, expand};
use palisade_document::{Document, Notation, Text, parse};

const AROUND: [&str; 2] = [
    r#"{"parameters": {"p": {"type": "string"}, "i": {"type": "int"}, "a": {"type": "array", "defaultValue": [1]}},
        "variables": {"o": {"x": "[parameters('p')]"}, "v": "[variables('w')]", "w": ["#,
    r#"]}, "resources": [{"type": "M.N/v", "name": "[parameters('p')]", "copy": {"name": "l", "count": 2},
        "properties": {"w": "[variables('v')]"}},
        {"type": "M.N/w", "name": "w", "properties": {"v": "[reference(resourceId('M.N/v', parameters('p')))]"}}]}"#,
];

fuzz_target!(|text: &str| {
    let expression = format!("[{text}]").replace('\\', "\\\\").replace('"', "\\\"");
    for json in [
        text.to_owned(),
        format!("{}{text}{}", AROUND[0], AROUND[1]),
        format!("{}\"{expression}\"{}", AROUND[0], AROUND[1]),
    ] {
        let (template, _) = parse(Text::new("main.json", json), Notation::Json);
        let options = Options {
            parameters: vec![&template],
            scope: Scope {
                tenant: "t".into(),
                management_group: "m".into(),
                subscription: "s".into(),
                resource_group: "g".into(),
                location: None,
            },
        };
        let (expansion, _) = expand(&template, &options, &|_| Some(&template));
        for resource in &expansion.resources {
            Document::derive("main.json", std::slice::from_ref(&resource.body));
        }
    }
});
