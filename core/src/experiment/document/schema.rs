//! The JSON Schema of the experiment document, from the types; it is in `core/experiments/`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::ExperimentDocument;
use super::value::{Amount, Limit, Text};
use crate::api::{Behavior, MetricSpec, ObjectMeta, ResourceRequirements};
use crate::time::Duration;

macro_rules! schemas {
    ($($type:ty, $name:literal, $schema:tt;)*) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

schemas! {
    Amount, "Amount", {
        "description": "A number or a quantity, such as 250m, 0.5 or 64Mi.",
        "type": ["number", "string"],
        "pattern": "^[+-]?[0-9.]+([eE][-+]?[0-9]+|[numkKMGTPE]i?)?$"
    };
    Text, "Text", {"type": ["string", "number", "boolean"]};
    Duration, "Duration", {
        "description": "A duration, such as 15s, 5m0s or 250ms.",
        "type": "string",
        "pattern": "^[-+]?(0|([0-9.]+(h|m|s|ms|us|ns))+)$"
    };
    ObjectMeta, "ObjectMeta", {"type": "object"};
    MetricSpec, "MetricSpec", {"description": "As in autoscaling/v2.", "type": "object"};
    Behavior, "Behavior", {"description": "As in autoscaling/v2.", "type": "object"};
    ResourceRequirements, "ResourceRequirements", {"description": "As in a container.", "type": "object"};
}

impl<T> JsonSchema for Limit<T> {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "A value, or none.", "type": ["number", "string"]})
    }
}

/// The schema, closed: fields that are not named are refused, as by the decoder.
fn schema() -> serde_json::Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(ExperimentDocument)).unwrap();
    close(&mut schema);
    let properties = schema["properties"].as_object_mut().unwrap();
    properties.insert(
        "apiVersion".into(),
        serde_json::json!({"const": super::API_VERSION}),
    );
    properties.insert("kind".into(), serde_json::json!({"const": super::KIND}));
    schema["required"] = serde_json::json!(["apiVersion", "kind"]);
    schema
}

fn close(value: &mut serde_json::Value) {
    if let Some(object) = value.as_object_mut() {
        if object.contains_key("properties") {
            object.insert("additionalProperties".into(), false.into());
        }
        object.values_mut().for_each(close);
    }
}

#[test]
fn published_schema_is_that_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/schema.json");
    let wanted = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "run the test with UPDATE=1 and commit {path}"
    );
}

fn json(node: &crate::manifest::Node) -> serde_json::Value {
    use crate::manifest::{Number, Value};
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(Number::Int(value)) => (*value).into(),
        Value::Number(Number::UInt(value)) => (*value).into(),
        Value::Number(Number::Float(value)) => (*value).into(),
        Value::String(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), json(&entry.value)))
            .collect(),
    }
}

/// Whether a value fits, as far as this schema's own keywords go.
fn fits(value: &serde_json::Value, schema: &serde_json::Value, root: &serde_json::Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return fits(value, &root["$defs"][name], root);
    }
    for keyword in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[keyword].as_array() {
            return choices.iter().any(|choice| fits(value, choice, root));
        }
    }
    if let Some(wanted) = schema.get("const") {
        return value == wanted;
    }
    if let Some(allowed) = schema["enum"].as_array() {
        return allowed.contains(value);
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    let type_fits = match &schema["type"] {
        serde_json::Value::String(name) => is(name),
        serde_json::Value::Array(names) => names.iter().filter_map(|name| name.as_str()).any(is),
        _ => true,
    };
    let items_fit = value.as_array().is_none_or(|items| {
        let schema = &schema["items"];
        schema.is_null() || items.iter().all(|item| fits(item, schema, root))
    });
    let fields_fit = value.as_object().is_none_or(|fields| {
        fields
            .iter()
            .all(|(name, field)| match schema["properties"].get(name) {
                Some(schema) => fits(field, schema, root),
                None => match &schema["additionalProperties"] {
                    serde_json::Value::Bool(allowed) => *allowed,
                    serde_json::Value::Null => true,
                    schema => fits(field, schema, root),
                },
            })
    });
    type_fits && items_fit && fields_fit
}

#[test]
fn shipped_experiments_fit_the_schema() {
    let schema = schema();
    for preset in crate::experiment::presets::ALL {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/");
        let text = std::fs::read_to_string(format!("{folder}{}.yaml", preset.file)).unwrap();
        let (documents, _) = crate::manifest::read(&text);
        let own = documents
            .iter()
            .find(|document| document.kind == super::KIND)
            .unwrap();
        assert!(fits(&json(&own.root), &schema, &schema), "{}", preset.file);
    }
    for wrong in [
        serde_json::json!({"kind": "Experiment", "durration": "5m"}),
        serde_json::json!({"load": [{"step": {"rate": []}}]}),
        serde_json::json!({"seed": "x"}),
    ] {
        assert!(!fits(&wrong, &schema, &schema), "{wrong}");
    }
}

/// An object that has every field that the schema names.
fn full(schema: &serde_json::Value, root: &serde_json::Value) -> serde_json::Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return full(&root["$defs"][name], root);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        return full(&choices[0], root);
    }
    if let Some(fields) = schema["properties"].as_object() {
        let fields = fields.iter();
        return fields
            .map(|(name, schema)| (name.clone(), full(schema, root)))
            .collect();
    }
    let items = &schema["items"];
    if items.is_object() {
        return serde_json::json!([full(items, root)]);
    }
    serde_json::Value::from(0)
}

#[test]
fn every_field_of_the_schema_is_read() {
    let schema = schema();
    let mut object = full(&schema, &schema);
    object["apiVersion"] = super::API_VERSION.into();
    object["kind"] = super::KIND.into();
    let parsed = crate::experiment::Experiment::parse(&object.to_string());
    let unknown: Vec<&str> = parsed
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code == "unknown-field")
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(unknown, [""; 0]);
}
