//! Reading the fields of a recorded case, under which settings it runs, and comparing.

use hpa_core::autoscaler::{
    Arch, ControllerConfig, FeatureGate, FeatureGates, KubernetesVersion, Rules,
};
use hpa_core::time::SignedDuration;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Compares a case with what this crate computes under a setting; the error says what differs.
pub(crate) type Check<'a> = Box<dyn Fn(&Setting, &Expected<'_>) -> Result<(), String> + 'a>;

/// Decodes a case once, for as many settings as it runs under.
pub(crate) type Prepare = for<'a> fn(&'a Value) -> Check<'a>;

/// The program that a case runs under.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setting {
    pub(crate) version: KubernetesVersion,
    pub(crate) rules: Rules,
    pub(crate) arch: Arch,
    pub(crate) gates: FeatureGates,
}

impl Setting {
    /// A release with the gates that the case sets.
    ///
    /// # Errors
    /// If the release does not take one of the gates.
    pub(crate) fn new(
        case: &Value,
        version: KubernetesVersion,
        arch: Arch,
    ) -> Result<Self, String> {
        let mut gates = FeatureGates::of_version(version);
        for (name, on) in case["gates"].as_object().into_iter().flatten() {
            assert!(
                FeatureGate::parse(name).is_some(),
                "{name} is no gate of the model"
            );
            gates
                .set_in(version, name, *on == true)
                .map_err(|error| error.to_string())?;
        }
        Ok(Self {
            version,
            rules: Rules::of_version(version),
            arch,
            gates,
        })
    }

    /// The setting as the controller takes it, the rest by default.
    pub(crate) fn config(&self) -> ControllerConfig {
        let mut config = ControllerConfig::of_version(self.version);
        config.rules = self.rules;
        config.arch = self.arch;
        config.gates = self.gates;
        config
    }
}

/// What the real code gave: an output, or the changes of another and that one.
#[derive(Clone, Debug)]
pub(crate) struct Expected<'a> {
    /// What changes comes first, the whole output last.
    layers: Vec<&'a Value>,
}

impl<'a> Expected<'a> {
    /// The output that stands in the case, at its top or in its fields.
    pub(crate) fn of_case(case: &'a Value) -> Self {
        Self {
            layers: vec![case.get("out").unwrap_or(case)],
        }
    }

    /// The output of a release on a processor; `None` if the release cannot run the case.
    pub(crate) fn of_release(
        case: &'a Value,
        version: KubernetesVersion,
        arch: Arch,
    ) -> Option<Self> {
        let (outs, mut release) = (&case["outs"], version.to_string());
        let mut next = match arch {
            Arch::Amd64 => None,
            Arch::Arm64 => case["outsArm64"].get(&release),
        };
        let mut layers = Vec::new();
        loop {
            let layer = next.take().or_else(|| outs.get(&release))?;
            layers.push(layer);
            match layer["like"].as_str() {
                Some(like) => like.clone_into(&mut release),
                None => return Some(Self { layers }),
            }
        }
    }

    /// The whole output.
    pub(crate) fn whole(&self) -> &'a Value {
        self.layers.last().expect("an output")
    }

    /// The output of one step of a trace.
    pub(crate) fn step(&self, index: usize) -> &'a Value {
        let number = index.to_string();
        let step = self.layers.iter().find_map(|layer| match &layer["steps"] {
            Value::Array(steps) => steps.get(index),
            steps => steps.get(&number),
        });
        let step = step.unwrap_or_else(|| panic!("step {index} has no output"));
        step.get("out").unwrap_or(step)
    }

    /// What a trace leaves behind; `make record` cannot see it.
    pub(crate) fn last(&self) -> Option<&'a Value> {
        self.layers.iter().find_map(|layer| layer.get("final"))
    }
}

/// Compares one field; `expected` is what the real code gave.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    expected: &T,
    got: &T,
) -> Result<(), String> {
    if expected == got {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, got {got:?}"))
    }
}

/// The text in a field, or nothing.
pub(crate) fn text<'a>(case: &'a Value, field: &str) -> &'a str {
    case[field].as_str().unwrap_or("")
}

/// A recorded value as the type that reads it.
#[track_caller]
pub(crate) fn decode<T: DeserializeOwned>(recorded: &Value) -> T {
    T::deserialize(recorded).unwrap_or_else(|error| panic!("{error}: {recorded}"))
}

/// The number in a field that upstream keeps in an int32.
#[track_caller]
pub(crate) fn int32(case: &Value, field: &str) -> i32 {
    int64(case, field)
        .try_into()
        .unwrap_or_else(|_| panic!("{field} is out of range"))
}

/// The number in a field.
#[track_caller]
pub(crate) fn int64(case: &Value, field: &str) -> i64 {
    case[field]
        .as_i64()
        .unwrap_or_else(|| panic!("{field} is no number"))
}

/// The duration in a field of milliseconds.
#[track_caller]
pub(crate) fn millis(case: &Value, field: &str) -> SignedDuration {
    SignedDuration(int64(case, field))
}
