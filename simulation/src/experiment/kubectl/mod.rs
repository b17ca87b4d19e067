//! The output of `kubectl get hpa` and `kubectl describe hpa` at a time of a run.
//!
//! Upstream: `kubectl/pkg/describe/describe.go`, `describeHorizontalPodAutoscalerV2`;
//! `pkg/printers/internalversion/printers.go`, `printHorizontalPodAutoscaler`; Go's
//! `text/tabwriter`. The autoscaler was created when the run began, at the clock's zero.

use crate::cluster::{About, SyncDetail, Trace};
use hpa_core::api::Rules;
use hpa_core::api::hpa::{
    HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, MetricSpec, MetricStatus, MetricTarget,
    MetricValueStatus, ScalingRules,
};
use hpa_core::quantity::Quantity;
use hpa_core::time::{SignedDuration, Timestamp};

/// The start time of every run, in Go's RFC 1123 format.
const BEGINNING: &str = "Thu, 01 Jan 1970 00:00:00 +0000";

const UNKNOWN: &str = "<unknown>";

/// `kubectl get hpa` at `time`; `detail` is the last sync until then.
#[must_use]
pub fn get(trace: &Trace, detail: Option<&SyncDetail>, time: Timestamp) -> String {
    let hpa = trace.setup.autoscaler_at(time);
    let status = status(hpa, detail, trace.setup.controller.rules);
    let minimum = hpa.spec.min_replicas;
    let row = [
        hpa.metadata.name.clone(),
        format!(
            "{}/{}",
            hpa.spec.scale_target_ref.kind, hpa.spec.scale_target_ref.name
        ),
        targets(&hpa.spec.metrics, &status),
        minimum.map_or("<unset>".to_owned(), |count| count.to_string()),
        hpa.spec.max_replicas.to_string(),
        status.current_replicas.unwrap_or_default().to_string(),
        age(time - Timestamp::default()),
    ];
    let head = "NAME\tREFERENCE\tTARGETS\tMINPODS\tMAXPODS\tREPLICAS\tAGE";
    tabulate(&format!("{head}\n{}\n", row.join("\t")), 6, 3)
}

/// `kubectl describe hpa` at `time`; `detail` is the last sync until then.
#[must_use]
pub fn describe(trace: &Trace, detail: Option<&SyncDetail>, time: Timestamp) -> String {
    let hpa = trace.setup.autoscaler_at(time);
    let status = status(hpa, detail, trace.setup.controller.rules);
    let spec = &hpa.spec;
    let target = &spec.scale_target_ref;
    let mut out = format!(
        "Name:\t{}\nNamespace:\t{}\n",
        hpa.metadata.name, hpa.metadata.namespace
    );
    labels(hpa, &mut out);
    annotations(hpa, &mut out);
    out += &format!("CreationTimestamp:\t{BEGINNING}\n");
    out += &format!("Reference:\t{}/{}\n", target.kind, target.name);
    out += "Metrics:\t( current / target )\n";
    let current = status.current_metrics.as_deref().unwrap_or_default();
    for (index, metric) in spec.metrics.iter().enumerate() {
        let reading = current.get(index).and_then(|status| value(metric, status));
        out += &format!("  {}\n", metric_line(metric, reading));
    }
    let minimum = spec.min_replicas;
    let minimum = minimum.map_or("<unset>".to_owned(), |count| count.to_string());
    out += &format!(
        "Min replicas:\t{minimum}\nMax replicas:\t{}\n",
        spec.max_replicas
    );
    if let Some(behavior) = &spec.behavior {
        out += "Behavior:\n";
        rules("Scale Up", behavior.scale_up.as_ref(), &mut out);
        rules("Scale Down", behavior.scale_down.as_ref(), &mut out);
    }
    out += &format!(
        "{} pods:\t{} current / {} desired\n",
        target.kind,
        status.current_replicas.unwrap_or_default(),
        status.desired_replicas
    );
    let conditions = status.conditions.unwrap_or_default();
    if !conditions.is_empty() {
        out += "Conditions:\n  Type\tStatus\tReason\tMessage\n  ----\t------\t------\t-------\n";
        for condition in conditions {
            out += &format!(
                "  {}\t{}\t{}\t{}\n",
                condition.r#type, condition.status, condition.reason, condition.message
            );
        }
    }
    let events = events(trace, time);
    if events.is_empty() {
        return tabulate(&(out + "Events:\t<none>\n"), 0, 2);
    }
    // kubectl aligns the columns before the events separately.
    tabulate(&out, 0, 2) + &tabulate(&events, 0, 2)
}

fn status(
    hpa: &HorizontalPodAutoscaler,
    detail: Option<&SyncDetail>,
    rules: Rules,
) -> HorizontalPodAutoscalerStatus {
    detail.map_or_else(
        || hpa.status.clone().unwrap_or_default(),
        |detail| detail.status.to_api(rules),
    )
}

fn labels(hpa: &HorizontalPodAutoscaler, out: &mut String) {
    let lines = hpa.metadata.labels.iter();
    let lines: Vec<String> = lines.map(|(key, value)| format!("{key}={value}")).collect();
    let text = if lines.is_empty() {
        "<none>".to_owned()
    } else {
        lines.join("\n\t")
    };
    *out += &format!("Labels:\t{text}\n");
}

/// An annotation; kubectl omits the last applied manifest, and wraps and truncates long values.
fn annotations(hpa: &HorizontalPodAutoscaler, out: &mut String) {
    const LONGEST: usize = 140;
    let all = hpa.metadata.annotations.iter();
    let lines: Vec<String> = all
        .filter(|(key, _)| *key != "kubectl.kubernetes.io/last-applied-configuration")
        .map(|(key, value)| {
            let value = value.strip_suffix('\n').unwrap_or(value);
            if value.len() + key.len() + 2 <= LONGEST && !value.contains('\n') {
                return format!("{key}: {value}");
            }
            let short = |line: &str| {
                if line.len() <= LONGEST - 2 {
                    return format!("\n  {line}");
                }
                let kept: String = line.chars().take(LONGEST - 5).collect();
                format!("\n  {kept}...")
            };
            format!("{key}:{}", value.split('\n').map(short).collect::<String>())
        })
        .collect();
    let text = if lines.is_empty() {
        "<none>".to_owned()
    } else {
        lines.join("\n\t")
    };
    *out += &format!("Annotations:\t{text}\n");
}

/// The reading of `metric`, if it is one of the same kind.
fn value<'a>(metric: &MetricSpec, status: &'a MetricStatus) -> Option<&'a MetricValueStatus> {
    match metric.r#type.as_str() {
        "Resource" => status.resource.as_ref().map(|reading| &reading.current),
        "ContainerResource" => status
            .container_resource
            .as_ref()
            .map(|reading| &reading.current),
        "Pods" => status.pods.as_ref().map(|reading| &reading.current),
        "Object" => status.object.as_ref().map(|reading| &reading.current),
        "External" => status.external.as_ref().map(|reading| &reading.current),
        _ => None,
    }
}

fn quantity(amount: Option<&Quantity>) -> String {
    amount.map_or("<nil>".to_owned(), ToString::to_string)
}

/// The current value and the target, if known.
struct Pair {
    current: String,
    target: String,
}

fn average(reading: Option<&MetricValueStatus>, target: &MetricTarget) -> Pair {
    let current = reading.map(|reading| quantity(reading.average_value.as_ref()));
    Pair {
        current: current.unwrap_or_else(|| UNKNOWN.to_owned()),
        target: quantity(target.average_value.as_ref()),
    }
}

fn total(reading: Option<&MetricValueStatus>, target: &MetricTarget) -> Pair {
    let current = reading.map(|reading| quantity(reading.value.as_ref()));
    Pair {
        current: current.unwrap_or_else(|| UNKNOWN.to_owned()),
        target: quantity(target.value.as_ref()),
    }
}

/// Whether the average usage is printed beside the percentage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Usage {
    Beside,
    LeftOut,
}

fn utilization(reading: Option<&MetricValueStatus>, target: &MetricTarget, usage: Usage) -> Pair {
    let current = reading.and_then(|reading| {
        let percent = reading.average_utilization?;
        Some(match usage {
            Usage::Beside => format!("{percent}% ({})", quantity(reading.average_value.as_ref())),
            Usage::LeftOut => format!("{percent}%"),
        })
    });
    let target = target.average_utilization;
    Pair {
        current: current.unwrap_or_else(|| UNKNOWN.to_owned()),
        target: target.map_or("<auto>".to_owned(), |percent| format!("{percent}%")),
    }
}

/// A metric's line of `kubectl describe`: name, tab, values.
fn metric_line(metric: &MetricSpec, reading: Option<&MetricValueStatus>) -> String {
    let line = |name: &str, pair: &Pair| format!("{name}:\t{} / {}", pair.current, pair.target);
    let resource = |name: &str, target: &MetricTarget| {
        if target.average_value.is_some() {
            line(name, &average(reading, target))
        } else {
            let pair = utilization(reading, target, Usage::Beside);
            line(&format!("{name}  (as a percentage of request)"), &pair)
        }
    };
    if let ("External", Some(source)) = (metric.r#type.as_str(), &metric.external) {
        let name = &source.metric.name;
        if source.target.average_value.is_some() {
            let pair = average(reading, &source.target);
            line(&format!("{name:?} (target average value)"), &pair)
        } else {
            line(
                &format!("{name:?} (target value)"),
                &total(reading, &source.target),
            )
        }
    } else if let ("Pods", Some(source)) = (metric.r#type.as_str(), &metric.pods) {
        let name = &source.metric.name;
        line(
            &format!("{name:?} on pods"),
            &average(reading, &source.target),
        )
    } else if let ("Object", Some(source)) = (metric.r#type.as_str(), &metric.object) {
        let object = &source.described_object;
        let name = format!(
            "\"{}\" on {}/{} ",
            source.metric.name, object.kind, object.name
        );
        if source.target.r#type == "AverageValue" {
            let pair = average(reading, &source.target);
            line(&format!("{name}(target average value)"), &pair)
        } else {
            line(
                &format!("{name}(target value)"),
                &total(reading, &source.target),
            )
        }
    } else if let ("Resource", Some(source)) = (metric.r#type.as_str(), &metric.resource) {
        resource(&format!("resource {} on pods", source.name), &source.target)
    } else if let ("ContainerResource", Some(source)) =
        (metric.r#type.as_str(), &metric.container_resource)
    {
        let (name, container) = (&source.name, &source.container);
        resource(
            &format!("resource {name} of container \"{container}\" on pods"),
            &source.target,
        )
    } else {
        format!("<unknown metric type {:?}>", metric.r#type)
    }
}

fn rules(direction: &str, rules: Option<&ScalingRules>, out: &mut String) {
    let Some(rules) = rules else { return };
    *out += &format!("  {direction}:\n");
    if let Some(seconds) = rules.stabilization_window_seconds {
        *out += &format!("    Stabilization Window: {seconds} seconds\n");
    }
    let policies = rules.policies.as_deref().unwrap_or_default();
    if policies.is_empty() {
        return;
    }
    let select = rules.select_policy.as_deref().unwrap_or("Max");
    *out += &format!("    Select Policy: {select}\n    Policies:\n");
    for policy in policies {
        *out += &format!(
            "      - Type: {}\tValue: {}\tPeriod: {} seconds\n",
            policy.r#type, policy.value, policy.period_seconds
        );
    }
}

/// The autoscaler's events until `time`, latest last; empty if there are none.
fn events(trace: &Trace, time: Timestamp) -> String {
    let about = trace
        .events
        .iter()
        .filter(|event| event.about == About::Autoscaler);
    let mut known: Vec<_> = about
        .filter_map(|event| Some((event.as_of(time)?, event)))
        .collect();
    known.sort_by_key(|((last, _), _)| *last);
    let mut out = String::new();
    for ((last, count), event) in known {
        if out.is_empty() {
            out += "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n";
        }
        let since = age(time - event.first);
        let when = if count > 1 {
            format!("{} (x{count} over {since})", age(time - last))
        } else {
            since
        };
        let told = &event.event;
        let message = told.message.to_string();
        out += &format!(
            "  {}\t{}\t{when}\thorizontal-pod-autoscaler\t{}\n",
            told.kind,
            told.reason,
            message.trim()
        );
    }
    out
}

/// The column TARGETS: at most two metrics, and the number of further ones.
fn targets(metrics: &[MetricSpec], status: &HorizontalPodAutoscalerStatus) -> String {
    const SHOWN: usize = 2;
    if metrics.is_empty() {
        return "<none>".to_owned();
    }
    let current = status.current_metrics.as_deref().unwrap_or_default();
    let all = metrics.iter().enumerate().map(|(index, metric)| {
        let reading = current.get(index).and_then(|status| value(metric, status));
        target_cell(metric, reading)
    });
    let shown = all.take(SHOWN).collect::<Vec<_>>().join(", ");
    match metrics.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} + {more} more..."),
    }
}

fn target_cell(metric: &MetricSpec, reading: Option<&MetricValueStatus>) -> String {
    let cell = |pair: &Pair| format!("{}/{}", pair.current, pair.target);
    let either = |target: &MetricTarget| {
        if target.average_value.is_some() {
            format!("{} (avg)", cell(&average(reading, target)))
        } else {
            cell(&total(reading, target))
        }
    };
    let resource = |name: &str, target: &MetricTarget| {
        let pair = if target.average_value.is_some() {
            average(reading, target)
        } else {
            utilization(reading, target, Usage::LeftOut)
        };
        format!("{name}: {}", cell(&pair))
    };
    match metric.r#type.as_str() {
        "External" => metric
            .external
            .as_ref()
            .map(|source| either(&source.target)),
        "Object" => metric.object.as_ref().map(|source| either(&source.target)),
        "Pods" => metric
            .pods
            .as_ref()
            .map(|source| cell(&average(reading, &source.target))),
        "Resource" => metric
            .resource
            .as_ref()
            .map(|source| resource(&source.name, &source.target)),
        "ContainerResource" => metric
            .container_resource
            .as_ref()
            .map(|source| resource(&source.name, &source.target)),
        _ => None,
    }
    .unwrap_or_else(|| "<unknown type>".to_owned())
}

/// An age in kubectl's format, which is coarser for higher ages.
///
/// Upstream: `apimachinery/pkg/util/duration`, `HumanDuration`.
fn age(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let (days, years) = (hours / 24, hours / 24 / 365);
    let two = |first: i64, unit: &str, rest: i64, small: &str| match rest {
        0 => format!("{first}{unit}"),
        rest => format!("{first}{unit}{rest}{small}"),
    };
    match () {
        () if seconds < -1 => "<invalid>".to_owned(),
        () if seconds < 0 => "0s".to_owned(),
        () if seconds < 120 => format!("{seconds}s"),
        () if minutes < 10 => two(minutes, "m", seconds % 60, "s"),
        () if minutes < 180 => format!("{minutes}m"),
        () if hours < 8 => two(hours, "h", minutes % 60, "m"),
        () if hours < 48 => format!("{hours}h"),
        () if hours < 24 * 8 => two(days, "d", hours % 24, "h"),
        () if hours < 24 * 365 * 2 => format!("{days}d"),
        () if hours < 24 * 365 * 8 => two(years, "y", days % 365, "d"),
        () => format!("{years}y"),
    }
}

/// Aligns tab-terminated cells: a column is as wide as its widest cell plus `padding`, at least
/// `minimum`, and spans the consecutive lines that have a cell in it.
///
/// Upstream: Go's `text/tabwriter`, with spaces.
fn tabulate(text: &str, minimum: usize, padding: usize) -> String {
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let mut out = String::new();
    columns(&lines, &mut Vec::new(), (minimum, padding), &mut out);
    out
}

fn columns(
    lines: &[Vec<&str>],
    widths: &mut Vec<usize>,
    (minimum, padding): (usize, usize),
    out: &mut String,
) {
    let column = widths.len();
    let has_cell = |line: &Vec<&str>| column + 1 < line.len();
    let mut rest = lines;
    while !rest.is_empty() {
        let plain = rest.iter().take_while(|line| !has_cell(line)).count();
        for line in &rest[..plain] {
            write_line(line, widths, out);
        }
        rest = &rest[plain..];
        let block = rest.iter().take_while(|line| has_cell(line)).count();
        if block > 0 {
            let cells = rest[..block]
                .iter()
                .map(|line| line[column].chars().count() + padding);
            widths.push(cells.fold(minimum, usize::max));
            columns(&rest[..block], widths, (minimum, padding), out);
            widths.pop();
        }
        rest = &rest[block..];
    }
}

fn write_line(line: &[&str], widths: &[usize], out: &mut String) {
    for (index, cell) in line.iter().enumerate() {
        out.push_str(cell);
        if let Some(width) = widths.get(index) {
            let padding = width.saturating_sub(cell.chars().count());
            out.extend(std::iter::repeat_n(' ', padding));
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests;
