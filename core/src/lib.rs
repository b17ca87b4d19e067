//! The Kubernetes HorizontalPodAutoscaler, exact and sans-IO.

pub mod api;
pub mod autoscaler;
pub mod manifest;
pub mod quantity;
pub mod simulation;
pub mod time;
