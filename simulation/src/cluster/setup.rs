//! The complete input of a run, as plain data.

use std::ops::Deref;
use std::sync::Arc;

use super::invalid::InvalidSetup;
use super::load::LoadProfile;
use super::nodes::Nodes;
use super::pipeline::{Feed, Pipelines};
use super::startup::Startup;
use super::timeline::{Action, TimelineEvent};
use super::validate;
use super::workload::{CpuLimit, WorkloadModel};
use hpa_core::api::{
    Container, CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    LabelSelector, Labels, MetricSpec, MetricTarget, ObjectMeta, PodSpec, ScaleTargetKind,
    Workload,
};
use hpa_core::autoscaler::ControllerConfig;
use hpa_core::quantity::{Format, Quantity};
use hpa_core::time::{SignedDuration, Timestamp};

/// The validated input of a run: an immutable [`SetupDraft`]. Clones share their data. The default
/// is the php-apache walkthrough.
///
/// ```
/// use hpa_core::time::SignedDuration;
/// use hpa_simulation::cluster::{Setup, SetupDraft};
///
/// let mut draft = SetupDraft::default();
/// draft.model.concurrency = 0;
/// draft.duration = SignedDuration(-1);
/// let invalid = Setup::new(draft).expect_err("two problems");
/// let fields = invalid.problems().iter().map(|problem| problem.field.to_string());
/// assert_eq!(fields.collect::<Vec<_>>(), ["workload.concurrency", "duration"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Setup(Arc<SetupDraft>);

impl Setup {
    /// Validates a draft.
    ///
    /// # Errors
    ///
    /// All problems of the draft with their fields: values outside their [ranges](super::value_ranges),
    /// manifests that the API server would refuse, and runs that would take too long.
    pub fn new(draft: SetupDraft) -> Result<Self, InvalidSetup> {
        InvalidSetup::check(validate::problems(&draft))?;
        Ok(Self(Arc::new(draft)))
    }

    /// A mutable draft with the same values.
    #[must_use]
    pub fn to_draft(&self) -> SetupDraft {
        SetupDraft::clone(self)
    }

    /// A setup with some changes.
    ///
    /// # Errors
    ///
    /// As [`Setup::new`].
    pub fn with(&self, change: impl FnOnce(&mut SetupDraft)) -> Result<Self, InvalidSetup> {
        let mut draft = self.to_draft();
        change(&mut draft);
        Self::new(draft)
    }
}

impl Deref for Setup {
    type Target = SetupDraft;

    fn deref(&self) -> &SetupDraft {
        &self.0
    }
}

impl TryFrom<SetupDraft> for Setup {
    type Error = InvalidSetup;

    fn try_from(draft: SetupDraft) -> Result<Self, InvalidSetup> {
        Self::new(draft)
    }
}

impl Default for Setup {
    fn default() -> Self {
        // Valid, as a test ensures.
        Self(Arc::new(SetupDraft::default()))
    }
}

/// The unvalidated input of a run. The default is the php-apache walkthrough.
///
/// Begin with [`Self::new`] or with the default, and set the fields that differ.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SetupDraft {
    /// The autoscaler, defaulted and validated.
    pub autoscaler: HorizontalPodAutoscaler,
    /// Other autoscalers whose targets' selectors may match the same pods; default none.
    pub neighbors: Vec<Neighbor>,
    /// Its scale target. `spec.replicas` is the initial number of pods.
    pub workload: Workload,
    /// The controller's settings.
    pub controller: ControllerConfig,
    /// When syncs happen.
    pub sync: SyncTiming,
    /// Requests per second.
    pub load: LoadProfile,
    /// The cost of requests.
    pub model: WorkloadModel,
    /// The lifecycle of pods.
    pub startup: Startup,
    /// Nodes, their capacity, and quota.
    pub nodes: Nodes,
    /// The pipelines of the metrics APIs.
    pub pipelines: Pipelines,
    /// Sources of the autoscaler's metrics other than resources; a metric that is not listed uses the
    /// signal that its name suggests.
    pub feeds: Vec<Feed>,
    /// Events during the run.
    pub timeline: Vec<TimelineEvent>,
    /// The duration of the run; default 30 min.
    pub duration: SignedDuration,
    /// The seed of all random numbers; default 1.
    pub seed: u64,
    /// The maximum step while the load changes or requests wait; default 5 s.
    pub max_step: SignedDuration,
}

impl SetupDraft {
    /// An autoscaler, what it scales, and the load on that; everything else is as by default.
    ///
    /// ```
    /// use hpa_core::api::{Container, Labels, ObjectMeta, PodSpec, ScaleTargetKind, Workload};
    /// use hpa_core::manifest;
    /// use hpa_core::quantity::Quantity;
    /// use hpa_simulation::cluster::{LoadProfile, Setup, SetupDraft};
    /// # use hpa_core::api::{
    /// #     CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec,
    /// #     MetricSpec, MetricTarget,
    /// # };
    /// # let names = ObjectMeta::new("prod", "web");
    /// # let target = CrossVersionObjectReference::new("apps/v1", "Deployment", "web");
    /// # let cpu = MetricSpec::resource("cpu", MetricTarget::utilization(50));
    /// # let spec = HorizontalPodAutoscalerSpec::new(target, 10).with_metric(cpu);
    /// # let mut autoscaler = HorizontalPodAutoscaler::new(names.clone(), spec);
    /// # manifest::default_hpa(&mut autoscaler);
    ///
    /// let labels = Labels::from([(String::from("app"), String::from("web"))]);
    /// let pods = PodSpec::new([Container::new("web").with_request("cpu", Quantity::parse("200m")?)]);
    /// let mut workload = Workload::new(ScaleTargetKind::DEPLOYMENT, names, labels, pods);
    /// manifest::default_workload(&mut workload);
    ///
    /// let mut draft = SetupDraft::new(autoscaler, workload, LoadProfile::constant(50.0));
    /// draft.model.cpu_per_request = 0.02;
    /// let setup = Setup::new(draft).expect("valid");
    /// # assert_eq!(setup.model.cpu_per_request, 0.02);
    /// # Ok::<(), hpa_core::quantity::QuantityError>(())
    /// ```
    #[must_use]
    pub fn new(autoscaler: HorizontalPodAutoscaler, workload: Workload, load: LoadProfile) -> Self {
        Self {
            autoscaler,
            neighbors: Vec::new(),
            workload,
            controller: ControllerConfig::default(),
            sync: SyncTiming::default(),
            load,
            model: WorkloadModel::default(),
            startup: Startup::default(),
            nodes: Nodes::default(),
            pipelines: Pipelines::default(),
            feeds: Vec::new(),
            timeline: Vec::new(),
            duration: SignedDuration::from_secs(1800),
            seed: 1,
            max_step: SignedDuration::from_secs(5),
        }
    }

    /// The autoscaler at `time`, including the timeline's edits.
    #[must_use]
    pub fn autoscaler_at(&self, time: Timestamp) -> &HorizontalPodAutoscaler {
        let edits = self.timeline.iter().filter_map(|event| {
            let Action::EditAutoscaler(edited) = &event.action else {
                return None;
            };
            (Timestamp::default() + event.at <= time).then_some((event.at, &**edited))
        });
        edits
            .max_by_key(|(at, _)| *at)
            .map_or(&self.autoscaler, |(_, edited)| edited)
    }
}

impl Default for SetupDraft {
    fn default() -> Self {
        let load = LoadProfile::default();
        let mut draft = Self::new(php_apache_autoscaler(), php_apache_workload(), load);
        // The walkthrough reports 305 % of a 200m request beside a limit of 500m.
        draft.model.cpu_limit = CpuLimit::Unlimited;
        draft
    }
}

/// When syncs happen.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct SyncTiming {
    /// The time of the first sync; default one sync period after the start.
    pub phase: Option<SignedDuration>,
    /// The maximum random delay of each sync; the next one counts from the delayed one, as in upstream's
    /// queue; default 0.
    pub jitter: SignedDuration,
    /// How long a sync takes, from its reads to its writes; default 0. The next one is due a sync
    /// period after its end, so this slows the autoscaler down as slow metrics and a busy API server
    /// do.
    pub duration: SignedDuration,
}

impl Default for SyncTiming {
    fn default() -> Self {
        Self {
            phase: None,
            jitter: SignedDuration::ZERO,
            duration: SignedDuration::ZERO,
        }
    }
}

/// Another autoscaler whose selector may overlap.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Neighbor {
    /// `namespace/name`.
    pub key: String,
    /// The selector of its target.
    pub selector: LabelSelector,
}

impl Neighbor {
    /// The autoscaler `namespace/name`, and the selector of its target.
    #[must_use]
    pub fn new(key: impl Into<String>, selector: LabelSelector) -> Self {
        let key = key.into();
        Self { key, selector }
    }
}

/// The walkthrough's autoscaler: CPU at 50 % of the request, 1 to 10 pods.
fn php_apache_autoscaler() -> HorizontalPodAutoscaler {
    let target = CrossVersionObjectReference::new("apps/v1", "Deployment", "php-apache");
    let spec = HorizontalPodAutoscalerSpec::new(target, 10)
        .with_min_replicas(1)
        .with_metric(MetricSpec::resource("cpu", MetricTarget::utilization(50)));
    HorizontalPodAutoscaler::new(ObjectMeta::new("default", "php-apache"), spec)
}

/// The walkthrough's Deployment: one container that requests 200m.
fn php_apache_workload() -> Workload {
    let mut labels = Labels::new();
    labels.insert(String::from("run"), String::from("php-apache"));
    let container = Container::new("php-apache")
        .with_request("cpu", Quantity::from_milli(200, Format::DecimalSi))
        .with_limit("cpu", Quantity::from_milli(500, Format::DecimalSi));
    let names = ObjectMeta::new("default", "php-apache");
    let pods = PodSpec::new([container]);
    Workload::new(ScaleTargetKind::DEPLOYMENT, names, labels, pods).with_replicas(1)
}
