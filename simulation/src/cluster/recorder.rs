//! Records the trace; does nothing while a part of the run is recomputed.

use super::STOPPED;
use super::setup::Setup;
use super::trace::{
    About, ClusterEvent, Edge, Marker, MetricPoint, PodLifecycle, Steps, SyncRecord, Totals, Trace,
};
use hpa_core::autoscaler::{Event, EventKind, Message, Reason};
use hpa_core::time::Timestamp;

/// Records the trace.
#[derive(Debug)]
pub(super) struct Recorder {
    trace: Option<Trace>,
    last: Row,
    last_is_set: bool,
}

/// Type and reason of an event of the cluster.
pub(super) type ClusterEventKind = (EventKind, &'static str);

/// One row of [`Steps`] without its time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Row {
    pub(super) load: f32,
    pub(super) served: f32,
    pub(super) dropped: f32,
    pub(super) timed_out: f32,
    pub(super) backlog: f32,
    pub(super) in_flight: f32,
    /// Median, 95th, 99th percentile; negative if no request arrives or none is served.
    pub(super) latency: [f32; 3],
    pub(super) cpu: f32,
    pub(super) cpu_request: f32,
    pub(super) memory: f32,
    pub(super) spec_replicas: i32,
    pub(super) status_replicas: i32,
    pub(super) ready: u32,
    pub(super) unready: u32,
    pub(super) pending: u32,
    pub(super) terminating: u32,
    pub(super) nodes: u32,
}

impl Recorder {
    /// Records a whole run.
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            trace: Some(Trace {
                setup,
                steps: Steps::default(),
                syncs: Vec::new(),
                pods: Vec::new(),
                events: Vec::new(),
                markers: Vec::new(),
                totals: Totals::default(),
                stopped: None,
                points: Vec::new(),
            }),
            last: Row::default(),
            last_is_set: false,
        }
    }

    /// Records nothing.
    pub(super) fn silent() -> Self {
        Self {
            trace: None,
            last: Row::default(),
            last_is_set: false,
        }
    }

    /// The trace of a run with these totals; empty if nothing was recorded.
    pub(super) fn finish(self, totals: Totals) -> Trace {
        Trace {
            totals,
            ..self
                .trace
                .unwrap_or_else(|| unreachable!("a recorder of a run keeps its trace"))
        }
    }

    /// The number of syncs so far.
    pub(super) fn syncs(&self) -> usize {
        self.trace.as_ref().map_or(0, |trace| trace.syncs.len())
    }

    /// Records new pods.
    pub(super) fn created(&mut self, pods: PodLifecycle) {
        if let Some(trace) = &mut self.trace {
            trace.pods.push(pods);
        }
    }

    /// Splits the newest `count` pods off a lifecycle.
    pub(super) fn parted(&mut self, id: u32, count: u32) {
        if let Some(trace) = &mut self.trace {
            let pods = &mut trace.pods[id as usize];
            pods.count -= count;
            let first = pods.first + pods.count;
            let parted = PodLifecycle {
                first,
                count,
                ..pods.clone()
            };
            trace.pods.push(parted);
        }
    }

    /// Records a lifecycle change of pods.
    pub(super) fn changed(&mut self, id: u32, change: impl FnOnce(&mut PodLifecycle)) {
        if let Some(trace) = &mut self.trace {
            change(&mut trace.pods[id as usize]);
        }
    }

    /// Records an event of the autoscaler; repetitions are only counted.
    pub(super) fn event(&mut self, now: Timestamp, about: About, event: Event) {
        let Some(trace) = &mut self.trace else { return };
        let recent = trace.events.iter_mut().rev().take(16);
        if let Some(same) = recent
            .filter(|known| known.about == about)
            .find(|known| known.event == event)
        {
            same.last = now;
            same.count += 1;
            same.times.push(now);
            return;
        }
        trace.events.push(ClusterEvent {
            first: now,
            last: now,
            count: 1,
            about,
            event,
            times: vec![now],
        });
    }

    /// Records an event of the cluster; its text is built only if it is kept.
    pub(super) fn cluster_event(
        &mut self,
        now: Timestamp,
        about: About,
        event: ClusterEventKind,
        text: impl FnOnce() -> String,
    ) {
        if self.trace.is_some() {
            let (kind, reason) = event;
            let message = Message::Text(text().into());
            let event = Event::new(kind, Reason::Other(reason.into()), message);
            self.event(now, about, event);
        }
    }

    /// Records that the run stopped early.
    pub(super) fn stopped(&mut self, now: Timestamp) {
        if let Some(trace) = &mut self.trace {
            trace.stopped = Some(now);
        }
        self.cluster_event(
            now,
            About::Workload,
            (EventKind::Warning, "SimulationStopped"),
            || format!("The simulation {STOPPED}"),
        );
    }

    /// Records the start or end of a timeline event.
    pub(super) fn marker(&mut self, time: Timestamp, event: usize, edge: Edge) {
        if let Some(trace) = &mut self.trace {
            trace.markers.push(Marker { time, event, edge });
        }
    }

    /// Records a sync with its metrics.
    pub(super) fn sync(
        &mut self,
        mut record: SyncRecord,
        points: impl Iterator<Item = MetricPoint>,
    ) {
        if let Some(trace) = &mut self.trace {
            let start = trace.points.len();
            trace.points.extend(points);
            let count = trace.points.len() - start;
            record.points = (
                u32::try_from(start).unwrap_or(u32::MAX),
                u8::try_from(count).unwrap_or(u8::MAX),
            );
            trace.syncs.push(record);
        }
    }

    /// Records a row that applies from `time` \[s\], unless it equals the last one.
    pub(super) fn row(&mut self, time: f64, row: &Row) {
        let Some(trace) = &mut self.trace else { return };
        if self.last_is_set && self.last == *row {
            return;
        }
        self.last = *row;
        self.last_is_set = true;
        let steps = &mut trace.steps;
        let [p50, p95, p99] = row
            .latency
            .map(|value| if value < 0.0 { f32::NAN } else { value });
        steps.time.push(time);
        steps.load.push(row.load);
        steps.served.push(row.served);
        steps.dropped.push(row.dropped);
        steps.timed_out.push(row.timed_out);
        steps.backlog.push(row.backlog);
        steps.in_flight.push(row.in_flight);
        steps.p50.push(p50);
        steps.p95.push(p95);
        steps.p99.push(p99);
        steps.cpu.push(row.cpu);
        steps.cpu_request.push(row.cpu_request);
        steps.memory.push(row.memory);
        steps.spec_replicas.push(row.spec_replicas);
        steps.status_replicas.push(row.status_replicas);
        steps.ready.push(row.ready);
        steps.unready.push(row.unready);
        steps.pending.push(row.pending);
        steps.terminating.push(row.terminating);
        steps.nodes.push(row.nodes);
    }
}
