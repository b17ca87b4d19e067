//! Lowers the version, feature gates and controller manager flags of the experiment document.

use super::super::document::{ArchDocument, ExperimentDocument, SyncDocument};
use super::super::problems::Problems;
use super::super::value::{Amount, Scalar, Text};
use super::super::{Defaults, Overrides};
use crate::cluster::SyncTiming;
use hpa_core::api::{Change, GateError};
use hpa_core::autoscaler::{Arch, ControllerConfig, FeatureGate, KubernetesVersion};
use hpa_core::manifest::{FieldPath, Severity};
use hpa_core::time::SignedDuration;

const PREFIX: &str = "horizontal-pod-autoscaler-";
/// The flags with that prefix, which is omitted here.
const FLAGS: [&str; 5] = [
    "sync-period",
    "downscale-stabilization",
    "tolerance",
    "cpu-initialization-period",
    "initial-readiness-delay",
];
const CONCURRENT: &str = "concurrent-horizontal-pod-autoscaler-syncs";

/// The controller's settings.
pub(super) fn config(
    given: &ExperimentDocument,
    (defaults, overrides): (Defaults, &Overrides),
    problems: &mut Problems<'_>,
) -> ControllerConfig {
    let mut version = defaults.release;
    if let Some(Text(text)) = &given.kubernetes_version {
        match KubernetesVersion::parse(text) {
            Some(parsed) => version = parsed,
            None => problems.hint(
                &FieldPath::new("kubernetesVersion"),
                format!(
                    "unknown version {text:?}: {}",
                    KubernetesVersion::supported()
                ),
                "quote it: unquoted, 1.30 is the number 1.3",
            ),
        }
    }
    let version = overrides.release.unwrap_or(version);
    let mut config = ControllerConfig::of_version(version);
    for (name, on) in &given.next {
        let path = FieldPath::new("next").child(name);
        let known = Change::switches().find(|(_, known, _)| known == name);
        match known {
            Some((change, ..)) if version == KubernetesVersion::NEXT => {
                config.rules = if *on {
                    config.rules.with(change)
                } else {
                    config.rules.without(change)
                };
            }
            Some(_) => {
                let problem = problems.error(&path, format!("Kubernetes {version} is released"));
                problem.hint = Some(String::from("switches need kubernetesVersion: next"));
            }
            None => {
                let names: Vec<&str> = Change::switches().map(|(_, name, _)| name).collect();
                let problem = problems.error(&path, format!("unknown switch {name:?}"));
                problem.hint = Some(format!("known are {}", names.join(", ")));
                problem.choices = names.into_iter().map(str::to_owned).collect();
            }
        }
    }
    config.arch = overrides.arch.unwrap_or(match given.arch {
        ArchDocument::Amd64 => Arch::Amd64,
        ArchDocument::Arm64 => Arch::Arm64,
    });
    for (name, on) in &given.feature_gates {
        let Err(error) = config.gates.set_in(version, name, *on) else {
            continue;
        };
        let path = FieldPath::new("featureGates").child(name);
        let problem = problems.error(&path, error.to_string());
        if matches!(error, GateError::Unrecognized(_)) {
            let names: Vec<&str> = FeatureGate::all()
                .filter(|gate| gate.in_release(version).is_some())
                .map(FeatureGate::name)
                .collect();
            problem.hint = Some(format!("{version} has {}", names.join(", ")));
            problem.choices = names.into_iter().map(str::to_owned).collect();
        } else {
            problem.hint = Some(String::from("leave it out"));
        }
    }
    for (gate, on) in &overrides.gates {
        config.gates.set(*gate, *on);
    }
    for (name, value) in &given.controller {
        set(&mut config, name, &value.0, problems);
    }
    config
}

fn set(config: &mut ControllerConfig, name: &str, value: &str, problems: &mut Problems<'_>) {
    let path = FieldPath::new("controller").child(name);
    let flag = name.strip_prefix("--").unwrap_or(name);
    let flag = flag.strip_prefix(PREFIX).unwrap_or(flag);
    let (field, low) = match flag {
        "sync-period" => (&mut config.sync_period, SignedDuration::from_secs(1)),
        "downscale-stabilization" => (&mut config.downscale_stabilization, SignedDuration::ZERO),
        "cpu-initialization-period" => {
            (&mut config.cpu_initialization_period, SignedDuration::ZERO)
        }
        "initial-readiness-delay" => (&mut config.initial_readiness_delay, SignedDuration::ZERO),
        "tolerance" => {
            match Amount::read(value) {
                Ok(Amount(value)) => config.tolerance = problems.within(&path, value, 0.0, 1e6),
                Err(error) => _ = problems.error(&path, error.to_string()),
            }
            return;
        }
        CONCURRENT => {
            match value.parse::<u32>() {
                Ok(count) if count > 0 => config.concurrent_syncs = count,
                _ => _ = problems.error(&path, format!("{value:?} is not a number of at least 1")),
            }
            return;
        }
        "upscale-delay" | "downscale-delay" | "use-rest-clients" => {
            problems
                .add(
                    Severity::Warning,
                    "removed-flag",
                    &path,
                    format!("--{PREFIX}{flag} was removed and has no effect"),
                )
                .hint = Some(String::from(
                "stabilization windows replaced the delays in Kubernetes 1.12",
            ));
            return;
        }
        _ => {
            let problem = problems.error(&path, format!("unknown flag {name:?}"));
            problem.hint = Some(format!("known are {}, {CONCURRENT}", FLAGS.join(", ")));
            let flags = FLAGS.iter().chain([&CONCURRENT]);
            problem.choices = flags.map(|&flag| flag.to_owned()).collect();
            return;
        }
    };
    match SignedDuration::parse(value) {
        Ok(value) => {
            *field = problems.time(&path, value, low, SignedDuration::from_secs(24 * 3600));
        }
        Err(error) => _ = problems.error(&path, error.to_string()),
    }
}

/// When syncs happen.
pub(super) fn sync(given: &SyncDocument, problems: &mut Problems<'_>) -> SyncTiming {
    let path = FieldPath::new("sync");
    let hour = SignedDuration::from_secs(3600);
    let mut time =
        |name, value| problems.time(&path.child(name), value, SignedDuration::ZERO, hour);
    SyncTiming {
        phase: given.phase.map(|phase| time("phase", phase)),
        jitter: time("jitter", given.jitter.unwrap_or_default()),
        duration: time("duration", given.duration.unwrap_or_default()),
    }
}
