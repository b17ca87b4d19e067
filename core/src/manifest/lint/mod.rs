//! Lints across all objects of a text: valid, but probably not intended.

mod behavior;
mod metrics;
mod targets;

use super::convert;
use super::diagnostic::{Diagnostic, Severity, Span};
use super::document::Document;
use super::path::FieldPath;
use super::source::Source;
use super::versions::ROUND_TRIP;
use super::{Object, Options, Resource, Verdict};
use crate::api::hpa::HorizontalPodAutoscaler;
use crate::api::workload::Workload;

/// An autoscaler and its position.
#[derive(Clone, Copy)]
struct Autoscaler<'a> {
    document: &'a Document,
    hpa: &'a HorizontalPodAutoscaler,
    verdict: Verdict,
}

/// A workload and its position.
#[derive(Clone, Copy)]
struct Target<'a> {
    document: &'a Document,
    workload: &'a Workload,
}

/// The lints of objects, a few at a time.
#[derive(Debug)]
pub(super) struct Lint {
    stage: Stage,
    /// Which autoscaler or workload is next in this stage.
    next: usize,
    counts: [usize; 2],
    targets: targets::Progress,
}

/// What the objects are looked through for, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Each autoscaler on its own.
    Own,
    /// Each autoscaler with its target.
    Targets,
    /// Each autoscaler with the others.
    Rivals,
    /// Each workload with the others.
    Overlap,
    Done,
}

impl Lint {
    pub(super) fn new(objects: &[Object], options: Options) -> Self {
        let (autoscalers, workloads) = sorted(objects);
        Self {
            stage: Stage::Own,
            next: 0,
            counts: [autoscalers.len(), workloads.len()],
            targets: targets::Progress::new(options),
        }
    }

    /// How much has been done [0..1].
    #[expect(clippy::cast_precision_loss, reason = "there are at most thousands")]
    pub(super) fn fraction(&self) -> f64 {
        let [autoscalers, workloads] = self.counts;
        let before = match self.stage {
            Stage::Own => 0,
            Stage::Targets => autoscalers,
            Stage::Rivals => 2 * autoscalers,
            Stage::Overlap => 3 * autoscalers,
            Stage::Done => 3 * autoscalers + workloads,
        };
        (before + self.next) as f64 / (3 * autoscalers + workloads + 1) as f64
    }

    /// Adds the lints of some of `objects`, which were parsed from `sources`. Gives their cost in units
    /// of work; none if there are no more.
    pub(super) fn step(
        &mut self,
        sources: &[Source<'_>],
        objects: &[Object],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        /// What a step costs at least, for finding the objects once more.
        const STEP: usize = 2_000;
        /// What looking at an object costs.
        const LOOK: usize = 100;
        if self.stage == Stage::Done {
            return None;
        }
        let (autoscalers, workloads) = sorted(objects);
        let mut cost = 0;
        while cost < STEP {
            let (count, next) = match self.stage {
                Stage::Own => (autoscalers.len(), Stage::Targets),
                Stage::Targets => (autoscalers.len(), Stage::Rivals),
                Stage::Rivals => (autoscalers.len(), Stage::Overlap),
                Stage::Overlap => (workloads.len(), Stage::Done),
                Stage::Done => break,
            };
            if self.next >= count {
                (self.stage, self.next) = (next, 0);
                continue;
            }
            let index = self.next;
            self.next += 1;
            cost += LOOK;
            match self.stage {
                Stage::Own => cost += own(&autoscalers[index], self.targets.options, diagnostics),
                Stage::Targets => {
                    let looked =
                        self.targets
                            .lint(sources, &autoscalers[index], &workloads, diagnostics);
                    cost += workloads.len() + looked;
                }
                Stage::Rivals => {
                    targets::rivals(&autoscalers, index, diagnostics);
                    cost += autoscalers.len();
                }
                Stage::Overlap => {
                    cost += LOOK + self.targets.overlap(&workloads, index, diagnostics);
                }
                Stage::Done => {}
            }
        }
        Some(STEP + cost)
    }
}

/// The autoscalers and the workloads among these objects.
fn sorted(objects: &[Object]) -> (Vec<Autoscaler<'_>>, Vec<Target<'_>>) {
    let (mut autoscalers, mut workloads) = (Vec::new(), Vec::new());
    for object in objects {
        let document = &object.document;
        match &object.resource {
            Resource::HorizontalPodAutoscaler(hpa) => autoscalers.push(Autoscaler {
                document,
                hpa,
                verdict: object.verdict,
            }),
            Resource::Workload(workload) => workloads.push(Target { document, workload }),
            Resource::Other => {}
        }
    }
    (autoscalers, workloads)
}

/// Adds the lints of an autoscaler on its own. Gives their cost.
fn own(autoscaler: &Autoscaler<'_>, options: Options, diagnostics: &mut Vec<Diagnostic>) -> usize {
    annotations(autoscaler, diagnostics);
    // Too little is known of an invalid autoscaler for the other lints.
    if autoscaler.verdict == Verdict::Accepted {
        limits(autoscaler, diagnostics);
        metrics::lint(autoscaler, diagnostics);
        behavior::lint(autoscaler, options, diagnostics);
    }
    autoscaler.document.root.span.range().len()
}

fn found(
    severity: Severity,
    code: &'static str,
    document: &Document,
    path: FieldPath,
    message: impl Into<String>,
) -> Diagnostic {
    Diagnostic::new(severity, code, document.locate(&path), path, message)
}

/// The span of a single-line value, for a fix.
fn value_span(document: &Document, path: &FieldPath) -> Option<Span> {
    let span = document.root.at(path)?.span;
    span.is_one_line().then_some(span)
}

fn annotations(autoscaler: &Autoscaler<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let document = autoscaler.document;
    let path = FieldPath::new("metadata.annotations");
    for key in ROUND_TRIP {
        let place = path.key(key);
        if document.root.at(&place).is_none() || convert::is_read(document, key) {
            continue;
        }
        let hint = if convert::is_for_v1(document, key) {
            "it is not the JSON that autoscaling/v1 keeps there: use an autoscaling/v2 manifest, as printed by `kubectl get hpa.v2.autoscaling -o yaml`"
        } else {
            "it holds autoscaling/v2 fields in autoscaling/v1: use an autoscaling/v2 manifest, as printed by `kubectl get hpa.v2.autoscaling -o yaml`"
        };
        let message = format!("the annotation {key} is ignored");
        diagnostics.push(
            found(
                Severity::Warning,
                "alpha-annotation",
                document,
                place,
                message,
            )
            .hint(hint),
        );
    }
}

fn limits(autoscaler: &Autoscaler<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let spec = &autoscaler.hpa.spec;
    let min = spec.lower_limit();
    if min == spec.max_replicas {
        diagnostics.push(
            found(
                Severity::Info,
                "fixed-size",
                autoscaler.document,
                FieldPath::new("spec.maxReplicas"),
                format!("minReplicas and maxReplicas are both {min}: the autoscaler never scales"),
            )
            .hint("set maxReplicas above minReplicas"),
        );
    }
    if min == 0 {
        diagnostics.push(
            found(
                Severity::Info,
                "scale-to-zero",
                autoscaler.document,
                FieldPath::new("spec.minReplicas"),
                "at zero replicas, only Object and External metrics have values",
            )
            .hint("enable the feature gate HPAScaleToZero in API server and controller manager; a target that was manually scaled to 0 stays at 0"),
        );
    }
}
