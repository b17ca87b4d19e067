//! The controller, part by part and whole, against a fake API server over real HTTP on loopback.

mod acting;
mod arguments;
mod collector;
mod deployment;
mod e2e;
mod election;
mod events;
mod faults;
mod harness;
mod liveness;
mod many;
mod recording;
mod replay;
mod scheduling;
mod shadow;
mod sources;
mod watches;
