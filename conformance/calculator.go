package conformance

import (
	"context"
	"errors"
	"fmt"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	customapi "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	externalapi "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

type answered[T any] struct {
	Items []T
	Error *string
}

type calculatorCase struct {
	Method string
	Now    time.Time
	Gates  map[string]bool
	Config struct {
		CPUInitializationPeriodMs int64
		InitialReadinessDelayMs   int64
	}
	PodSelector  string
	Pods         []*v1.Pod
	PodListError *string
	Args         struct {
		Namespace          string
		Tolerances         tolerancePair
		CurrentReplicas    int32
		StatusReplicas     int32
		TargetUtilization  int32
		TargetUsage        int64
		TargetAverageUsage int64
		TargetUsagePerPod  int64
		Resource           v1.ResourceName
		Container          string
		MetricName         string
		ObjectRef          *autoscalingv2.CrossVersionObjectReference
		MetricSelector     *metav1.LabelSelector
	}
	PodMetrics *answered[struct {
		Name       string
		Timestamp  metav1.Time
		Window     string
		Containers []struct {
			Name  string
			Usage v1.ResourceList
		}
	}]
	CustomPodMetrics *answered[struct {
		Pod           string
		Timestamp     metav1.Time
		Value         resource.Quantity
		WindowSeconds *int64
	}]
	ObjectMetric *struct {
		Value     resource.Quantity
		Timestamp metav1.Time
		Error     *string
	}
	ExternalMetric *answered[struct {
		Value     resource.Quantity
		Timestamp metav1.Time
	}]
}

// Calculator answers a case of kind calculator.
func Calculator(c cases.Case) (any, error) {
	var in calculatorCase
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var out any
	err := WithGates(in.Gates, func() (err error) {
		time.Sleep(time.Until(in.Now))
		out, err = in.answer()
		return err
	})
	return out, err
}

func (in *calculatorCase) answer() (any, error) {
	api, err := in.metricsAPI()
	if err != nil {
		return nil, err
	}
	selector, err := labels.Parse(in.PodSelector)
	if err != nil {
		return nil, err
	}
	lister := podLister{pods: func() ([]*v1.Pod, error) { return in.Pods, failure(in.PodListError) }}
	for _, pod := range in.Pods {
		pod.Namespace = in.Args.Namespace
	}
	calculator := podautoscaler.NewReplicaCalculator(api.client(), lister,
		milliseconds(in.Config.CPUInitializationPeriodMs), milliseconds(in.Config.InitialReadinessDelayMs))
	tolerances := tolerancesOf(in.Args.Tolerances)
	var (
		replicas  int32
		usage     int64
		timestamp time.Time
		args      = in.Args
	)
	// The parsed selector of pods metrics: upstream parses it before it calls the calculator.
	metricSelector := labels.Everything()
	switch in.Method {
	case "GetMetricReplicas", "GetObjectMetricReplicas", "GetObjectPerPodMetricReplicas":
		if metricSelector, err = metav1.LabelSelectorAsSelector(args.MetricSelector); err != nil {
			return nil, err
		}
	}
	switch in.Method {
	case "GetResourceReplicas":
		replicas, utilization, raw, timestamp, err := calculator.GetResourceReplicas(context.Background(),
			args.CurrentReplicas, args.TargetUtilization, args.Resource, tolerances, args.Namespace, selector, args.Container)
		out := calculated(replicas, timestamp, err)
		out["utilization"], out["rawUtilization"] = utilization, raw
		return out, nil
	case "GetRawResourceReplicas":
		replicas, usage, timestamp, err = calculator.GetRawResourceReplicas(context.Background(),
			args.CurrentReplicas, args.TargetUsage, args.Resource, tolerances, args.Namespace, selector, args.Container)
	case "GetMetricReplicas":
		replicas, usage, timestamp, err = calculator.GetMetricReplicas(
			args.CurrentReplicas, args.TargetUsage, args.MetricName, tolerances, args.Namespace, selector, metricSelector)
	case "GetObjectMetricReplicas":
		replicas, usage, timestamp, err = calculator.GetObjectMetricReplicas(
			args.CurrentReplicas, args.TargetUsage, args.MetricName, tolerances, args.Namespace, args.ObjectRef, selector, metricSelector)
	case "GetObjectPerPodMetricReplicas":
		replicas, usage, timestamp, err = calculator.GetObjectPerPodMetricReplicas(
			args.StatusReplicas, args.TargetAverageUsage, args.MetricName, tolerances, args.Namespace, args.ObjectRef, metricSelector)
	case "GetExternalMetricReplicas":
		replicas, usage, timestamp, err = calculator.GetExternalMetricReplicas(
			args.CurrentReplicas, args.TargetUsage, args.MetricName, tolerances, args.Namespace, args.MetricSelector, selector)
	case "GetExternalPerPodMetricReplicas":
		replicas, usage, timestamp, err = calculator.GetExternalPerPodMetricReplicas(
			args.StatusReplicas, args.TargetUsagePerPod, args.MetricName, tolerances, args.Namespace, args.MetricSelector)
	default:
		return nil, fmt.Errorf("unknown method %q", in.Method)
	}
	out := calculated(replicas, timestamp, err)
	out["usage"] = usage
	if usage == math.MinInt64 {
		out["platformDependent"] = true
	}
	return out, nil
}

// calculated is what all methods return; -2^31 is what an amd64 processor makes of a float that does not fit.
func calculated(replicas int32, timestamp time.Time, err error) map[string]any {
	out := map[string]any{"replicas": replicas, "timestamp": nil, "error": nil}
	if !timestamp.IsZero() {
		out["timestamp"] = timestamp.UTC().Format(time.RFC3339Nano)
	}
	if err != nil {
		out["error"] = err.Error()
	}
	if replicas == math.MinInt32 {
		out["platformDependent"] = true
	}
	return out
}

func failure(text *string) error {
	if text == nil {
		return nil
	}
	return errors.New(*text)
}

func (in *calculatorCase) metricsAPI() (*metricsAPI, error) {
	var podItems []metricsapi.PodMetrics
	if in.PodMetrics != nil {
		for _, item := range in.PodMetrics.Items {
			window, err := time.ParseDuration(item.Window)
			if err != nil {
				return nil, err
			}
			pod := metricsapi.PodMetrics{
				ObjectMeta: metav1.ObjectMeta{Namespace: in.Args.Namespace, Name: item.Name},
				Timestamp:  item.Timestamp, Window: metav1.Duration{Duration: window},
			}
			for _, container := range item.Containers {
				pod.Containers = append(pod.Containers, metricsapi.ContainerMetrics{Name: container.Name, Usage: container.Usage})
			}
			podItems = append(podItems, pod)
		}
	}
	return &metricsAPI{
		resource: func(labels.Selector) ([]metricsapi.PodMetrics, error) {
			return podItems, failure(in.PodMetrics.Error)
		},
		pods: func() (items []customapi.MetricValue, err error) {
			for _, item := range in.CustomPodMetrics.Items {
				items = append(items, customapi.MetricValue{
					DescribedObject: v1.ObjectReference{Kind: "Pod", Namespace: in.Args.Namespace, Name: item.Pod},
					Timestamp:       item.Timestamp, Value: item.Value, WindowSeconds: item.WindowSeconds,
				})
			}
			return items, failure(in.CustomPodMetrics.Error)
		},
		object: func() (*customapi.MetricValue, error) {
			value := &customapi.MetricValue{Value: in.ObjectMetric.Value, Timestamp: in.ObjectMetric.Timestamp}
			return value, failure(in.ObjectMetric.Error)
		},
		external: func() (items []externalapi.ExternalMetricValue, err error) {
			for _, item := range in.ExternalMetric.Items {
				items = append(items, externalapi.ExternalMetricValue{Value: item.Value, Timestamp: item.Timestamp})
			}
			return items, failure(in.ExternalMetric.Error)
		},
	}, nil
}
