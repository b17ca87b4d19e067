//! Logs the decision of each sync as one line.

use hpa_core::autoscaler::Explanation;

use crate::disagreement::Reason;
use crate::sync::Summary;

/// Logs the decision of one sync: as a warning if something failed or the two controllers decide
/// differently, but not if timing or missing histories explain the difference.
pub(crate) fn log(summary: &Summary, explanation: &Explanation) {
    let Summary {
        key,
        current,
        desired,
        theirs,
        what_if,
        error,
        ..
    } = summary;
    let role = summary.role.as_str();
    let reason = reason(summary);
    let found = summary.disagreement.unwrap_or_default();
    let error = error.as_deref();
    if found.reason == Reason::Decision {
        tracing::warn!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, syncs = found.syncs, why = found.reason.as_str(), error,
            explanation = %explanation, "disagrees"
        );
    } else if error.is_some() {
        tracing::warn!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, why = found.reason.as_str(), error, "failed"
        );
    } else if tracing::enabled!(tracing::Level::DEBUG) {
        tracing::info!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, why = found.reason.as_str(),
            explanation = %explanation, "decided"
        );
    } else {
        tracing::info!(
            hpa = %key, role, current, desired, theirs, what_if, reason,
            difference = found.difference, why = found.reason.as_str(), "decided"
        );
    }
}

/// Why the count is what it is: the reason of the rescale, or of the most telling condition.
pub(crate) fn reason(summary: &Summary) -> String {
    if let Some(rescale) = &summary.rescale {
        let text = rescale.reason.to_string();
        if !text.is_empty() {
            return text;
        }
    }
    let conditions = summary.status.conditions.as_slice();
    conditions
        .iter()
        .rev()
        .map(|condition| condition.reason.to_string())
        .find(|reason| {
            !matches!(
                reason.as_str(),
                "DesiredWithinRange"
                    | "ValidMetricFound"
                    | "ReadyForNewScale"
                    | "SucceededGetScale"
                    | "NotScaledToZero"
            )
        })
        .unwrap_or_else(|| String::from("within range"))
}
