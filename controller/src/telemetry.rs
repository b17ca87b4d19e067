//! What the controller counts and measures, in Prometheus' text form, under upstream's names.
//!
//! Upstream: `pkg/controller/podautoscaler/metrics/metrics.go`, `monitor/monitor.go`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The prefix of upstream's own metrics.
const UPSTREAM: &str = "horizontal_pod_autoscaler_controller";
/// Number of buckets: 0.001 s, doubled 14 times.
const BUCKETS: usize = 15;

/// All metrics of one controller.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    families: Mutex<BTreeMap<&'static str, Family>>,
}

/// One metric with its series by label text.
#[derive(Debug)]
struct Family {
    help: &'static str,
    kind: Kind,
    series: BTreeMap<String, Series>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

#[derive(Clone, Debug)]
enum Series {
    Value(f64),
    Histogram(Box<Histogram>),
}

#[derive(Clone, Debug, Default)]
struct Histogram {
    buckets: [u64; BUCKETS],
    count: u64,
    sum: f64,
}

/// What a sync did to the replica count, as upstream labels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    ScaleUp,
    ScaleDown,
    None,
}

/// What kind of error a sync ended with, as upstream labels it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The specification cannot be met as it is.
    Spec,
    /// Something did not answer, or not well.
    Internal,
    None,
}

impl Action {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::ScaleUp => "scale_up",
            Self::ScaleDown => "scale_down",
            Self::None => "none",
        }
    }
}

impl ErrorKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Spec => "spec",
            Self::Internal => "internal",
            Self::None => "none",
        }
    }
}

impl Telemetry {
    /// One sync.
    pub(crate) fn reconciled(&self, action: Action, error: ErrorKind, took: Duration) {
        let labels = labels(&[("action", action.as_str()), ("error", error.as_str())]);
        self.add(
            "horizontal_pod_autoscaler_controller_reconciliations_total",
            "Number of reconciliations of HPA controller.",
            &labels,
        );
        self.observe(
            "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds",
            "The time(seconds) that the HPA controller takes to reconcile once.",
            labels,
            took,
        );
    }

    /// One metric of one sync.
    pub(crate) fn computed(
        &self,
        action: Action,
        error: ErrorKind,
        metric_type: &str,
        took: Duration,
    ) {
        let labels = labels(&[
            ("action", action.as_str()),
            ("error", error.as_str()),
            ("metric_type", metric_type),
        ]);
        self.add(
            "horizontal_pod_autoscaler_controller_metric_computation_total",
            "Number of metric computations.",
            &labels,
        );
        self.observe(
            "horizontal_pod_autoscaler_controller_metric_computation_duration_seconds",
            "The time(seconds) that the HPA controller takes to calculate one metric.",
            labels,
            took,
        );
    }

    /// How many autoscalers there are.
    pub(crate) fn autoscalers(&self, count: usize) {
        self.set(
            "horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers",
            "Current number of controlled HPA objects.",
            String::new(),
            to_f64(count),
        );
    }

    /// What one autoscaler wants.
    pub(crate) fn desired(&self, namespace: &str, name: &str, replicas: i32) {
        self.set(
            "horizontal_pod_autoscaler_controller_desired_replicas",
            "Current desired replica count for HPA objects.",
            labels(&[("namespace", namespace), ("hpa_name", name)]),
            replicas.into(),
        );
    }

    /// By how much this controller wants more than the one that writes the status.
    pub(crate) fn disagreement(&self, namespace: &str, name: &str, difference: i32, reason: &str) {
        let own = labels(&[("namespace", namespace), ("hpa_name", name)]);
        let mut families = self.lock();
        let family = family(
            &mut families,
            "hpa_controller_disagreement_replicas",
            "Desired replicas of this controller minus status.desiredReplicas.",
            Kind::Gauge,
        );
        // The reason is a label: the series under the last one goes.
        remove(&mut family.series, &own);
        let labels = format!("{own},{}", labels(&[("reason", reason)]));
        family
            .series
            .insert(labels, Series::Value(difference.into()));
    }

    /// By how much a changed manifest wants more than the cluster's.
    pub(crate) fn what_if(&self, namespace: &str, name: &str, difference: i32) {
        self.set(
            "hpa_controller_what_if_replicas",
            "Desired replicas with the changed manifest minus those with the cluster's.",
            labels(&[("namespace", namespace), ("hpa_name", name)]),
            difference.into(),
        );
    }

    /// Forgets an autoscaler that is gone.
    pub(crate) fn forget(&self, namespace: &str, name: &str) {
        let own = labels(&[("namespace", namespace), ("hpa_name", name)]);
        for family in self.lock().values_mut() {
            family.series.remove(&own);
            remove(&mut family.series, &own);
        }
    }

    /// One answer of the API, or none (`code` is then `<error>`, as in client-go's metrics).
    pub(crate) fn requested(&self, verb: &str, resource: &str, code: &str, took: Duration) {
        let counted = labels(&[("verb", verb), ("resource", resource), ("code", code)]);
        self.add(
            "hpa_controller_api_requests_total",
            "Requests to the API by verb, resource and status code.",
            &counted,
        );
        self.observe(
            "hpa_controller_api_request_duration_seconds",
            "Time from a request to the API to the end of its answer.",
            labels(&[("verb", verb), ("resource", resource)]),
            took,
        );
    }

    /// A watch that had to begin again, or a list that had to be repeated.
    pub(crate) fn watch_restarted(&self, resource: &str, reason: &str) {
        self.add(
            "hpa_controller_watch_restarts_total",
            "Watches that were opened again, by reason.",
            &labels(&[("resource", resource), ("reason", reason)]),
        );
    }

    /// An event that was not written.
    pub(crate) fn event_dropped(&self, reason: &str) {
        self.add(
            "hpa_controller_events_dropped_total",
            "Events that were not written, by reason.",
            &labels(&[("reason", reason)]),
        );
    }

    /// Whether this process may write.
    pub(crate) fn leading(&self, leads: bool) {
        self.set(
            "leader_election_master_status",
            "Whether this process holds the Lease.",
            labels(&[("name", "hpa-controller")]),
            if leads { 1.0 } else { 0.0 },
        );
    }

    /// How late syncs begin.
    pub(crate) fn began(&self, late: Duration) {
        self.observe(
            "hpa_controller_sync_delay_seconds",
            "Time from when a sync was due to when it began.",
            String::new(),
            late,
        );
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Family>> {
        self.families.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, name: &'static str, help: &'static str, labels: &str) {
        let mut families = self.lock();
        let series = &mut family(&mut families, name, help, Kind::Counter).series;
        if let Some(Series::Value(value)) = series.get_mut(labels) {
            *value += 1.0;
        } else {
            series.insert(labels.to_owned(), Series::Value(1.0));
        }
    }

    fn set(&self, name: &'static str, help: &'static str, labels: String, value: f64) {
        let mut families = self.lock();
        family(&mut families, name, help, Kind::Gauge)
            .series
            .insert(labels, Series::Value(value));
    }

    fn observe(&self, name: &'static str, help: &'static str, labels: String, took: Duration) {
        let mut families = self.lock();
        let series = family(&mut families, name, help, Kind::Histogram)
            .series
            .entry(labels)
            .or_insert_with(|| Series::Histogram(Box::default()));
        if let Series::Histogram(histogram) = series {
            let seconds = took.as_secs_f64();
            for (bucket, bound) in histogram.buckets.iter_mut().zip(bounds()) {
                if seconds <= bound {
                    *bucket += 1;
                }
            }
            histogram.count += 1;
            histogram.sum += seconds;
        }
    }

    /// Everything in Prometheus' text form.
    pub(crate) fn render(&self) -> String {
        let mut out = String::new();
        for (name, family) in &*self.lock() {
            let kind = match family.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            let _ = writeln!(out, "# HELP {name} {}\n# TYPE {name} {kind}", family.help);
            for (labels, series) in &family.series {
                render_series(&mut out, name, labels, series);
            }
        }
        out
    }
}

/// Removes the series that have these labels and others after them. With many autoscalers a look at
/// all series would be most of a sync.
fn remove(series: &mut BTreeMap<String, Series>, labels: &str) {
    let prefix = format!("{labels},");
    let found = series.range(prefix.clone()..);
    let found = found.take_while(|(known, _)| known.starts_with(&prefix));
    let gone: Vec<String> = found.map(|(known, _)| known.clone()).collect();
    for labels in gone {
        series.remove(&labels);
    }
}

fn render_series(out: &mut String, name: &str, labels: &str, series: &Series) {
    let braced = |labels: &str| match labels {
        "" => String::new(),
        labels => format!("{{{labels}}}"),
    };
    match series {
        Series::Value(value) => {
            let _ = writeln!(out, "{name}{} {value}", braced(labels));
        }
        Series::Histogram(histogram) => {
            let comma = if labels.is_empty() { "" } else { "," };
            for (count, bound) in histogram.buckets.iter().zip(bounds()) {
                let _ = writeln!(
                    out,
                    "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}"
                );
            }
            let Histogram { count, sum, .. } = **histogram;
            let _ = writeln!(out, "{name}_bucket{{{labels}{comma}le=\"+Inf\"}} {count}");
            let labels = braced(labels);
            let _ = writeln!(
                out,
                "{name}_sum{labels} {sum}\n{name}_count{labels} {count}"
            );
        }
    }
}

fn family<'a>(
    families: &'a mut BTreeMap<&'static str, Family>,
    name: &'static str,
    help: &'static str,
    kind: Kind,
) -> &'a mut Family {
    debug_assert!(name.starts_with(UPSTREAM) || !name.starts_with("horizontal"));
    families.entry(name).or_insert_with(|| Family {
        help,
        kind,
        series: BTreeMap::new(),
    })
}

/// Upper bounds in seconds: upstream's exponential buckets.
fn bounds() -> impl Iterator<Item = f64> {
    let doublings = std::iter::successors(Some(0.001), |bound| Some(bound * 2.0));
    doublings.take(BUCKETS)
}

/// Labels in the text form, values escaped.
fn labels(pairs: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        out.push_str(name);
        out.push_str("=\"");
        for character in value.chars() {
            match character {
                '\\' => out.push_str("\\\\"),
                '"' => out.push_str("\\\""),
                '\n' => out.push_str("\\n"),
                other => out.push(other),
            }
        }
        out.push('"');
    }
    out
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn to_f64(count: usize) -> f64 {
    count as f64
}
