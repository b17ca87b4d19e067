//! What a caller insists on, whatever the texts of an experiment say.

use super::{Defaults, Experiment, Parsed};
use hpa_core::autoscaler::{Arch, FeatureGate, KubernetesVersion};
use hpa_core::manifest::Source;

/// Settings that outrank those of the texts, as a program's flags do.
///
/// ```
/// use hpa_core::autoscaler::KubernetesVersion;
/// use hpa_core::manifest::Source;
/// use hpa_simulation::experiment::{Defaults, Overrides};
///
/// # let text = include_str!("../../experiments/php-apache.yaml");
/// let release = KubernetesVersion::parse("1.34").expect("a modelled release");
/// let overrides = Overrides::default().release(release);
/// let parsed = overrides.parse_sources(&[Source::from(text)], Defaults::default());
/// let experiment = parsed.experiment.expect("a valid experiment");
/// assert_eq!(experiment.setup.controller.version, release);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overrides {
    /// The Kubernetes release, instead of `kubernetesVersion` or the one that a text was saved for.
    pub release: Option<KubernetesVersion>,
    /// The processor of the control plane, instead of `arch`.
    pub arch: Option<Arch>,
    /// Feature gates, after those of `featureGates`.
    pub gates: Vec<(FeatureGate, bool)>,
    /// The autoscaler to simulate, instead of the field `autoscaler`: its name, or `namespace/name`.
    pub autoscaler: Option<String>,
}

impl Overrides {
    /// With this release.
    #[must_use]
    pub fn release(mut self, release: KubernetesVersion) -> Self {
        self.release = Some(release);
        self
    }

    /// With this processor.
    #[must_use]
    pub fn arch(mut self, arch: Arch) -> Self {
        self.arch = Some(arch);
        self
    }

    /// With one more feature gate turned on or off.
    #[must_use]
    pub fn gate(mut self, gate: FeatureGate, on: bool) -> Self {
        self.gates.push((gate, on));
        self
    }

    /// With this autoscaler: its name, or `namespace/name`.
    #[must_use]
    pub fn autoscaler(mut self, name: impl Into<String>) -> Self {
        self.autoscaler = Some(name.into());
        self
    }

    /// As [`Experiment::parse_sources`], with these overrides.
    #[must_use]
    pub fn parse_sources(self, sources: &[Source<'_>], defaults: Defaults) -> Parsed {
        Experiment::read(sources, defaults)
            .overridden(self)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hpa_core::manifest::Severity;
    use test_support::{autoscaler, check_each};

    fn two() -> String {
        let first = autoscaler("  minReplicas: 1\n  maxReplicas: 3\n");
        let second = first.replace("{name: web}", "{name: web, namespace: shop}");
        assert_ne!(first, second);
        format!("{first}---\n{second}")
    }

    fn parse(overrides: Overrides, text: &str) -> Parsed {
        overrides.parse_sources(&[Source::from(text)], Defaults::default())
    }

    #[test]
    fn an_autoscaler_is_chosen_by_namespace_and_name_or_by_a_name_that_is_unique() {
        let name = parse(Overrides::default(), &two())
            .experiment
            .map(|experiment| experiment.setup.autoscaler.metadata.name.clone())
            .expect("the first one runs");
        let rows = [
            (format!("shop/{name}"), Ok("shop")),
            (format!("default/{name}"), Ok("default")),
            (
                name.clone(),
                Err(format!("name one of default/{name}, shop/{name}")),
            ),
            (
                String::from("shop/none"),
                Err(format!("there are default/{name}, shop/{name}")),
            ),
        ];
        check_each(rows, |(wanted, expected)| {
            let parsed = parse(Overrides::default().autoscaler(&*wanted), &two());
            let chosen = parsed
                .experiment
                .map(|experiment| experiment.setup.autoscaler.metadata.namespace.clone());
            let mut errors = parsed.diagnostics.iter();
            let error = errors.find(|problem| problem.severity == Severity::Error);
            match expected {
                Ok(namespace) => assert_eq!(chosen.as_deref(), Some(namespace)),
                Err(hint) => {
                    assert_eq!(chosen, None);
                    assert_eq!(error.and_then(|error| error.hint.clone()), Some(hint));
                }
            }
        });
    }

    #[test]
    fn release_and_gates_outrank_those_of_the_text() {
        let text = two()
            + "---\napiVersion: hpa-playground/v1\nkind: Experiment\nkubernetesVersion: \"1.35\"\n";
        let old = KubernetesVersion::parse("1.33").expect("a modelled release");
        let overrides = Overrides::default()
            .release(old)
            .gate(FeatureGate::HpaConfigurableTolerance, true);
        let parsed = parse(overrides, &text);
        let controller = parsed
            .experiment
            .expect("a valid experiment")
            .setup
            .controller
            .clone();
        assert_eq!(controller.version, old);
        assert!(
            controller
                .gates
                .is_on(FeatureGate::HpaConfigurableTolerance)
        );
    }
}
