//! The controller against a fake API server over real HTTP on loopback.

mod acting;
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the tests drive the parts; what only the program uses is idle here"
)]
#[path = "../../src/lib.rs"]
mod controller;
mod deployment;
mod e2e;
mod election;
mod events;
mod fake;
mod faults;
mod harness;
mod liveness;
mod many;
mod process;
mod program;
mod recording;
mod replay;
mod scheduling;
mod shadow;
mod sources;
mod traces;
mod watches;
