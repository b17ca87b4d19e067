//! The Kubernetes HorizontalPodAutoscaler: the whole algorithm, exact and sans-IO.
//!
//! Time, randomness and the cluster come in as arguments, decisions go out as data. There is no
//! clock, no global and no thread in here, and the same input gives the same bits natively and in
//! a browser. What Kubernetes 1.36.2 does is proven case by case by `tests/upstream_vectors`;
//! `UPSTREAM.md` maps function to function and lists the quirks that are kept.
//!
//! The layers point one way, and each offers what a user of that depth needs:
//!
//! | layer | module | what it offers |
//! |---|---|---|
//! | 0 | [`time`], [`quantity`] | times, durations and numbers as Kubernetes writes them |
//! | 1 | [`api`], [`manifest`] | the objects; text to objects with defaults, validation, diagnostics |
//! | 2 | [`autoscaler`] | the algorithm: [`Autoscaler`](autoscaler::Autoscaler) and its contract |
//!
//! The crate `hpa-simulation` puts a cluster around it.
//!
//! One sync, from a manifest to an explanation:
//!
//! ```
//! use std::sync::Arc;
//!
//! use hpa_core::autoscaler::{
//!     Autoscaler, ControllerConfig, MetricAnswer, Observation, PodPhase, PodRecord, PodSamples,
//!     PodShape, ReadyCondition, ReadyStatus, Sample, Scale, Spec, Status,
//! };
//! use hpa_core::manifest;
//! use hpa_core::time::{Duration, Timestamp};
//!
//! let parsed = manifest::parse(
//!     "
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: php-apache, namespace: default}
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: php-apache}
//!   maxReplicas: 10
//!   metrics:
//!   - type: Resource
//!     resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
//! ",
//!     &manifest::Options::default(),
//! );
//! let spec = Spec::from_api(parsed.autoscalers().next().expect("a valid autoscaler"));
//!
//! // One ready pod that requests 200m of CPU and uses 610m, as some metrics API said.
//! let now = Timestamp::parse("2026-01-01T12:00:00Z").expect("a time");
//! let pod = r#"{"containers": [{"name": "php", "resources": {"requests": {"cpu": "200m"}}}]}"#;
//! let observation = Observation {
//!     scale: Ok(Scale::settled(1, "run=php-apache")),
//!     pods: Ok(vec![PodRecord {
//!         name: "php-apache-1".into(),
//!         count: 1,
//!         phase: PodPhase::Running,
//!         deleting: false,
//!         start_time: Some(now - Duration::from_secs(3600)),
//!         ready: Some(ReadyCondition {
//!             status: ReadyStatus::True,
//!             last_transition: now - Duration::from_secs(3590),
//!         }),
//!         shape: Arc::new(PodShape {
//!             spec: serde_json::from_str(pod).expect("a pod"),
//!             ..PodShape::default()
//!         }),
//!     }]),
//!     metrics: vec![MetricAnswer::Pods(Ok(PodSamples {
//!         by_pod: vec![Some(Sample {
//!             milli_value: 610,
//!             timestamp: now,
//!             window: Duration::from_secs(15),
//!         })],
//!         ..PodSamples::default()
//!     }))],
//!     other_autoscalers: Vec::new(),
//! };
//!
//! let mut autoscaler = Autoscaler::new(ControllerConfig::default());
//! let stored = Status::default();
//! let decision = autoscaler.decide(&spec, &stored, &observation, now);
//! assert_eq!(decision.rescale.as_ref().map(|rescale| rescale.to), Some(4));
//! // Here the scale would be written …
//! let outcome = autoscaler.complete(decision, Ok(()), now);
//! // … and here the status.
//! let report = outcome.finish(Ok(()));
//! assert_eq!(
//!     report.events[0].message.to_string(),
//!     "New size: 4; reason: cpu resource utilization (percentage of request) above target"
//! );
//! println!("{}", autoscaler.explanation());
//! ```

#![deny(missing_docs)]

pub mod api;
pub mod autoscaler;
pub mod manifest;
pub mod quantity;
pub mod time;
