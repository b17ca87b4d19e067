//! Requests to the API server and conversions, where no recorded case has them.

use hpa_core::api::KubernetesVersion;
use hpa_core::manifest::{
    Document, HpaVersion, Options, Refusal, Subresource, convert, create, read, read_json, update,
};

fn in_release(minor: u8) -> Options {
    Options::of_version(KubernetesVersion::from_minor(minor).expect("a modelled release"))
}

fn document(text: &str) -> Document {
    let (mut documents, problems) = read(text);
    assert_eq!(problems, []);
    documents.remove(0)
}

const BETA: &str = "apiVersion: autoscaling/v2beta1
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics:
  - type: Resource
    resource: {name: memory, targetAverageUtilization: 70}
";

#[test]
fn beta_versions_are_converted_until_they_are_unknown() {
    let converted = |minor| {
        let rules = in_release(minor).rules;
        convert(&document(BETA), HpaVersion::V2, true, rules)
            .map(|hpa| serde_json::to_value(hpa).expect("JSON")["spec"]["metrics"].take())
    };
    let metric = serde_json::json!([{
        "type": "Resource",
        "resource": {"name": "memory", "target": {"type": "Utilization", "averageUtilization": 70}},
    }]);
    assert_eq!(converted(35), Ok(metric));
    let unknown = "no kind \"HorizontalPodAutoscaler\" is registered for version \"autoscaling/v2beta1\" in scheme \"pkg/runtime/scheme.go:111\"";
    assert_eq!(converted(36), Err(unknown.to_owned()));
}

#[test]
fn an_update_counts_changes_of_the_spec_only() {
    let text = BETA.replace("v2beta1", "v2").replace(
        "targetAverageUtilization: 70",
        "target: {type: Utilization, averageUtilization: 70}",
    );
    let options = in_release(37);
    let stored = create(&document(&text), "prod", &options).result;
    let mut hpa = stored.expect("it is valid");
    let mut generation_after = |text: &str| {
        let answer = update(&hpa, &document(text), Subresource::None, &options);
        hpa = answer.result.expect("it is valid");
        hpa.hpa.metadata.generation
    };
    assert_eq!(generation_after(&text), 1);
    assert_eq!(
        generation_after(&text.replace("{name: web}\n", "{name: web, labels: {a: b}}\n")),
        1
    );
    assert_eq!(generation_after(&text.replace(": 70", ": 60")), 2);
}

#[test]
fn numbers_in_a_request_count_as_they_are_written() {
    let body = r#"{"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "spec": {"maxReplicas": 5.0}}"#;
    let answer = create(&read_json(body).expect("JSON"), "prod", &in_release(36));
    let text = "json: cannot unmarshal number 5.0 into Go struct field HorizontalPodAutoscalerSpec.spec.maxReplicas of type int32";
    assert_eq!(answer.result, Err(Refusal::Undecodable(text.to_owned())));
}
