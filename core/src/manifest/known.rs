//! What is known of the API outside the modeled fields: valid names that nothing here reads,
//! names that belong elsewhere, and the Go types that decode errors mention.

use std::borrow::Cow;

use super::node::{Number, Value};

/// Fields of the Go type `name` that the API knows and the model does not read.
pub(super) fn other_fields(name: &str) -> &'static [&'static str] {
    match name {
        "v2.HorizontalPodAutoscaler" | "v1.HorizontalPodAutoscaler" | "v1.Deployment" => {
            &["apiVersion", "kind", "status"]
        }
        "v1.ObjectMeta" => &[
            "uid",
            "resourceVersion",
            "selfLink",
            "creationTimestamp",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "ownerReferences",
            "finalizers",
            "clusterName",
        ],
        // One Rust type reads the specs of Deployments, StatefulSets and ReplicaSets.
        "v1.DeploymentSpec" => &[
            "minReadySeconds",
            "revisionHistoryLimit",
            "paused",
            "progressDeadlineSeconds",
            "serviceName",
            "volumeClaimTemplates",
            "podManagementPolicy",
            "updateStrategy",
            "persistentVolumeClaimRetentionPolicy",
            "ordinals",
        ],
        "v1.PodSpec" => &[
            "volumes",
            "ephemeralContainers",
            "restartPolicy",
            "activeDeadlineSeconds",
            "dnsPolicy",
            "nodeSelector",
            "serviceAccountName",
            "serviceAccount",
            "automountServiceAccountToken",
            "nodeName",
            "hostNetwork",
            "hostPID",
            "hostIPC",
            "shareProcessNamespace",
            "securityContext",
            "imagePullSecrets",
            "hostname",
            "subdomain",
            "affinity",
            "schedulerName",
            "tolerations",
            "hostAliases",
            "priorityClassName",
            "priority",
            "dnsConfig",
            "readinessGates",
            "runtimeClassName",
            "enableServiceLinks",
            "preemptionPolicy",
            "topologySpreadConstraints",
            "setHostnameAsFQDN",
            "os",
            "hostUsers",
            "schedulingGates",
            "resourceClaims",
            "hostnameOverride",
            "workloadRef",
        ],
        "v1.Container" => &[
            "image",
            "command",
            "args",
            "workingDir",
            "ports",
            "envFrom",
            "env",
            "resizePolicy",
            "restartPolicyRules",
            "volumeMounts",
            "volumeDevices",
            "livenessProbe",
            "lifecycle",
            "terminationMessagePath",
            "terminationMessagePolicy",
            "imagePullPolicy",
            "securityContext",
            "stdin",
            "stdinOnce",
            "tty",
        ],
        "v1.ResourceRequirements" => &["claims"],
        "v1.Probe" => &[
            "exec",
            "httpGet",
            "tcpSocket",
            "grpc",
            "timeoutSeconds",
            "terminationGracePeriodSeconds",
        ],
        _ => &[],
    }
}

/// A hint for a field that exists, but not here.
pub(super) fn misplaced(name: &str, key: &str) -> Option<&'static str> {
    Some(match (name, key) {
        ("v2.HorizontalPodAutoscalerSpec", "targetCPUUtilizationPercentage") => {
            "this is autoscaling/v1's field; in autoscaling/v2 write a metric: type Resource, resource.name cpu, resource.target with type Utilization and averageUtilization"
        }
        ("v1.HorizontalPodAutoscalerSpec", "metrics" | "behavior") => {
            "autoscaling/v1 does not have this field: set apiVersion to autoscaling/v2"
        }
        (
            "v2.ResourceMetricSource" | "v2.ContainerResourceMetricSource",
            "averageUtilization" | "averageValue" | "type",
        )
        | ("v2.PodsMetricSource", "averageValue" | "type")
        | (
            "v2.ObjectMetricSource" | "v2.ExternalMetricSource",
            "value" | "averageValue" | "type",
        ) => "this belongs one level deeper, under `target`",
        (
            "v2.ResourceMetricSource" | "v2.ContainerResourceMetricSource",
            "targetAverageUtilization",
        ) => {
            "this is autoscaling/v2beta1's field; in v2 write target: {type: Utilization, averageUtilization: ...}"
        }
        (_, "targetAverageValue") if name.starts_with("v2.") => {
            "this is autoscaling/v2beta1's field; in v2 write target: {type: AverageValue, averageValue: ...}"
        }
        (
            "v2.PodsMetricSource" | "v2.ObjectMetricSource" | "v2.ExternalMetricSource",
            "metricName" | "name" | "selector",
        ) => "in autoscaling/v2 the metric is named under `metric`: {name: ..., selector: ...}",
        ("v2.MetricSpec", "target") => "this belongs under the metric source, such as `resource`",
        ("v2.MetricSpec", "name") => {
            "this belongs under the metric source, such as `resource`, or under its `metric`"
        }
        (
            "v2.HorizontalPodAutoscalerBehavior",
            "policies" | "stabilizationWindowSeconds" | "selectPolicy" | "tolerance",
        ) => "this belongs under `scaleUp` or `scaleDown`",
        ("v2.HorizontalPodAutoscalerSpec", "scaleUp" | "scaleDown") => {
            "this belongs under `behavior`"
        }
        ("v1.DeploymentSpec", "containers" | "initContainers") => {
            "this belongs under `template.spec`"
        }
        ("v1.Container", "requests" | "limits") => "this belongs under `resources`",
        _ => return None,
    })
}

/// The candidate that `word` was probably meant to be.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    // Names are short; a word of a very different length is not a misspelling.
    if word.len() > 64 {
        return None;
    }
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= allowed)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many insertions, deletions, replacements and swaps of neighbors apart two words are,
/// case ignored.
fn distance(a: &str, b: &str) -> usize {
    // ASCII is all that the names consist of.
    let a: Vec<u8> = a.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let b: Vec<u8> = b.bytes().map(|byte| byte.to_ascii_lowercase()).collect();
    let mut last: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 0..a.len() {
        let mut next = vec![i + 1];
        for j in 0..b.len() {
            let mut cost = (row[j] + usize::from(a[i] != b[j]))
                .min(row[j + 1] + 1)
                .min(next[j] + 1);
            if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
                cost = cost.min(last[j - 1] + 1);
            }
            next.push(cost);
        }
        last = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

/// The Go type of the list or map in `field`.
pub(super) fn go_collection<'a>(field: &str, otherwise: &'a str) -> &'a str {
    match field {
        "metrics" => "[]v2.MetricSpec",
        "currentMetrics" => "[]v2.MetricStatus",
        "policies" => "[]v2.HPAScalingPolicy",
        "conditions" => "[]v2.HorizontalPodAutoscalerCondition",
        "containers" | "initContainers" => "[]v1.Container",
        "matchExpressions" => "[]v1.LabelSelectorRequirement",
        "ownerReferences" => "[]v1.OwnerReference",
        "values" | "finalizers" => "[]string",
        "labels" | "annotations" | "matchLabels" => "map[string]string",
        "requests" | "limits" | "overhead" => "v1.ResourceList",
        _ => otherwise,
    }
}

/// The Go type of the text in `field` of the type `container`.
pub(super) fn go_string(container: &str, field: &str) -> &'static str {
    match (container, field) {
        ("HPAScalingRules", "selectPolicy") => "v2.ScalingPolicySelect",
        ("HPAScalingPolicy", "type") => "v2.HPAScalingPolicyType",
        ("MetricSpec" | "MetricStatus", "type") => "v2.MetricSourceType",
        ("MetricTarget", "type") => "v2.MetricTargetType",
        (
            "ResourceMetricSource"
            | "ResourceMetricStatus"
            | "ContainerResourceMetricSource"
            | "ContainerResourceMetricStatus",
            "name",
        ) => "v1.ResourceName",
        ("HorizontalPodAutoscalerCondition", "type") => "v2.HorizontalPodAutoscalerConditionType",
        ("HorizontalPodAutoscalerCondition", "status") => "v1.ConditionStatus",
        ("LabelSelectorRequirement", "operator") => "v1.LabelSelectorOperator",
        ("ObjectMeta" | "OwnerReference", "uid") => "types.UID",
        ("DeploymentStrategy", "type") => "v1.DeploymentStrategyType",
        _ => "string",
    }
}

/// What Go calls a value of JSON.
pub(super) const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

/// The Go type's name in another version of its API group.
pub(super) fn of_version<'a>(wanted: &'a str, version: &str) -> Cow<'a, str> {
    for known in ["v2.", "v2beta1."] {
        if let Some((before, name)) = wanted.split_once(known)
            && matches!(before, "" | "[]")
        {
            return Cow::Owned(format!("{before}{version}.{name}"));
        }
    }
    Cow::Borrowed(wanted)
}

/// The Go type `wanted` in plain words.
pub(super) fn plain(wanted: &str) -> &'static str {
    match wanted {
        "string" => "a text",
        "bool" => "true or false",
        "float64" => "a number",
        "[]" => "a list",
        "uint8" | "uint16" | "uint32" | "uint64" => "a whole number of at least 0",
        _ if wanted.starts_with("int") => "a whole number",
        _ => "a map",
    }
}

/// How to fix a value.
#[derive(Debug)]
pub(super) struct Hint {
    /// In words.
    pub(super) text: String,
    /// The value as it should be written, where that is certain.
    pub(super) replacement: Option<String>,
}

impl Hint {
    pub(super) fn of(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            replacement: None,
        }
    }
}

/// How to write the value as the type that is wanted.
pub(super) fn type_hint(wanted: &str, found: &Value) -> Option<Hint> {
    let (text, replacement) = match found {
        Value::String(text) if wanted.starts_with("int") => match text.parse::<i32>() {
            Ok(number) => (
                "write the number without quotes".to_owned(),
                Some(number.to_string()),
            ),
            Err(_) => (format!("write {}", plain(wanted)), None),
        },
        Value::Number(Number::Int(number)) if wanted == "string" => {
            ("put it in quotes".to_owned(), Some(format!("\"{number}\"")))
        }
        Value::Bool(_) | Value::Number(_) if wanted == "string" => {
            ("put it in quotes".to_owned(), None)
        }
        Value::Number(_) if wanted == "int32" => (
            "write a whole number between -2147483648 and 2147483647".to_owned(),
            None,
        ),
        Value::Map(_) if wanted == "[]" => ("begin each element with `- `".to_owned(), None),
        Value::List(_) if wanted != "[]" => (
            format!("write {} without `- ` before it", plain(wanted)),
            None,
        ),
        _ => return None,
    };
    Some(Hint { text, replacement })
}
