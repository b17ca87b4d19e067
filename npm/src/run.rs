//! The JavaScript view of a run: series, syncs, events, explanations.

use std::slice;

use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::arguments::{self, Error};
use super::values::{
    ClusterEvent, Diagnostic, Metric, Obstacle, Paragraph, SummaryEntry, Verdict, WhyNot,
    diagnostics,
};
use super::{seconds, timestamp};
use hpa_core::autoscaler::Spec;
use hpa_core::manifest::Source;
use hpa_simulation::cluster::MetricPoint;
use hpa_simulation::experiment::{self, Defaults, Experiment};

/// The result of a run. It stays in the memory of wasm until `free()`; what its properties and methods
/// return are copies.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Run {
    pub(super) run: Option<experiment::Run>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl Run {
    pub(super) fn of(source: &Source<'_>) -> Self {
        let parsed = Experiment::parse_sources(slice::from_ref(source), Defaults::default());
        Self {
            run: parsed.experiment.map(|experiment| experiment.run()),
            diagnostics: diagnostics(&parsed.diagnostics, source),
        }
    }
}

fn list<T: Serialize + Tsify>(values: impl Iterator<Item = T>) -> Result<Vec<Ts<T>>, Error> {
    values.map(|value| Ok(value.into_ts()?)).collect()
}

/// Columns of the trace as typed arrays: row `i` holds from `time[i]` until `time[i + 1]`. Their
/// documentation is a string, because JavaScript would get that of a comment with its quotes.
macro_rules! columns {
    ($($doc:tt $name:ident $js:literal: $type:ty;)*) => {
        #[wasm_bindgen]
        impl Run {$(
            #[doc = $doc]
            #[wasm_bindgen(getter, js_name = $js)]
            pub fn $name(&self) -> Vec<$type> {
                self.run.as_ref().map_or_else(Vec::new, |run| run.trace.steps.$name.clone())
            }
        )*}
    };
}

columns! {
    "Start of each row, in seconds."
    time "time": f64;
    "Requests that arrive [1/s]."
    load "load": f32;
    "Requests that are served [1/s]."
    served "served": f32;
    "Requests that are rejected [1/s]."
    dropped "dropped": f32;
    "Requests that time out [1/s]."
    timed_out "timedOut": f32;
    "Requests that wait because pods are at capacity."
    backlog "backlog": f32;
    "Requests in progress or waiting, on average."
    in_flight "inFlight": f32;
    "Median latency, in seconds."
    p50 "p50": f32;
    "95th percentile of latency, in seconds."
    p95 "p95": f32;
    "99th percentile of latency, in seconds."
    p99 "p99": f32;
    "CPU usage of all pods, in cores."
    cpu "cpu": f32;
    "CPU requested by all pods that are not terminating, in cores."
    cpu_request "cpuRequest": f32;
    "Memory usage of all pods, in bytes."
    memory "memory": f32;
    "`spec.replicas` of the workload."
    spec_replicas "specReplicas": i32;
    "`status.replicas` of the workload."
    status_replicas "statusReplicas": i32;
    "Pods that are ready."
    ready "ready": u32;
    "Pods that are running but not ready."
    unready "unready": u32;
    "Pods that are not running yet."
    pending "pending": u32;
    "Pods that are terminating."
    terminating "terminating": u32;
    "Nodes."
    nodes "nodes": u32;
}

/// One value per sync as a typed array.
macro_rules! sync_columns {
    ($($doc:tt $name:ident $js:literal: $field:ident $type:ty;)*) => {
        #[wasm_bindgen]
        impl Run {$(
            #[doc = $doc]
            #[wasm_bindgen(getter, js_name = $js)]
            pub fn $name(&self) -> Vec<$type> {
                let syncs = self.run.iter().flat_map(|run| &run.trace.syncs);
                syncs.map(|sync| sync.$field).collect()
            }
        )*}
    };
}

sync_columns! {
    "`spec.replicas` as each sync read it."
    sync_current "syncCurrent": current i32;
    "The replicas that each sync's metrics proposed."
    sync_proposal "syncProposal": proposal i32;
    "The replicas after stabilization."
    sync_stabilized "syncStabilized": stabilized i32;
    "The desired replicas of each sync."
    sync_desired "syncDesired": desired i32;
}

#[wasm_bindgen]
impl Run {
    /// Whether the text could be run; if not, the diagnostics say why and all series are empty.
    #[wasm_bindgen(getter)]
    pub fn ok(&self) -> bool {
        self.run.is_some()
    }

    /// Problems and assumptions, ordered by position.
    #[wasm_bindgen(getter)]
    pub fn diagnostics(&self) -> Result<Vec<Ts<Diagnostic>>, Error> {
        list(self.diagnostics.iter().cloned())
    }

    /// The time of each sync, in seconds.
    #[wasm_bindgen(getter, js_name = syncTime)]
    pub fn sync_time(&self) -> Vec<f64> {
        let syncs = self.run.iter().flat_map(|run| &run.trace.syncs);
        syncs.map(|sync| seconds(sync.time)).collect()
    }

    /// The verdict on each goal.
    #[wasm_bindgen(getter)]
    pub fn verdicts(&self) -> Result<Vec<Ts<Verdict>>, Error> {
        let verdicts = self.run.iter().flat_map(|run| &run.verdicts);
        list(verdicts.map(Verdict::of))
    }

    /// The summary of the run.
    #[wasm_bindgen(getter)]
    pub fn summary(&self) -> Result<Vec<Ts<SummaryEntry>>, Error> {
        let entries = self.run.iter().flat_map(|run| run.summary.entries());
        list(entries.map(|entry| SummaryEntry::of(&entry)))
    }

    /// The metrics of the initial autoscaler.
    #[wasm_bindgen(getter)]
    pub fn metrics(&self) -> Result<Vec<Ts<Metric>>, Error> {
        let Some(run) = &self.run else {
            return Ok(Vec::new());
        };
        let trace = &run.trace;
        let metrics = Spec::from_api(&trace.setup.autoscaler).metrics;
        list(metrics.iter().enumerate().map(|(position, metric)| {
            let points = (0..trace.syncs.len()).map(|sync| trace.points(sync).get(position));
            let column = |field: fn(&MetricPoint) -> f64| {
                let points = points.clone();
                let values: Vec<f64> = points.map(|point| point.map_or(f64::NAN, field)).collect();
                values.as_slice().into()
            };
            let proposals = points.clone();
            let proposals = proposals.map(|point| point.map_or(-1, |point| point.proposal));
            Metric {
                name: metric.name.to_string(),
                value: column(|point| point.value),
                target: column(|point| point.target),
                ratio: column(|point| point.ratio),
                proposal: proposals.collect::<Vec<i32>>().as_slice().into(),
            }
        }))
    }

    /// Kubernetes events, in order of their first time.
    #[wasm_bindgen(getter)]
    pub fn events(&self) -> Result<Vec<Ts<ClusterEvent>>, Error> {
        let events = self.run.iter().flat_map(|run| &run.trace.events);
        list(events.map(ClusterEvent::of))
    }

    /// The last sync at or before `time`, in seconds, explained step by step; empty before the first one.
    pub fn explain(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] time: &JsValue,
    ) -> Result<Vec<Ts<Paragraph>>, Error> {
        let time = arguments::number("time", time)?;
        let detail = self.run.as_ref().and_then(|run| {
            let index = run.trace.sync_at(timestamp(time))?;
            run.replay.detail(index)
        });
        let paragraphs = detail.map_or_else(Vec::new, |detail| detail.explanation.paragraphs());
        list(paragraphs.into_iter().map(|paragraph| Paragraph {
            title: paragraph.title,
            formula: paragraph.formula,
            text: paragraph.text,
            replicas: paragraph.replicas,
            without: paragraph.without,
        }))
    }

    /// What blocks more and fewer replicas at `time`, in seconds; absent before the
    /// first sync.
    #[wasm_bindgen(js_name = whyNot)]
    pub fn why_not(
        &self,
        #[wasm_bindgen(unchecked_param_type = "number")] time: &JsValue,
    ) -> Result<Option<Ts<WhyNot>>, Error> {
        let time = timestamp(arguments::number("time", time)?);
        let blockers = self.run.as_ref().and_then(|run| run.blockers(time));
        let why_not = blockers.map(|blockers| WhyNot {
            up: Obstacle::of(blockers.up),
            down: Obstacle::of(blockers.down),
        });
        Ok(why_not.map(|why_not| why_not.into_ts()).transpose()?)
    }
}
