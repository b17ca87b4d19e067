//! The program as a process of its own, against a fake API server over real HTTP on loopback.

mod process;
mod program;
mod traces;
