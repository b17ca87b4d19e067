//! The program as a process of its own, against the fake API server over HTTP on loopback.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its strings so"
)]

mod process;
mod program;
mod traces;
