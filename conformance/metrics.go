package conformance

import (
	"context"
	"errors"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
	customapi "k8s.io/metrics/pkg/apis/custom_metrics/v1beta2"
	externalapi "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	resourceclient "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1beta1"
	"k8s.io/metrics/pkg/client/custom_metrics"
	"k8s.io/metrics/pkg/client/external_metrics"
)

// metricsAPI plays the three metrics APIs; upstream's own client reads them.
type metricsAPI struct {
	resource func(labels.Selector) ([]metricsapi.PodMetrics, error)
	pods     func() ([]customapi.MetricValue, error)
	object   func() (*customapi.MetricValue, error)
	external func() ([]externalapi.ExternalMetricValue, error)
}

func (api *metricsAPI) client() metrics.MetricsClient {
	return metrics.NewRESTMetricsClient(podMetrics{api: api}, customMetrics{api}, externalMetrics{api})
}

type podMetrics struct {
	resourceclient.PodMetricsInterface
	api *metricsAPI
}

func (p podMetrics) PodMetricses(string) resourceclient.PodMetricsInterface { return p }

func (p podMetrics) List(_ context.Context, options metav1.ListOptions) (*metricsapi.PodMetricsList, error) {
	selector, err := labels.Parse(options.LabelSelector)
	if err != nil {
		return nil, err
	}
	items, err := p.api.resource(selector)
	return &metricsapi.PodMetricsList{Items: items}, err
}

type customMetrics struct{ api *metricsAPI }

func (c customMetrics) RootScopedMetrics() custom_metrics.MetricsInterface       { return c }
func (c customMetrics) NamespacedMetrics(string) custom_metrics.MetricsInterface { return c }

func (c customMetrics) GetForObject(schema.GroupKind, string, string, labels.Selector) (*customapi.MetricValue, error) {
	return c.api.object()
}

func (c customMetrics) GetForObjects(schema.GroupKind, labels.Selector, string, labels.Selector) (*customapi.MetricValueList, error) {
	items, err := c.api.pods()
	return &customapi.MetricValueList{Items: items}, err
}

type externalMetrics struct{ api *metricsAPI }

func (e externalMetrics) NamespacedMetrics(string) external_metrics.MetricsInterface { return e }

func (e externalMetrics) List(string, labels.Selector) (*externalapi.ExternalMetricValueList, error) {
	items, err := e.api.external()
	return &externalapi.ExternalMetricValueList{Items: items}, err
}

// podLister lists pods in the order in which they are given; upstream's own has none.
type podLister struct {
	corelisters.PodLister
	corelisters.PodNamespaceLister
	pods func() ([]*v1.Pod, error)
}

func (l podLister) Pods(string) corelisters.PodNamespaceLister { return l }

func (l podLister) Get(string) (*v1.Pod, error) { return nil, errors.New("pods are only listed") }

func (l podLister) List(selector labels.Selector) ([]*v1.Pod, error) {
	pods, err := l.pods()
	if err != nil {
		return nil, err
	}
	var selected []*v1.Pod
	for _, pod := range pods {
		if selector.Matches(labels.Set(pod.Labels)) {
			selected = append(selected, pod)
		}
	}
	return selected, nil
}
