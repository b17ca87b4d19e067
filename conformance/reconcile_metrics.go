package conformance

import (
	"encoding/json"
	"errors"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"slices"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	customapi "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	externalapi "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// traceMetrics is what the metrics APIs answer in a step; each may be an error.
type traceMetrics struct {
	Timestamp metav1.Time
	Window    string
	Resource  json.RawMessage
	Pods      json.RawMessage
	Object    json.RawMessage
	External  json.RawMessage
}

var errNotInStep = errors.New("the step has no such metric")

// played reads a value of a step, or the error that it is.
func played[T any](raw json.RawMessage) (value T, err error) {
	if raw == nil {
		return value, errNotInStep
	}
	var failed struct{ Error *string }
	if json.Unmarshal(raw, &failed) == nil && failed.Error != nil {
		return value, errors.New(*failed.Error)
	}
	err = json.Unmarshal(raw, &value)
	return value, err
}

func (t *trace) metricsAPI() metricsAPI {
	return metricsAPI{resource: t.resourceMetrics, pods: t.podsMetrics, object: t.objectMetric, external: t.externalMetrics}
}

func (t *trace) resourceMetrics(selector labels.Selector) ([]metricsapi.PodMetrics, error) {
	metrics := t.step.In.Metrics
	pods, err := played[map[string]map[string][]*resource.Quantity](metrics.Resource)
	if err != nil {
		return nil, err
	}
	selected := func(pod *v1.Pod) bool { return selector.Matches(labels.Set(pod.Labels)) }
	if !slices.ContainsFunc(t.pods, selected) {
		return nil, nil
	}
	window, err := time.ParseDuration(metrics.Window)
	if err != nil {
		return nil, err
	}
	var items []metricsapi.PodMetrics
	for _, name := range cases.Keys(pods, nil) {
		item := metricsapi.PodMetrics{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Timestamp:  metrics.Timestamp, Window: metav1.Duration{Duration: window},
		}
		for _, container := range cases.Keys(pods[name], nil) {
			usage := v1.ResourceList{}
			for i, resource := range []v1.ResourceName{v1.ResourceCPU, v1.ResourceMemory} {
				if values := pods[name][container]; i < len(values) && values[i] != nil {
					usage[resource] = *values[i]
				}
			}
			item.Containers = append(item.Containers, metricsapi.ContainerMetrics{Name: container, Usage: usage})
		}
		items = append(items, item)
	}
	return items, nil
}

func (t *trace) podsMetrics() ([]customapi.MetricValue, error) {
	metrics := t.step.In.Metrics
	pairs, err := played[[][2]string](metrics.Pods)
	if err != nil {
		return nil, err
	}
	var items []customapi.MetricValue
	for _, pair := range pairs {
		value, err := resource.ParseQuantity(pair[1])
		if err != nil {
			return nil, err
		}
		items = append(items, customapi.MetricValue{
			DescribedObject: v1.ObjectReference{Kind: "Pod", Namespace: namespace, Name: pair[0]},
			Timestamp:       metrics.Timestamp, Value: value,
		})
	}
	return items, nil
}

func (t *trace) objectMetric() (*customapi.MetricValue, error) {
	metrics := t.step.In.Metrics
	value, err := played[resource.Quantity](metrics.Object)
	return &customapi.MetricValue{Timestamp: metrics.Timestamp, Value: value}, err
}

func (t *trace) externalMetrics() ([]externalapi.ExternalMetricValue, error) {
	metrics := t.step.In.Metrics
	values, err := played[[]resource.Quantity](metrics.External)
	var items []externalapi.ExternalMetricValue
	for _, value := range values {
		items = append(items, externalapi.ExternalMetricValue{Timestamp: metrics.Timestamp, Value: value})
	}
	return items, err
}
