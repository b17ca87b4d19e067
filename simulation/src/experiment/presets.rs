//! The shipped experiments: titles and descriptions, and the text of the walkthrough.

/// A shipped experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preset {
    /// Its file below `simulation/experiments/`, without `.yaml`.
    pub file: &'static str,
    /// Its title.
    pub title: &'static str,
    /// A one-line description.
    pub summary: &'static str,
}

/// The walkthrough of the Kubernetes documentation: the first experiment of the page.
pub const PHP_APACHE: &str = include_str!("../../experiments/php-apache.yaml");

const fn preset(file: &'static str, title: &'static str, summary: &'static str) -> Preset {
    Preset {
        file,
        title,
        summary,
    }
}

/// All shipped experiments in display order: the walkthrough, real-world manifests (`case-`),
/// common problems (`pain-`), and common misconceptions (`myth-`).
#[rustfmt::skip]
pub const ALL: &[Preset] = &[
    preset("php-apache", "php-apache, the walkthrough", "305 % of a 50 % target from one pod: 4, then 7, and back after five minutes"),
    preset("case-api-gateway", "A production gateway, 6 to 120", "Doubling every 15 s up, a fifth a minute down"),
    preset("case-ingress-nginx", "ingress-nginx: CPU and memory at 50 %", "A memory target that never lets go"),
    preset("case-argo-server", "argo-cd server: no behavior at all", "At most double, or up to 4: the limits without behavior"),
    preset("case-otel-collector", "OpenTelemetry collector: all kinds of metrics", "Five metrics, and the largest proposal wins"),
    preset("case-knative-activator", "Knative activator: a target of 100 %", "At 100 % a missing pod counts with its whole request"),
    preset("case-knative-hpa-class", "Knative's HPA class: no upper limit, two equal windows", "maxReplicas 2147483647, and a window in both directions"),
    preset("case-tekton-webhook", "Tekton webhook: 1 to 5 at 100 %", "Bursts shorter than the window of the metrics"),
    preset("case-paasta", "Yelp PaaSTA: 30 % a minute down", "Percentages are truncated: 90 goes to 62, not 63"),
    preset("case-skipper-ingress", "Zalando skipper-ingress: the smaller of two steps down", "selectPolicy Min downward, and a metric that is a schedule"),
    preset("case-skipper-redis", "Zalando skipper-redis: a StatefulSet", "Another kind of target: pods start one after the other"),
    preset("case-pega", "Pega: a type that says one thing and a field that says another", "type Value with averageValue: the field counts"),
    preset("case-haproxy", "HAProxy: 900 % up, two pods in ten minutes down", "Scale-up almost without a limit, scale-down of two pods in ten minutes"),
    preset("case-keda-period-below-sync", "KEDA: periods shorter than a sync", "5 percent or 1 pod in 2 s happens once in 15 s"),
    preset("case-both-windows", "Windows in both directions", "300 s on the way up, 600 s on the way down"),
    preset("case-scale-up-disabled", "OpenShift style: scale-up disabled", "selectPolicy Disabled holds one direction, except below minReplicas"),
    preset("pain-01-window-is-a-maximum", "The window is a rolling maximum, not a wait", "A short spike every four minutes holds the count forever"),
    preset("pain-02-slow-scale-down", "Stuck high: one pod a minute", "A policy of one pod a minute takes an hour from 60"),
    preset("pain-03-flapping", "Flapping: noise without a window", "A window of zero follows every swing of the load"),
    preset("pain-04-rolling-update", "A rolling update that drifts upward", "The surge counts in status.replicas, and the tolerance keeps it"),
    preset("pain-05-startup-cpu", "CPU of starting pods causes more pods", "A pod that is ready before it is warm looks busy"),
    preset("pain-06-unready-pods-damp", "Unready pods hold a scale-up back", "While new pods start, they count as using nothing"),
    preset("pain-07-missing-requests", "No request, no utilization", "A percentage of nothing cannot be computed"),
    preset("pain-08-sidecar", "A sidecar dilutes the utilization", "Resource adds up all containers, ContainerResource looks at one"),
    preset("pain-09-broken-metric-blocks", "One broken metric blocks every scale-down", "One metric is enough to scale up; scaling down needs all of them"),
    preset("pain-10-zero-instead-of-failing", "A source that answers 0 instead of failing", "Zero is a value, and the autoscaler believes it"),
    preset("pain-11-memory-never-lets-go", "Memory never lets go", "The largest proposal wins, and memory is not given back"),
    preset("pain-12-value-or-averagevalue", "Value where AverageValue was meant", "A queue of 500 against a Value of 50 multiplies the count at every sync"),
    preset("pain-13-tolerance", "Ten percent of many pods are many pods", "Within tolerance nothing moves, however many pods are missing"),
    preset("pain-14-ceil-keeps-the-last-pod", "Rounding up keeps the last pod", "Two pods leave 2 only at half of the target"),
    preset("pain-15-selectpolicy-min", "selectPolicy Min is the smallest change", "Not the smallest count: downward Min is the slow one"),
    preset("pain-16-periodseconds", "periodSeconds is a budget, not a clock", "Four pods in 600 s are four at once, then none"),
    preset("pain-17-percent-rounding", "80 % of ten pods are nine", "A percentage downward is truncated in binary fractions"),
    preset("pain-18-four-or-double", "4, or double: the limit nobody wrote", "Without behavior a sync at most doubles the count, or reaches 4"),
    preset("pain-19-gitops", "The manifest says 2, and git wins", "kubectl apply with replicas sets the count each time"),
    preset("pain-20-zero-is-off", "Zero replicas switch the autoscaler off", "kubectl scale --replicas=0 disables, it does not pause"),
    preset("pain-21-overlapping-selectors", "Two autoscalers for the same pods", "The selectors of the two targets match each other's pods"),
    preset("pain-22-window-on-the-way-up", "A window on the way up outlasts the peak", "A peak of three minutes within a window of five is never served"),
    preset("pain-23-no-dry-run", "No dry run says what an autoscaler will do", "A smaller maxReplicas under full load acts at the next sync"),
    preset("pain-24-metric-lag", "Scrape, window, sync: the lag adds up", "A scrape each minute of a one-minute mean is up to two minutes late"),
    preset("pain-25-slow-controller", "A sync period of two minutes", "The sync period that is left to a controller with too many autoscalers"),
    preset("myth-three-minutes", "Myth: it scales down after three minutes", "The default window is five minutes since Kubernetes 1.12"),
    preset("myth-wait-after-scale-event", "Myth: it waits 300 s after the last scale event", "The window looks at recommendations; steps follow each other once it has drained"),
    preset("myth-double-every-30s", "Myth: Percent 100 in 30 s doubles every 30 s", "It is a ceiling over a sliding period, and the ratio decides"),
    preset("myth-above-target-scales", "Myth: above 70 % it scales up, below it scales down", "Between 63 and 77 % nothing happens, and ceil keeps small counts"),
    preset("myth-highest-metric-scales", "Myth: CPU at 75 % of 70 % drives the scale-up", "Within tolerance a metric proposes the current count"),
    preset("myth-up-at-once-down-slowly", "Myth: up at once, down slowly", "Up after scrape and sync; down late, but then all at once"),
    preset("myth-seven-at-once", "Myth: 305 % of 50 % goes from 1 to 7", "The formula says 7, the rate limit allows 4 first"),
    preset("myth-a-minute-or-so", "Myth: a minute or so after the load it is back at 1", "At least five minutes after the last high recommendation"),
    preset("myth-max-is-conservative", "Myth: selectPolicy Max is the careful one downward", "Max is the largest change, in both directions"),
    preset("myth-clamped-first", "Myth: the count is clamped to its limits before the window", "Recommendations are stored unclamped, even above maxReplicas"),
    preset("myth-external-averagevalue-only", "Myth: external metrics have AverageValue only", "Value works too, with another denominator"),
    preset("myth-noise-needs-a-window", "Myth: noise of 15 % makes it scale all the time", "The default window absorbs it: the count rises to the peak and stays"),
    preset("myth-kubectl-scale-is-overridden", "Myth: kubectl scale is overridden at the next sync", "Within tolerance the next sync recommends the new count, and so keeps it"),
    preset("myth-disabled-blocks", "Myth: Disabled blocks a direction entirely", "The limits still move the count"),
    preset("myth-20-percent-a-minute", "Myth: 20 % a minute removes 20 %", "20 % of the count at the start of the sliding minute, truncated"),
    preset("myth-minimum-above-zero", "Myth: minReplicas has to be above zero, always", "Scale to zero and back from 1.37 on, by the length of a queue"),
    preset("myth-readiness-delay", "Myth: initial-readiness-delay leaves out pods that are ready", "It only decides whether an unready pod has ever been ready"),
    preset("myth-hpa-with-vpa", "Myth: HPA and VPA can be used together", "Each lower request turns the same load into a higher utilization"),
    preset("myth-any-metric-drives", "Myth: any single metric drives it", "Any metric can scale it up, but a missing one blocks every scale-down"),
];
