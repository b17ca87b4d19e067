//! Lints of autoscalers against the workloads of the same text: missing targets, overlapping
//! selectors, and metrics that cannot be measured.

use std::collections::BTreeMap;

use super::{Autoscaler, Target, found};
use crate::api::hpa::MetricSpec;
use crate::api::pod::{Container, RunningContainer};
use crate::api::release::FeatureGate;
use crate::api::{self, Selector};
use crate::manifest::Options;
use crate::manifest::diagnostic::{Diagnostic, Position, Severity, Span};
use crate::manifest::known;
use crate::manifest::path::FieldPath;
use crate::manifest::source::Source;
use crate::quantity::Quantity;

/// The maximum number of containers checked, over all metrics of all autoscalers of a text.
const MAX_LOOKED_AT: usize = 100_000;

/// What these lints remember from one object to the next.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) options: Options,
    /// How many containers may still be looked at.
    room: usize,
    /// How many labels have been compared.
    compared: usize,
    /// The selectors of the workloads so far; none of those that select nothing.
    selectors: Vec<Option<Selector>>,
}

impl Progress {
    pub(super) const fn new(options: Options) -> Self {
        Self {
            options,
            room: MAX_LOOKED_AT,
            compared: 0,
            selectors: Vec::new(),
        }
    }

    /// Adds the lints of an autoscaler and its target. Gives how many containers were looked at.
    pub(super) fn lint(
        &mut self,
        sources: &[Source<'_>],
        autoscaler: &Autoscaler<'_>,
        workloads: &[Target<'_>],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> usize {
        let Some(target) = autoscaler.target(workloads) else {
            not_found(autoscaler, workloads, diagnostics);
            return 0;
        };
        replicas(sources, autoscaler, target, diagnostics);
        let pod = &target.workload.spec.template.spec;
        let containers = 1 + pod.containers.len() + pod.init_containers.len();
        let before = self.room;
        for (index, metric) in autoscaler.hpa.spec.metrics.iter().enumerate() {
            let Some(left) = self.room.checked_sub(containers) else {
                break;
            };
            self.room = left;
            let measured = Measured {
                metric,
                path: FieldPath::new("spec.metrics").index(index),
                target,
            };
            requests(autoscaler, &measured, self.options, diagnostics);
        }
        before - self.room
    }
}

impl<'a> Autoscaler<'a> {
    fn target<'b>(&self, workloads: &'b [Target<'a>]) -> Option<&'b Target<'a>> {
        let wanted = &self.hpa.spec.scale_target_ref;
        workloads.iter().find(|target| {
            target.document.kind == wanted.kind
                && target.workload.metadata.name == wanted.name
                && target.workload.metadata.namespace == self.hpa.metadata.namespace
        })
    }

    fn key(&self) -> String {
        let metadata = &self.hpa.metadata;
        format!("{}/{}", metadata.namespace, metadata.name)
    }
}

/// Each apply of a manifest with `spec.replicas` overrides the autoscaler.
fn replicas(
    sources: &[Source<'_>],
    autoscaler: &Autoscaler<'_>,
    target: &Target<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(entry) = target
        .document
        .root
        .entry("spec")
        .and_then(|spec| spec.value.entry("replicas"))
    else {
        return;
    };
    let path = FieldPath::new("spec.replicas");
    let message = format!(
        "spec.replicas is set although the autoscaler {} manages it: each apply of this manifest resets it",
        autoscaler.hpa.metadata.name
    );
    let mut diagnostic = found(
        Severity::Warning,
        "replicas-beside-autoscaler",
        target.document,
        path,
        message,
    )
    .hint("remove it; if the manifest was applied before, first transfer ownership of the field, or the count briefly drops to 1");
    diagnostic.span.start = entry.key_span.start;
    let written = Span {
        end: entry.value.span.end,
        ..entry.key_span
    };
    if let Some(line) = whole_line(sources, written) {
        diagnostic = diagnostic.fix("remove spec.replicas".to_owned(), line, String::new());
    }
    diagnostics.push(diagnostic);
}

/// The line of `span` with its line break, if nothing else is on it.
fn whole_line(sources: &[Source<'_>], span: Span) -> Option<Span> {
    let Span { source, start, end } = span;
    let text = sources.get(source.index())?.text();
    let before = text.get(..start.byte)?;
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let after = text.get(end.byte..)?;
    let line_end = after.find('\n').map_or(after.len(), |at| at + 1);
    let alone = before[line_start..].trim().is_empty() && after[..line_end].trim().is_empty();
    (alone && span.is_one_line()).then_some(Span {
        source,
        start: Position {
            byte: line_start,
            line: start.line,
            column: 1,
        },
        end: Position {
            byte: end.byte + line_end,
            line: end.line + 1,
            column: 1,
        },
    })
}

/// The maximum number of names compared with a name without a workload.
const MAX_NAMES: usize = 100;

fn not_found(
    autoscaler: &Autoscaler<'_>,
    workloads: &[Target<'_>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let wanted = &autoscaler.hpa.spec.scale_target_ref;
    if wanted.name.is_empty() || wanted.kind.is_empty() {
        return;
    }
    let path = FieldPath::new("spec.scaleTargetRef.name");
    let message = format!("{} {} is not in this text", wanted.kind, wanted.name);
    let add = |severity, message: String| {
        found(
            severity,
            "target-not-found",
            autoscaler.document,
            path.clone(),
            message,
        )
    };
    let namespace = &autoscaler.hpa.metadata.namespace;
    let elsewhere = workloads.iter().find(|target| {
        target.document.kind == wanted.kind && target.workload.metadata.name == wanted.name
    });
    let other_kind = workloads
        .iter()
        .find(|target| target.workload.metadata.name == wanted.name);
    let names = workloads
        .iter()
        .map(|target| &*target.workload.metadata.name)
        .take(MAX_NAMES);
    diagnostics.push(if workloads.is_empty() {
        add(Severity::Info, message)
            .hint("add its manifest to check its requests, labels and probes")
    } else if let Some(target) = elsewhere {
        let other = &target.workload.metadata.namespace;
        add(
            Severity::Warning,
            format!("{message}'s namespace {namespace}, but in namespace {other}"),
        )
        .hint("an autoscaler and its target must be in the same namespace")
    } else if let Some(target) = other_kind {
        let kind = &target.document.kind;
        add(Severity::Warning, message)
            .hint(format!("{} is a {kind}: set kind: {kind}", wanted.name))
    } else if let Some(name) = known::nearest(&wanted.name, names) {
        let diagnostic = add(Severity::Warning, message).hint(format!("did you mean {name}?"));
        match super::value_span(autoscaler.document, &path) {
            Some(span) => diagnostic.fix(format!("write {name}"), span, name.to_owned()),
            None => diagnostic,
        }
    } else {
        add(Severity::Warning, message).hint("compare the name with the workload's metadata.name")
    });
}

/// A metric, its position, and the workload that it measures.
struct Measured<'a> {
    metric: &'a MetricSpec,
    path: FieldPath,
    target: &'a Target<'a>,
}

/// Upstream: `pkg/controller/podautoscaler/replica_calculator.go`, `calculateRequests`.
fn requests(
    autoscaler: &Autoscaler<'_>,
    measured: &Measured<'_>,
    options: Options,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Measured {
        metric,
        path,
        target,
    } = measured;
    let (name, goal, container) = if let Some(source) = &metric.resource {
        (&source.name, &source.target, None)
    } else if let Some(source) = &metric.container_resource {
        (&source.name, &source.target, Some(&source.container))
    } else {
        return;
    };
    let pod = &target.workload.spec.template.spec;
    let running: Vec<RunningContainer<'_>> = pod.running_containers().collect();
    let workload = &target.workload.metadata.name;
    if let Some(wanted) = container
        && !running
            .iter()
            .any(|running| running.container.name == *wanted)
    {
        let names = running.iter().map(|running| &*running.container.name);
        let hint = known::nearest(wanted, names).map_or_else(
            || format!("{workload} has no container with this name"),
            |name| format!("did you mean {name}?"),
        );
        diagnostics.push(
            found(
                Severity::Warning,
                "container-not-found",
                autoscaler.document,
                path.child("containerResource").child("container"),
                format!("container {wanted} not found in Pod {workload}-…"),
            )
            .hint(hint),
        );
    }
    let api::Target::Utilization(utilization) = api::Target::of_resource(goal) else {
        return;
    };
    if container.is_none()
        && options.gates.is_on(FeatureGate::PodLevelResources)
        && pod.has_pod_level_requests()
    {
        whole_pod(target, name, diagnostics);
        return;
    }
    let counted = running
        .iter()
        .filter(|running| container.is_none_or(|wanted| running.container.name == *wanted));
    for counted in counted {
        let place = FieldPath::new("spec.template.spec")
            .child(counted.field)
            .index(counted.index);
        if !counted.container.resources.requests.contains_key(name) {
            let hint = if counted.container.is_sidecar() {
                format!(
                    "sidecars count too: set resources.requests.{name} on it, or use a ContainerResource metric"
                )
            } else {
                format!(
                    "utilization is a percentage of the request: set resources.requests.{name} on every container, or use an averageValue target"
                )
            };
            diagnostics.push(
                found(
                    Severity::Warning,
                    "missing-request",
                    target.document,
                    place.child("resources"),
                    format!(
                        "failed to get {name} utilization: missing request for {name} in container {} of Pod {workload}-…",
                        counted.container.name
                    ),
                )
                .hint(hint),
            );
        } else if name == "cpu" && running.len() == 1 {
            capped(target, counted.container, &place, utilization, diagnostics);
        }
    }
}

/// With pod-level requests, the containers need not all request `name`.
fn whole_pod(target: &Target<'_>, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let pod = &target.workload.spec.template.spec;
    let workload = &target.workload.metadata.name;
    let all = pod.containers.iter().chain(&pod.init_containers);
    let requests = all.map(|container| &container.resources.requests);
    let whole = pod.resources.iter().map(|pod| &pod.requests);
    let mut sources = requests.chain(whole).chain([&pod.overhead]);
    if !sources.any(|requests| requests.contains_key(name)) {
        diagnostics.push(
            found(
                Severity::Warning,
                "missing-request",
                target.document,
                FieldPath::new("spec.template.spec.resources"),
                format!("failed to get {name} utilization: missing pod-level request for {name} in Pod {workload}-…"),
            )
            .hint(format!("utilization is a percentage of the request: set resources.requests.{name} on the pod or its containers")),
        );
    }
}

/// A container is throttled at its limit: with a target above it, there is never a scale-up.
fn capped(
    target: &Target<'_>,
    container: &Container,
    place: &FieldPath,
    utilization: i32,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let milli = |list: &BTreeMap<String, Quantity>| list.get("cpu").map(Quantity::milli_value);
    if let (Some(request), Some(limit)) = (
        milli(&container.resources.requests),
        milli(&container.resources.limits),
    ) && request > 0
        && let Some(percent) = api::utilization_percent(limit, request)
        && percent <= utilization
    {
        diagnostics.push(
            found(
                Severity::Warning,
                "target-above-limit",
                target.document,
                place.child("resources").child("limits").key("cpu"),
                format!(
                    "the CPU limit is {percent} percent of the request, so utilization never exceeds the target of {utilization} percent"
                ),
            )
            .hint("raise the limit, or lower the target"),
        );
    }
}

/// The number of names listed before the rest is only counted.
const NAMED: usize = 10;

/// Several autoscalers with the same target: upstream scales none of them.
pub(super) fn rivals(
    autoscalers: &[Autoscaler<'_>],
    index: usize,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let second = &autoscalers[index];
    let metadata = &second.hpa.metadata;
    let target = &second.hpa.spec.scale_target_ref;
    let is_rival = |other: &&Autoscaler<'_>| {
        let wanted = &other.hpa.spec.scale_target_ref;
        (&wanted.name, &wanted.kind) == (&target.name, &target.kind)
            && other.hpa.metadata.namespace == metadata.namespace
    };
    // The group is reported once, at its second autoscaler.
    if target.name.is_empty() || autoscalers[..index].iter().filter(is_rival).count() != 1 {
        return;
    }
    let group: Vec<&Autoscaler<'_>> = autoscalers.iter().filter(is_rival).collect();
    let (kind, name) = (&target.kind, &target.name);
    let named = group.iter().take(NAMED);
    let mut keys: Vec<String> = named.map(|autoscaler| autoscaler.key()).collect();
    if group.len() > NAMED {
        keys.push(format!("and {} more", group.len() - NAMED));
    }
    let neither = if group.len() == 2 { "neither" } else { "none" };
    let place = FieldPath::new("spec.scaleTargetRef");
    let problem = found(
        Severity::Warning,
        "ambiguous-target",
        second.document,
        place.clone(),
        format!(
            "pods of {kind} {name} are controlled by multiple HPAs: [{}]",
            keys.join(" ")
        ),
    )
    .hint(format!("{neither} of them will scale (AmbiguousSelector): put all metrics into one HorizontalPodAutoscaler"));
    let others = group.iter().take(NAMED);
    let others = others.filter(|other| !std::ptr::eq(other.document, second.document));
    diagnostics.push(others.fold(problem, |problem, other| {
        let message = format!("the target of {} is here", other.key());
        problem.related(other.document.locate(&place), message)
    }));
}

/// The maximum number of selector requirements compared, over all pairs of workloads.
const MAX_COMPARED: usize = 1_000_000;

impl Progress {
    /// Pods that two workloads select are counted by the autoscalers of both. Each workload is reported
    /// with the first earlier one that it overlaps; workloads come in their order. Gives how many
    /// requirements were compared.
    pub(super) fn overlap(
        &mut self,
        workloads: &[Target<'_>],
        index: usize,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> usize {
        let before = self.compared;
        let second = &workloads[index];
        let given = &second.workload.spec.selector;
        let requirements = given.match_labels.len() + given.match_expressions.len();
        let selector = Selector::from_label_selector(given).ok();
        self.selectors.push(selector.filter(|_| requirements > 0));
        let (selectors, compared) = (&self.selectors, &mut self.compared);
        let (Some(own), b) = (&selectors[index], &second.workload.metadata) else {
            return 0;
        };
        let labels = &second.workload.spec.template.metadata.labels;
        let first = workloads[..index]
            .iter()
            .zip(selectors)
            .find(|(first, selector)| {
                *compared += 1 + requirements;
                let a = &first.workload.metadata;
                selector.as_ref().is_some_and(|selector| {
                    a.namespace == b.namespace
                        && *compared < MAX_COMPARED
                        && (selector.matches(labels)
                            || own.matches(&first.workload.spec.template.metadata.labels))
                })
            });
        if let Some((first, _)) = first {
            let a = &first.workload.metadata;
            let place = FieldPath::new("spec.selector");
            let other = first.document.locate(&place);
            diagnostics.push(
                found(
                    Severity::Warning,
                    "overlapping-selectors",
                    second.document,
                    place,
                    format!("the selectors of {} and {} match the same pods", a.name, b.name),
                )
                .hint("an autoscaler finds pods by labels only, so it counts those of the other workload too: use distinct labels")
                .related(other, format!("the selector of {} is here", a.name)),
            );
        }
        self.compared - before
    }
}
