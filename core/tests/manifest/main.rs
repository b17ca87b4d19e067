//! Manifests as a whole: what is said of broken ones, what hostile ones cost, and that printing
//! and parsing undo each other.

mod changes;
mod edit_properties;
mod edits;
mod generated;
mod hostile;
mod problems;
mod roundtrip;
mod sources;
mod typed;
