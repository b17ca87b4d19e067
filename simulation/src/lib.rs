//! A simulated cluster around the Kubernetes HorizontalPodAutoscaler, and experiments with it.
//!
//! | module | what it offers |
//! |---|---|
//! | [`chart`] | the charts of a run: series, pictures, descriptions, tables, SVG |
//! | [`cluster`] | load, pods, metrics, faults, trace |
//! | [`experiment`] | the experiment document, its run, goals and presets |
//!
//! The algorithm itself is the crate `hpa-core`, which knows nothing of this one.

#![deny(missing_docs)]

pub mod chart;
pub mod cluster;
pub mod experiment;
