//! How long the lists of an experiment document may be, so that all that follows has little to do.
//!
//! What the run itself may take is a matter of [`crate::cluster::Setup`].

use super::document::ExperimentDocument;
use super::problems::Problems;
use crate::cluster::limits::{MAX_EVENTS, MAX_PARTS};
use hpa_core::manifest::{Document, FieldPath, Node, OWN_API_GROUP};

/// Goals, each of which looks through the whole run.
const MAX_GOALS: usize = 200;
/// Values of the manifests, once for each event of the timeline, which may keep a copy of them.
const MAX_COPIES: usize = 2_000_000;

/// Refuses lists that are longer than anything needs, and cuts them off, so that all that follows
/// has little to do.
pub(super) fn cut(
    given: &mut ExperimentDocument,
    documents: &[Document],
    problems: &mut Problems<'_>,
) {
    let mut most = |name: &str, length: usize, most: usize| {
        if length > most {
            let message = format!("there are {length} of them, and {most} at most are read");
            problems.error(&FieldPath::new(name), message);
        }
        length.min(most)
    };
    let events = most("timeline", given.timeline.len(), MAX_EVENTS);
    given.timeline.truncate(events);
    let goals = most("goals", given.goals.len(), MAX_GOALS);
    given.goals.truncate(goals);
    let metrics = most("metrics", given.metrics.len(), MAX_PARTS);
    given.metrics.truncate(metrics);
    if let Some(parts) = &mut given.load {
        let count = most("load", parts.len(), MAX_PARTS);
        parts.truncate(count);
    }
    let values: usize = documents.iter().map(kept).sum();
    if values.saturating_mul(events) > MAX_COPIES {
        let message = format!(
            "{events} events are too many for manifests of {values} values: shorten either"
        );
        problems.error(&FieldPath::new("timeline"), message);
        given.timeline.clear();
    }
}

/// The values of a document that an event of the timeline may keep: all of a manifest, and of an
/// experiment what its edits put into the autoscaler.
fn kept(document: &Document) -> usize {
    if !document.api_version.starts_with(OWN_API_GROUP) {
        return size(&document.root);
    }
    let events = document.root.entry("timeline").into_iter();
    let events = events.flat_map(|timeline| timeline.value.items());
    events
        .filter_map(|event| event.entry("editAutoscaler"))
        .map(|edit| size(&edit.value))
        .sum()
}

/// All values of a value, itself among them.
fn size(node: &Node) -> usize {
    let items: usize = node.items().iter().map(size).sum();
    let entries: usize = node.entries().iter().map(|entry| size(&entry.value)).sum();
    1 + items + entries
}
