//! Serialization of runs, verdicts, summaries and comparisons under stable names.
//!
//! They are the names in the JSON of `hpa-sim`: camel case, with a unit where one is needed.
//! Human-readable texts beside them (`measuredText`) may change.

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::Run;
use super::blockers::{Blocker, Blockers};
use super::comparison::{Comparison, Divergence};
use super::goals::{Goal, Outcome, Unit, Verdict};
use super::measure::seconds;
use super::summary::Summary;
use crate::cluster::{ClusterEvent, MetricPoint, SyncRecord};
use hpa_core::time::{SignedDuration, Timestamp};

fn at(time: Timestamp) -> f64 {
    seconds(SignedDuration(time.0))
}

/// A map from [`Measure::id`](super::Measure::id) to the value.
impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.entries();
        serializer.collect_map(
            entries
                .iter()
                .map(|entry| (entry.measure.id(), entry.value)),
        )
    }
}

/// The goal and its result.
impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Data<'a> {
            #[serde(flatten)]
            goal: &'a Goal,
            outcome: Outcome,
            as_expected: bool,
            measured: Option<f64>,
            unit: Unit,
            measured_text: String,
            first_violation_seconds: Option<f64>,
        }
        let data = Data {
            goal: &self.goal,
            outcome: self.outcome,
            as_expected: self.as_expected(),
            measured: self.measured,
            unit: self.goal.check.unit(),
            measured_text: self.measured_text(),
            first_violation_seconds: self.violation.map(at),
        };
        data.serialize(serializer)
    }
}

/// Summary, goals, syncs and events of the run, and when it stopped early, if it did.
impl Serialize for Run {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let trace = &self.trace;
        let setup = &trace.setup;
        let syncs = trace.syncs.iter().enumerate();
        let syncs = syncs.map(|(index, sync)| Sync::of(sync, trace.points(index)));
        let mut data = serializer.serialize_struct("Run", 9)?;
        data.serialize_field("durationSeconds", &seconds(setup.duration))?;
        data.serialize_field("seed", &setup.seed)?;
        let version = setup.controller.version.to_string();
        data.serialize_field("kubernetesVersion", &version)?;
        data.serialize_field("modelVersion", &super::MODEL_VERSION)?;
        data.serialize_field("stoppedSeconds", &trace.stopped.map(at))?;
        data.serialize_field("summary", &self.summary)?;
        data.serialize_field("goals", &self.verdicts)?;
        data.serialize_field("syncs", &syncs.collect::<Vec<_>>())?;
        let events = trace.events.iter().map(Event::of);
        data.serialize_field("events", &events.collect::<Vec<_>>())?;
        data.end()
    }
}

/// One sync in brief.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Sync {
    seconds: f64,
    spec_replicas: i32,
    status_replicas: i32,
    ready_pods: u32,
    proposal: i32,
    stabilized: i32,
    desired: i32,
    metrics: Vec<Metric>,
}

impl Sync {
    fn of(sync: &SyncRecord, points: &[MetricPoint]) -> Self {
        Self {
            seconds: at(sync.time),
            spec_replicas: sync.current,
            status_replicas: sync.status_replicas,
            ready_pods: sync.ready,
            proposal: sync.proposal,
            stabilized: sync.stabilized,
            desired: sync.desired,
            metrics: points.iter().map(Metric::of).collect(),
        }
    }
}

/// One metric at one sync. NaN, the value of a failed metric, becomes null in JSON.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    value: f64,
    target: f64,
    ratio: f64,
    measured_ratio: f64,
    unready_filled: u32,
    missing_filled: u32,
    proposal: Option<i32>,
}

impl Metric {
    fn of(point: &MetricPoint) -> Self {
        Self {
            value: point.value,
            target: point.target,
            ratio: point.ratio,
            measured_ratio: point.measured_ratio,
            unready_filled: point.unready_filled,
            missing_filled: point.missing_filled,
            proposal: (point.proposal >= 0).then_some(point.proposal),
        }
    }
}

/// One Kubernetes event with its count.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    first_seconds: f64,
    last_seconds: f64,
    count: u32,
    about: &'a str,
    r#type: String,
    reason: String,
    message: String,
}

impl<'a> Event<'a> {
    fn of(event: &'a ClusterEvent) -> Self {
        Self {
            first_seconds: at(event.first),
            last_seconds: at(event.last),
            count: event.count,
            about: event.about.as_str(),
            r#type: event.event.kind.to_string(),
            reason: event.event.reason.to_string(),
            message: event.event.message.to_string(),
        }
    }
}

/// Where the runs diverge, and each measure of both under its [`Measure::id`](super::Measure::id).
impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Numbers<'a>(&'a Comparison);
        impl Serialize for Numbers<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let entries = self.0.entries.iter();
                serializer.collect_map(
                    entries
                        .map(|(first, second)| (first.measure.id(), [first.value, second.value])),
                )
            }
        }
        let mut data = serializer.serialize_struct("Comparison", 2)?;
        data.serialize_field("divergence", &self.divergence)?;
        data.serialize_field("summary", &Numbers(self))?;
        data.end()
    }
}

impl Serialize for Divergence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("Divergence", 7)?;
        data.serialize_field("sync", &self.sync)?;
        data.serialize_field("milliseconds", &self.time.0)?;
        data.serialize_field("desired", &self.desired)?;
        data.serialize_field("step", self.step.id())?;
        data.serialize_field("metric", &self.step.metric())?;
        data.serialize_field("stepText", &self.step.to_string())?;
        data.serialize_field("text", &self.text)?;
        data.end()
    }
}

/// The blocker of each direction.
impl Serialize for Blockers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("Blockers", 2)?;
        data.serialize_field("up", &self.up)?;
        data.serialize_field("down", &self.down)?;
        data.end()
    }
}

impl Serialize for Blocker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut data = serializer.serialize_struct("Blocker", 3)?;
        data.serialize_field("cause", self.cause.as_str())?;
        data.serialize_field("text", &self.text)?;
        data.serialize_field("earliestSeconds", &self.earliest.map(at))?;
        data.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::experiment::{Experiment, presets};

    fn walkthrough() -> Experiment {
        let parsed = Experiment::parse(presets::PHP_APACHE);
        parsed.experiment.expect("it is accepted")
    }

    /// The names of all fields, those of lists taken from their first element.
    fn names(value: &Value, prefix: &str, out: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = format!("{prefix}{name}");
                    names(value, &format!("{path}."), out);
                    out.push(path);
                }
            }
            Value::Array(items) => items
                .iter()
                .take(1)
                .for_each(|item| names(item, prefix, out)),
            _ => {}
        }
    }

    /// Consumers of the data rely on these names: none may be removed or renamed.
    #[test]
    fn a_run_has_stable_names() {
        let mut experiment = walkthrough();
        experiment.price_per_pod_hour = Some(0.04);
        let data = serde_json::to_value(experiment.run()).expect("plain data");
        let mut found = Vec::new();
        names(&data, "", &mut found);
        found.sort_unstable();
        let expected = "durationSeconds events events.about events.count events.firstSeconds \
            events.lastSeconds events.message events.reason events.type goals goals.asExpected \
            goals.expect goals.firstViolationSeconds goals.fromSeconds goals.hint goals.measured \
            goals.measuredText goals.name goals.outcome goals.reaches goals.reaches.after \
            goals.reaches.replicas goals.reaches.within goals.unit goals.untilSeconds \
            kubernetesVersion modelVersion seed stoppedSeconds summary summary.cost summary.directionChanges \
            summary.fewestReplicas summary.latencyMedian summary.latencyP95 summary.latencyP99 \
            summary.limitedByMaxReplicas summary.limitedByMinReplicas \
            summary.limitedByMissingMetrics summary.limitedByPolicy summary.limitedByQuota \
            summary.limitedByTolerance summary.limitedByWindow summary.longestP95 \
            summary.longestScaleDown summary.longestScaleUp summary.lostRequests \
            summary.meanReplicas summary.mostReplicas summary.overProvisionedPodHours \
            summary.podHours summary.requests summary.rescalesDown summary.rescalesUp \
            summary.unmetDemand syncs syncs.desired syncs.metrics syncs.metrics.measuredRatio \
            syncs.metrics.missingFilled syncs.metrics.proposal syncs.metrics.ratio \
            syncs.metrics.target syncs.metrics.unreadyFilled syncs.metrics.value syncs.proposal \
            syncs.readyPods syncs.seconds syncs.specReplicas syncs.stabilized syncs.statusReplicas";
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_verdict_has_the_goal_and_its_result() {
        let run = walkthrough().run();
        let data = serde_json::to_value(&run.verdicts[0]).expect("plain data");
        assert_eq!(data["reaches"]["replicas"], 4);
        assert_eq!(data["unit"], "seconds");
        assert_eq!(data["outcome"], "met");
        assert_eq!(data["expect"], "pass");
        assert_eq!(data["measured"].as_f64(), run.verdicts[0].measured);
    }

    #[test]
    fn blockers_name_their_cause() {
        let run = walkthrough().run();
        let at = hpa_core::time::Timestamp(720_000);
        let data = serde_json::to_value(run.blockers(at)).expect("plain data");
        assert_eq!(data["up"]["cause"], "demand");
        assert_eq!(data["down"]["cause"], "window");
        assert_eq!(data["down"]["earliestSeconds"], 990.0);
    }

    #[test]
    fn a_comparison_names_the_step_and_the_metric() {
        let first = walkthrough().run();
        let changed =
            presets::PHP_APACHE.replace("averageUtilization: 50", "averageUtilization: 200");
        let second = Experiment::parse(&changed)
            .experiment
            .expect("accepted")
            .run();
        let data = serde_json::to_value(first.compare(&second)).expect("plain data");
        let divergence = &data["divergence"];
        assert_eq!(
            [
                &divergence["step"],
                &divergence["metric"],
                &divergence["desired"]
            ],
            [&json!("proposal"), &json!(0), &json!([4, 2])]
        );
        assert_eq!(data["summary"]["mostReplicas"], json!([7.0, 2.0]));
        let same = serde_json::to_value(first.compare(&first)).expect("plain data");
        assert_eq!(same["divergence"], Value::Null);
    }
}
