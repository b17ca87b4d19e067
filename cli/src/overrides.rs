//! Options that outrank what the files of an experiment say.

use clap::Args;
use hpa_core::autoscaler::{Arch, KubernetesVersion};
use hpa_simulation::experiment::Overrides;

/// What to simulate instead of what the files say.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct OverrideOptions {
    /// Simulate this autoscaler, as name or namespace/name
    #[arg(long, value_name = "NAME")]
    autoscaler: Option<String>,
    /// Simulate this Kubernetes release instead of the experiment's
    #[arg(long, value_name = "RELEASE", value_parser = release)]
    kubernetes_version: Option<KubernetesVersion>,
    /// Simulate a control plane on this processor instead of the experiment's, amd64 or arm64
    #[arg(long, value_name = "ARCH", value_parser = arch)]
    arch: Option<Arch>,
}

impl OverrideOptions {
    pub(crate) fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        overrides.autoscaler.clone_from(&self.autoscaler);
        overrides.release = self.kubernetes_version;
        overrides.arch = self.arch;
        overrides
    }
}

/// Reads a processor.
fn arch(text: &str) -> anyhow::Result<Arch> {
    let [first, second] = Arch::ALL;
    Arch::parse(text).ok_or_else(|| anyhow::anyhow!("supported are {first} and {second}"))
}

/// Reads a release.
pub(crate) fn release(text: &str) -> anyhow::Result<KubernetesVersion> {
    KubernetesVersion::parse(text).ok_or_else(|| anyhow::anyhow!(KubernetesVersion::supported()))
}
