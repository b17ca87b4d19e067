//! Converts the status between plain data and the API object.

use std::sync::Arc;

use super::message::{Message, Reason};
use super::spec::MetricIdentity;
use super::status::{
    Condition, ConditionStatus, ConditionType, MetricReading, ReadingValue, Status,
};
use crate::api::{
    self, Change, HorizontalPodAutoscalerStatus, MetricIdentifier, MetricStatus, MetricValueStatus,
    Rules,
};
use crate::quantity::{Format, Quantity};
use crate::time::Timestamp;

impl Status {
    /// Converts the status to the API object, as a release with these rules writes it.
    #[must_use]
    pub fn to_api(&self, rules: Rules) -> HorizontalPodAutoscalerStatus {
        let metrics = || {
            self.current_metrics
                .iter()
                .map(|reading| reading.to_api(rules))
                .collect()
        };
        HorizontalPodAutoscalerStatus {
            observed_generation: self.observed_generation,
            last_scale_time: self.last_scale_time.map(Timestamp::to_rfc3339_seconds),
            current_replicas: Some(self.current_replicas),
            desired_replicas: self.desired_replicas,
            // Null, not an empty list, if nothing was measured.
            current_metrics: (!self.current_metrics.is_empty()).then(metrics),
            conditions: (!self.conditions.as_slice().is_empty()).then(|| {
                self.conditions
                    .as_slice()
                    .iter()
                    .map(Condition::to_api)
                    .collect()
            }),
        }
    }

    /// Parses the status of an API object. Invalid times count as absent.
    #[must_use]
    pub fn from_api(status: &HorizontalPodAutoscalerStatus) -> Self {
        let time = |text: &Option<String>| Timestamp::parse(text.as_deref()?).ok();
        let condition = |condition: &api::Condition| Condition {
            kind: ConditionType::parse(&condition.r#type),
            status: ConditionStatus::parse(&condition.status),
            last_transition: time(&condition.last_transition_time),
            reason: Reason::parse(&condition.reason),
            message: Message::Text(condition.message.as_str().into()),
            observed_generation: condition.observed_generation,
        };
        let readings = status
            .current_metrics
            .iter()
            .flatten()
            .map(MetricReading::from_api);
        Self {
            observed_generation: status.observed_generation,
            last_scale_time: time(&status.last_scale_time),
            current_replicas: status.current_replicas.unwrap_or_default(),
            desired_replicas: status.desired_replicas,
            current_metrics: readings.collect(),
            conditions: status.conditions.iter().flatten().map(condition).collect(),
        }
    }
}

impl Condition {
    /// Converts the condition to the API object.
    #[must_use]
    pub fn to_api(&self) -> api::Condition {
        api::Condition {
            r#type: self.kind.to_string(),
            status: self.status.to_string(),
            last_transition_time: self.last_transition.map(Timestamp::to_rfc3339_seconds),
            reason: self.reason.to_string(),
            message: self.message.to_string(),
            observed_generation: self.observed_generation,
        }
    }
}

impl MetricIdentity {
    /// Memory is written in powers of two, everything else in powers of ten.
    pub(super) fn format(&self) -> Format {
        match self {
            Self::Resource { resource } | Self::ContainerResource { resource, .. }
                if &**resource == "memory" =>
            {
                Format::BinarySi
            }
            Self::Resource { .. }
            | Self::ContainerResource { .. }
            | Self::Pods { .. }
            | Self::Object { .. }
            | Self::External { .. }
            | Self::Unknown { .. } => Format::DecimalSi,
        }
    }
}

impl MetricReading {
    /// Converts the metric to the API object; a failed one is an empty record.
    #[must_use]
    pub fn to_api(&self, rules: Rules) -> MetricStatus {
        let Self::Read { identity, value } = self else {
            return MetricStatus::default();
        };
        let format = if rules.has(Change::BinaryMemoryInStatus) {
            identity.format()
        } else {
            Format::DecimalSi
        };
        let current = value.to_api(format);
        let mut status = MetricStatus::default();
        let source_type = match &**identity {
            MetricIdentity::Resource { resource } => {
                let name = resource.to_string();
                status.resource = Some(api::hpa::ResourceMetricStatus { name, current });
                "Resource"
            }
            MetricIdentity::ContainerResource {
                resource,
                container,
            } => {
                let (name, container) = (resource.to_string(), container.to_string());
                let source = api::hpa::ContainerResourceMetricStatus {
                    name,
                    current,
                    container,
                };
                status.container_resource = Some(source);
                "ContainerResource"
            }
            MetricIdentity::Pods { metric } => {
                let metric = metric.clone();
                status.pods = Some(api::hpa::PodsMetricStatus { metric, current });
                "Pods"
            }
            MetricIdentity::Object {
                metric,
                described_object,
            } => {
                let (metric, described_object) = (metric.clone(), described_object.clone());
                let source = api::hpa::ObjectMetricStatus {
                    metric,
                    current,
                    described_object,
                };
                status.object = Some(source);
                "Object"
            }
            MetricIdentity::External { metric } => {
                let metric = metric.clone();
                status.external = Some(api::hpa::ExternalMetricStatus { metric, current });
                "External"
            }
            MetricIdentity::Unknown { source_type } => source_type,
        };
        source_type.clone_into(&mut status.r#type);
        status
    }

    /// Parses a metric of an API object.
    fn from_api(status: &MetricStatus) -> Self {
        let reading = |identity, current: &MetricValueStatus| Some((identity, current.clone()));
        let metric = |metric: &MetricIdentifier| metric.clone();
        let found = if let Some(source) = &status.resource {
            let resource = source.name.as_str().into();
            reading(MetricIdentity::Resource { resource }, &source.current)
        } else if let Some(source) = &status.container_resource {
            let (resource, container) = (
                source.name.as_str().into(),
                source.container.as_str().into(),
            );
            reading(
                MetricIdentity::ContainerResource {
                    resource,
                    container,
                },
                &source.current,
            )
        } else if let Some(source) = &status.pods {
            reading(
                MetricIdentity::Pods {
                    metric: metric(&source.metric),
                },
                &source.current,
            )
        } else if let Some(source) = &status.object {
            let described_object = source.described_object.clone();
            let identity = MetricIdentity::Object {
                metric: metric(&source.metric),
                described_object,
            };
            reading(identity, &source.current)
        } else if let Some(source) = &status.external {
            reading(
                MetricIdentity::External {
                    metric: metric(&source.metric),
                },
                &source.current,
            )
        } else {
            None
        };
        found
            .and_then(|(identity, current)| {
                Some(Self::Read {
                    identity: Arc::new(identity),
                    value: ReadingValue::from_api(&current)?,
                })
            })
            .unwrap_or(Self::Failed)
    }
}

impl ReadingValue {
    fn to_api(self, format: Format) -> MetricValueStatus {
        let quantity = |milli| Some(Quantity::from_milli(milli, format));
        match self {
            Self::Utilization {
                percent,
                average_milli,
            } => MetricValueStatus {
                average_value: quantity(average_milli),
                average_utilization: Some(percent),
                value: None,
            },
            Self::AverageValue(milli) => MetricValueStatus {
                average_value: quantity(milli),
                ..MetricValueStatus::default()
            },
            Self::Value(milli) => MetricValueStatus {
                value: quantity(milli),
                ..MetricValueStatus::default()
            },
        }
    }

    fn from_api(current: &MetricValueStatus) -> Option<Self> {
        let average_milli = current.average_value.as_ref().map(exact_milli);
        match (current.average_utilization, average_milli, &current.value) {
            (Some(percent), average_milli, _) => Some(Self::Utilization {
                percent,
                average_milli: average_milli.unwrap_or_default(),
            }),
            (None, Some(average_milli), _) => Some(Self::AverageValue(average_milli)),
            (None, None, Some(value)) => Some(Self::Value(exact_milli(value))),
            (None, None, None) => None,
        }
    }
}

/// A stored value in thousandths. Values must survive the round trip, or every sync would write
/// the status again: upstream compares quantities, whose `MilliValue` loses large negative ones.
fn exact_milli(quantity: &Quantity) -> i64 {
    quantity
        .exact_milli()
        .unwrap_or_else(|| quantity.milli_value())
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_support::check_each;

    #[track_caller]
    fn check(value: ReadingValue) {
        let text = serde_json::to_string(&value.to_api(Format::DecimalSi)).expect("JSON");
        let read = serde_json::from_str(&text).expect("a value");
        assert_eq!(ReadingValue::from_api(&read), Some(value), "{text}");
    }

    #[test]
    fn stored_values_survive_a_round_trip() {
        check_each(
            [i64::MIN, i64::MIN + 1, -1, 0, 1, 999, 1_000, i64::MAX],
            |milli| {
                check(ReadingValue::AverageValue(milli));
                check(ReadingValue::Value(milli));
                check(ReadingValue::Utilization {
                    percent: 50,
                    average_milli: milli,
                });
            },
        );
    }
}
