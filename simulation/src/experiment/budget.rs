//! Limits on the lists of an experiment document.
//!
//! [`crate::cluster::Setup`] limits the cost of the run itself.

use super::document::ExperimentDocument;
use super::problems::Problems;
use crate::cluster::value_ranges::{MAX_EVENTS, MAX_PARTS};
use hpa_core::manifest::{Document, FieldPath, Node, OWN_API_GROUP};

/// Goals; each is evaluated over the whole run.
const MAX_GOALS: usize = 200;
/// Manifest values times timeline events, since each event may keep a copy.
const MAX_COPIES: usize = 2_000_000;

/// Refuses and truncates lists that are too long, so that all later stages are cheap.
pub(super) fn cut(
    given: &mut ExperimentDocument,
    documents: &[Document],
    problems: &mut Problems<'_>,
) {
    let mut most = |name: &str, length: usize, most: usize| {
        if length > most {
            let message = format!("{length} items, but at most {most} are allowed");
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
    if events == 0 {
        return;
    }
    let values: usize = documents.iter().map(kept).sum();
    if values.saturating_mul(events) > MAX_COPIES {
        let message = format!(
            "{events} events are too many for manifests with {values} values: shorten either one"
        );
        problems.error(&FieldPath::new("timeline"), message);
        given.timeline.clear();
    }
}

/// The values that a timeline event may keep of a document: all of a manifest; of an experiment
/// document, those that its edits put into the autoscaler.
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

/// The number of values in a value, including itself.
fn size(node: &Node) -> usize {
    let items: usize = node.items().iter().map(size).sum();
    let entries: usize = node.entries().iter().map(|entry| size(&entry.value)).sum();
    1 + items + entries
}
