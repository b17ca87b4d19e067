//! Manifests as a whole: what is said of broken ones, what hostile ones cost, and that edits keep the rest.

mod changes;
mod edit_properties;
mod edits;
mod generated;
mod hostile;
mod problems;
mod server;
mod slices;
mod sources;
mod typed;
