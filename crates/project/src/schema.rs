//! The JSON Schema of `palisade.toml`, for editors. It is written from the tables of keys and from
//! the controls, which alone know their parameters. Which controls there are it leaves to the
//! reader.

use palisade_controls::{Control, Domain, Parameter, Severity};
use serde_json::{Map, Value, json};

use crate::configuration::SHOWN;
use crate::every_control;
use crate::keys::{APPLIANCE, CONTROL, Key, MATCHER, PATHS, RESOURCES, TOP, Takes, WAIVER};

/// The schema as JSON text.
pub fn schema() -> String {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "palisade.toml",
        "description": "The configuration of Palisade.",
        "type": "object",
        "properties": properties(&TOP),
        "additionalProperties": false,
        "$defs": {
            "controls": {
                "type": "array",
                "items": { "type": "string", "minLength": 1 },
                "description": "Codes (FW001), names, the start of codes (FW), numbers of recommendations in quotes, severities.",
            },
            "severity": { "enum": Severity::ALL.map(Severity::as_str) },
            "globs": { "type": "array", "items": { "type": "string" } },
            "matcher": {
                "type": "object",
                "properties": properties(&MATCHER),
                "additionalProperties": false,
                "minProperties": 1,
            },
            "control": object(properties(&CONTROL)),
            "waiver": waiver(),
            "day": {
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
                "description": "A date, in quotes or not.",
            },
        },
    });
    // A tree of strings and numbers can't fail to be written.
    serde_json::to_string_pretty(&schema)
        .map(|text| text + "\n")
        .unwrap_or_default()
}

fn properties(keys: &[Key]) -> Map<String, Value> {
    keys.iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect()
}

fn property(key: &Key) -> Value {
    let mut property = match key.takes {
        Takes::Controls => json!({ "$ref": "#/$defs/controls" }),
        Takes::Severity => json!({ "$ref": "#/$defs/severity" }),
        Takes::FailOn => {
            let words = Severity::ALL.iter().map(|severity| severity.as_str());
            json!({ "enum": words.chain(["never"]).collect::<Vec<_>>() })
        }
        Takes::Shown => json!({ "type": "array", "items": { "enum": SHOWN } }),
        Takes::Switch => json!({ "type": "boolean" }),
        Takes::Globs => json!({ "$ref": "#/$defs/globs" }),
        Takes::Matchers => json!({ "type": "array", "items": { "$ref": "#/$defs/matcher" } }),
        Takes::Packets => {
            json!({ "type": "array", "items": { "type": "string", "pattern": "->" } })
        }
        Takes::Text => json!({ "type": "string" }),
        Takes::Day => json!({ "$ref": "#/$defs/day" }),
        Takes::Table => table(key.name),
    };
    property["description"] = key.meaning.into();
    property
}

fn table(name: &str) -> Value {
    match name {
        "paths" => object(properties(&PATHS)),
        "resources" => object(properties(&RESOURCES)),
        "appliance" => {
            let mut appliance = object(properties(&APPLIANCE));
            appliance["required"] = json!(["address"]);
            json!({ "type": "array", "items": appliance })
        }
        "control" => json!({
            "type": "object",
            "properties": controls_with_parameters(),
            "additionalProperties": { "$ref": "#/$defs/control" },
            "propertyNames": { "pattern": "^([A-Za-z]{2,3}[0-9]{3}|[a-z0-9]+(-[a-z0-9]+)+)$" },
        }),
        _ => json!({ "type": "array", "items": { "$ref": "#/$defs/waiver" } }),
    }
}

fn object(properties: Map<String, Value>) -> Value {
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn waiver() -> Value {
    let mut keys = properties(&WAIVER);
    keys.extend(properties(&MATCHER));
    let mut waiver = object(keys);
    waiver["required"] = json!(["controls"]);
    let one_of_these: Vec<_> = MATCHER
        .iter()
        .map(|key| json!({ "required": [key.name] }))
        .collect();
    waiver["anyOf"] = one_of_these.into();
    waiver
}

/// A control is named by its code or its name. Those without parameters all take the same.
fn controls_with_parameters() -> Map<String, Value> {
    let named =
        |control: &'static Control| [control.code, control.name].map(|name| (name, control));
    every_control()
        .filter(|control| !control.parameters.is_empty())
        .flat_map(named)
        .map(|(name, control)| (name.to_owned(), about(control)))
        .collect()
}

fn about(control: &Control) -> Value {
    let mut keys = properties(&CONTROL);
    let parameters = control.parameters.iter();
    keys.extend(parameters.map(|parameter| (parameter.name.to_owned(), setting(parameter))));
    object(keys)
}

fn setting(parameter: &Parameter) -> Value {
    let mut setting = match parameter.domain {
        Domain::Number {
            default,
            least,
            most,
        } => json!({ "type": "integer", "minimum": least, "maximum": most, "default": default }),
        Domain::Choice { default, choices } => json!({ "enum": choices, "default": default }),
        Domain::Ports { default } => json!({
            "type": "array",
            "items": { "type": "integer", "minimum": 1, "maximum": 65535 },
            "default": default,
        }),
        Domain::AddressRanges { default } | Domain::Names { default } => {
            json!({ "type": "array", "items": { "type": "string" }, "default": default })
        }
    };
    setting["description"] = parameter.meaning.into();
    setting
}
