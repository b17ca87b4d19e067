//! Generates the JSON Schema of the experiment document from its types.

use std::borrow::Cow;

use expect_test::expect_file;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use test_support::{Shipped, autoscaler, check_each, shipped_experiments};

use super::ExperimentDocument;
use crate::cluster::{FaultKind, Interpolation, MetricsApi, Queue, ServiceTime, Signal, WaveShape};
use crate::experiment::descriptor::Words;
use crate::experiment::goals::{Check, Expect};
use crate::experiment::load::{Recording, ShapeDocument};
use crate::experiment::timeline::ActionDocument;
use crate::experiment::value::Limit;

/// Schemas for types that have none of their own.
pub(in crate::experiment) mod stand_in {
    #[derive(Default)]
    pub(crate) struct Amount;
    #[derive(Default)]
    pub(crate) struct Text(#[expect(dead_code, reason = "not an empty value, as in a map")] u8);
    #[derive(Default)]
    pub(crate) struct SignedDuration;
    #[derive(Default, serde::Serialize)]
    pub(crate) struct ObjectMeta {}
    #[derive(Default, serde::Serialize)]
    pub(crate) struct MetricSpec {}
    #[derive(Default, serde::Serialize)]
    pub(crate) struct Behavior {}
    #[derive(Default, serde::Serialize)]
    pub(crate) struct ResourceRequirements {}

    // In a document, a variant that carries data is a word, and its data is in other fields.

    /// How a metric fails.
    #[derive(Default, schemars::JsonSchema)]
    #[schemars(rename = "FaultKindDocument", rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of use")]
    pub(crate) enum FaultKind {
        /// The metric has no value.
        #[default]
        Missing,
        /// The value is zero.
        Zero,
        /// The last value is repeated with its original timestamp.
        Stale,
        /// The API returns an error.
        Error,
        /// The value is multiplied by a factor.
        Factor,
    }

    /// Where requests wait.
    #[derive(Default, schemars::JsonSchema)]
    #[schemars(rename = "QueueKind", rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of use")]
    pub(crate) enum Queue {
        /// Each pod has its own queue.
        #[default]
        PerPod,
        /// One lossless queue for all pods, such as a message broker.
        WorkQueue,
    }

    impl serde::Serialize for SignedDuration {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str("0s")
        }
    }
}

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
    stand_in::Amount, "Amount", {
        "description": "A number or a quantity, such as 250m, 0.5 or 64Mi.",
        "type": ["number", "string"],
        "pattern": "^[+-]?[0-9.]+([eE][-+]?[0-9]+|[numkKMGTPE]i?)?$"
    };
    stand_in::Text, "Text", {"type": ["string", "number", "boolean"]};
    stand_in::SignedDuration, "Duration", {
        "description": "A duration, such as 15s, 5m0s or 250ms.",
        "type": "string",
        "pattern": "^[-+]?(0|([0-9.]+(h|m|s|ms|us|ns))+)$"
    };
    stand_in::ObjectMeta, "ObjectMeta", {"type": "object"};
    stand_in::MetricSpec, "MetricSpec", {"description": "As in autoscaling/v2.", "type": "object"};
    stand_in::Behavior, "Behavior", {"description": "As in autoscaling/v2.", "type": "object"};
    stand_in::ResourceRequirements, "ResourceRequirements", {"description": "As in a container.", "type": "object"};
}

impl<T> JsonSchema for Limit<T> {
    fn schema_name() -> Cow<'static, str> {
        "Limit".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"description": "A value, or none.", "type": ["number", "string"]})
    }
}

/// The schema. It refuses unknown fields, as the decoder does.
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
    schema["title"] = super::KIND.into();
    for (name, fields) in CHOICES {
        // The decoder also treats null like an absent field.
        schema["$defs"][name]["oneOf"] = fields.iter().map(|field| given(&[field])).collect();
    }
    for name in ["FeedDocument", "SeriesFeedDocument"] {
        schema["$defs"][name]["not"] = given(&["signal", "profile"]);
    }
    schema
}

/// A schema that requires exactly one of some fields.
const CHOICES: [(&str, &[&str]); 4] = [
    ("PartDocument", ShapeDocument::NAMES),
    ("SeriesDocument", Recording::NAMES),
    ("EventDocument", ActionDocument::NAMES),
    ("GoalDocument", Check::NAMES),
];

/// The schema of an object that has all these fields.
fn given(fields: &[&str]) -> serde_json::Value {
    let field = |name: &&str| {
        (
            (*name).to_owned(),
            serde_json::json!({"not": {"type": "null"}}),
        )
    };
    let properties: serde_json::Map<_, _> = fields.iter().map(field).collect();
    serde_json::json!({"required": fields, "properties": properties})
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
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    expect_file!["../../../experiments/schema.json"].assert_eq(&text);
}

fn json(node: &hpa_core::manifest::Node) -> serde_json::Value {
    use hpa_core::manifest::{Number, Value};
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

fn validator() -> jsonschema::Validator {
    jsonschema::validator_for(&schema()).expect("a schema")
}

fn own_document(text: &str) -> serde_json::Value {
    let (documents, _) = hpa_core::manifest::read(text);
    let own = documents
        .iter()
        .find(|document| document.kind == super::KIND);
    json(&own.expect("an experiment").root)
}

#[test]
fn shipped_experiments_fit_the_schema() {
    let validator = validator();
    check_each(shipped_experiments(), |Shipped { name, text }| {
        let document = own_document(&text);
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{name}");
    });
}

/// Asserts that schema and parser agree on a document that accompanies an autoscaler.
#[track_caller]
fn check(document: &str, accepted: bool) {
    let hpa = autoscaler("  maxReplicas: 9\n");
    let text = format!(
        "{hpa}---\napiVersion: {}\nkind: {}\n{document}\n",
        super::API_VERSION,
        super::KIND
    );
    let parsed = crate::experiment::Experiment::parse(&text);
    let by_schema = validator().is_valid(&own_document(&text));
    assert_eq!(
        (by_schema, parsed.experiment.is_some()),
        (accepted, accepted),
        "{document}"
    );
}

#[test]
fn schema_and_parser_agree() {
    check("duration: 5m", true);
    check("durration: 5m", false);
    check("seed: x", false);
    check("load: []", true);
    check("load: [{step: {rate: []}}]", false);
    check("load: [{constant: 5}]", true);
    check("load: [{constant: 5, name: a}]", true);
    check("load: [{}]", false);
    check("load: [{name: a}]", false);
    check("load: [{constant: 5, wave: {mean: 5}}]", false);
    check("load: [{constant: 5, wave: null}]", true);
    check("load: [{constant: null}]", false);
    check("load: [{series: {promtool: 0+1x5}}]", true);
    check("load: [{series: {}}]", false);
    check("load: [{series: {promtool: 0+1x5, csv: '0,1'}}]", false);
    check("metrics: [{name: a, profile: [{constant: 5}]}]", true);
    check(
        "metrics: [{name: a, profile: [{constant: 5, ramp: {}}]}]",
        false,
    );
    check(
        "metrics: [{name: a, profile: [{constant: 5}], signal: cpu}]",
        false,
    );
    check("timeline: [{at: 1m, scale: 5}]", true);
    check("timeline: [{at: 1m, rollingUpdate: {}}]", true);
    check("timeline: [{at: 1m}]", false);
    check("timeline: [{at: 1m, rollingUpdate: null}]", false);
    check("timeline: [{at: 1m, scale: 5, losePods: 1}]", false);
    check("timeline: [{at: 1m, setQuota: none}]", true);
    check(
        "goals: [{rescales: 5, name: a, expect: violated, hint: b}]",
        true,
    );
    check("goals: [{reaches: {replicas: 5}, until: 5m}]", true);
    check("goals: [{name: a}]", false);
    check("goals: [{rescales: 5, bypasses: 0}]", false);
    check(
        "goals: [{reaches: {replicas: 5}, returnsTo: {replicas: 1}}]",
        false,
    );
}

#[test]
fn every_word_is_in_the_schema() {
    #[track_caller]
    fn check<T: Words>(name: &str) {
        let schema = schema();
        let words = schema["$defs"][name]["oneOf"].as_array().into_iter();
        let words: Vec<&str> = words
            .flatten()
            .filter_map(|word| word["const"].as_str())
            .collect();
        assert_eq!(words, T::WORDS, "{name}");
    }
    check::<WaveShape>("FormDocument");
    check::<Interpolation>("InterpolationDocument");
    check::<ServiceTime>("ServiceTimesDocument");
    check::<Queue>("QueueKind");
    check::<Signal>("SignalDocument");
    check::<FaultKind>("FaultKindDocument");
    check::<MetricsApi>("ApiDocument");
    check::<Expect>("ExpectDocument");
}

#[test]
fn every_choice_is_in_its_list() {
    let schema = schema();
    check_each(CHOICES, |(name, fields)| {
        let properties = schema["$defs"][name]["properties"].as_object().unwrap();
        let others: Vec<&str> = properties
            .keys()
            .map(String::as_str)
            .filter(|property| !fields.contains(property))
            .collect();
        let expected: &[&str] = match name {
            "PartDocument" => &["name"],
            "SeriesDocument" => &["column", "factor", "interpolation", "interval", "repeat"],
            "EventDocument" => &["at", "name"],
            _ => &["expect", "from", "hint", "name", "until"],
        };
        assert_eq!(others, expected, "{name}");
        assert_eq!(properties.len(), fields.len() + expected.len(), "{name}");
    });
}

/// An object with every field of the schema.
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
