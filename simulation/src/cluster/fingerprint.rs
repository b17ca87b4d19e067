//! Hashes a trace (FNV-1a), to compare runs bit for bit.

use super::trace::{Steps, SyncRecord, Trace};

/// The hash of a trace.
pub(super) fn of(trace: &Trace) -> u64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.steps(&trace.steps);
    trace.syncs.iter().for_each(|sync| hash.sync(sync));
    for point in &trace.points {
        hash.float(point.value);
        hash.float(point.target);
        hash.float(point.ratio);
        hash.float(point.measured_ratio);
        hash.number(point.unready_filled.into());
        hash.number(point.missing_filled.into());
        hash.number(point.proposal.into());
    }
    for pods in &trace.pods {
        for time in [
            Some(pods.created),
            pods.scheduled,
            pods.started,
            pods.ready,
            pods.unready,
            pods.terminating,
            pods.gone,
        ] {
            hash.number(time.map_or(i64::MIN, |time| time.0));
        }
        for count in [pods.first, pods.count, pods.revision] {
            hash.number(count.into());
        }
    }
    for event in &trace.events {
        hash.number(event.first.0);
        hash.number(event.last.0);
        hash.number(event.count.into());
        hash.text(event.event.reason.as_str());
        hash.text(&event.event.message.to_string());
    }
    for marker in &trace.markers {
        hash.number(marker.time.0);
        hash.number(marker.edge as i64);
    }
    let totals = &trace.totals;
    for sum in [
        totals.arrived,
        totals.served,
        totals.dropped,
        totals.timed_out,
        totals.in_system,
        totals.pod_seconds,
        totals.cpu_seconds,
    ] {
        hash.float(sum);
    }
    hash.0
}

struct Fnv(u64);

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_le_bytes());
    }

    /// Sign and payload of a NaN differ between machines: all NaNs are hashed alike.
    fn float(&mut self, value: f64) {
        let value = if value.is_nan() { f64::NAN } else { value };
        self.bytes(&value.to_bits().to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(i64::try_from(text.len()).unwrap_or(i64::MAX));
        self.bytes(text.as_bytes());
    }

    fn steps(&mut self, steps: &Steps) {
        steps.time.iter().for_each(|value| self.float(*value));
        for column in [
            &steps.load,
            &steps.served,
            &steps.dropped,
            &steps.timed_out,
            &steps.backlog,
            &steps.in_flight,
            &steps.p50,
            &steps.p95,
            &steps.p99,
            &steps.cpu,
            &steps.cpu_request,
            &steps.memory,
        ] {
            for value in column {
                self.float((*value).into());
            }
        }
        for column in [&steps.spec_replicas, &steps.status_replicas] {
            for value in column {
                self.number((*value).into());
            }
        }
        for column in [
            &steps.ready,
            &steps.unready,
            &steps.pending,
            &steps.terminating,
            &steps.nodes,
        ] {
            for value in column {
                self.number((*value).into());
            }
        }
    }

    fn sync(&mut self, sync: &SyncRecord) {
        self.number(sync.time.0);
        for count in [
            sync.current,
            sync.status_replicas,
            sync.proposal,
            sync.stabilized,
            sync.desired,
            i32::from(sync.failed_metrics),
            sync.winner.map_or(-1, i32::from),
            sync.branch as i32,
            sync.bound as i32,
        ] {
            self.number(count.into());
        }
        self.number(sync.ready.into());
    }
}
