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
//!     Autoscaler, ControllerConfig, Observation, PodRecord, PodSamples, PodShape, ReadyStatus,
//!     Sample, Scale, Spec, Status,
//! };
//! use hpa_core::manifest;
//! use hpa_core::time::{SignedDuration, Timestamp};
//!
//! let parsed = manifest::parse(
//!     "
//! apiVersion: apps/v1
//! kind: Deployment
//! metadata: {name: php-apache}
//! spec:
//!   selector: {matchLabels: {run: php-apache}}
//!   template:
//!     metadata: {labels: {run: php-apache}}
//!     spec:
//!       containers:
//!       - name: php
//!         image: php
//!         resources: {requests: {cpu: 200m}}
//! ---
//! apiVersion: autoscaling/v2
//! kind: HorizontalPodAutoscaler
//! metadata: {name: php-apache}
//! spec:
//!   scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: php-apache}
//!   maxReplicas: 10
//!   metrics:
//!   - type: Resource
//!     resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
//! ",
//!     &manifest::Options::default(),
//! );
//! let autoscaler = parsed.autoscalers().next().expect("a valid autoscaler");
//! let deployment = parsed.workloads().next().expect("a valid Deployment");
//!
//! // What a cluster would show: one pod, ready for an hour, that uses 610m of CPU.
//! let now = Timestamp::parse("2026-01-01T12:00:00Z")?;
//! let an_hour_ago = now - SignedDuration::from_secs(3600);
//! let shape = Arc::new(PodShape::from(&deployment.spec.template));
//! let pod = PodRecord::new("php-apache-1", shape)
//!     .with_start_time(an_hour_ago)
//!     .with_ready(ReadyStatus::True, an_hour_ago);
//! let usage = Sample::new(610, now, SignedDuration::from_secs(15));
//! let observation = Observation::new(Ok(Scale::settled(1, "run=php-apache")))
//!     .with_pods([pod])
//!     .with_metric(PodSamples::from_iter([Some(usage)]));
//!
//! let spec = Spec::from_api(autoscaler);
//! let mut autoscaler = Autoscaler::new(ControllerConfig::default());
//! let stored = Status::default();
//! let decision = autoscaler.decide(&spec, &stored, &observation, now);
//! assert_eq!(decision.rescale.as_ref().map(|rescale| rescale.to), Some(4));
//! // Write the scale here, and say how that went.
//! let outcome = autoscaler.complete(decision, Ok(()), now);
//! // Store the status here, and say how that went.
//! let report = outcome.finish(Ok(()));
//! assert_eq!(
//!     report.events[0].message.to_string(),
//!     "New size: 4; reason: cpu resource utilization (percentage of request) above target"
//! );
//! println!("{}", autoscaler.explanation());
//! # Ok::<(), hpa_core::time::TimeError>(())
//! ```

#![deny(missing_docs)]

pub mod api;
pub mod autoscaler;
pub mod manifest;
pub mod quantity;
pub mod time;
