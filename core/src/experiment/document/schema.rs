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
