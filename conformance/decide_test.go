package conformance

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	metricsapi "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// BenchmarkDecide measures a whole sync of upstream's controller without its requests: NewHorizontalController with a
// sync period of 0 syncs the same autoscaler again and again, and a run is the time from one read of it to the next.
//
// That is queue, reconcileKey and reconcileAutoscaler, with the informers' own listers and upstream's metrics client on
// objects that are decoded already. As nothing changes, no scale and no status is written. The stabilization window is
// 0: the real clock hardly moves, and upstream would go through a list of all recommendations since the start.
func BenchmarkDecide(b *testing.B) {
	for _, pods := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(pods), func(b *testing.B) { decide(b, pods) })
	}
}

func decide(b *testing.B, pods int) {
	restore := withErrorHandler(func(err error) {
		if !errors.Is(err, context.Canceled) {
			b.Error(err)
		}
	})
	defer restore()
	const warmUp = 3 // the first writes the status
	syncs := 0
	ready, begin, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	hpas := newPlayedHPAs()
	hpas.hold = func(string) error {
		switch syncs++; {
		case syncs == warmUp+1:
			close(ready)
			<-begin
		case syncs == warmUp+b.N+1:
			close(end)
		}
		if syncs > warmUp+b.N {
			return context.Canceled
		}
		return nil
	}
	lister, metrics := decidePods(b, pods)
	w := world{
		hpas: hpas, pods: lister,
		metrics: metricsAPI{resource: func(labels.Selector) ([]metricsapi.PodMetrics, error) { return metrics, nil }},
		scales: playedScales{
			get: func(name string) (*autoscalingv1.Scale, error) {
				return scaleInput{SpecReplicas: int32(pods), StatusReplicas: int32(pods), Selector: "app=web"}.scale(name), nil
			},
			update: func(*autoscalingv1.Scale) (*autoscalingv1.Scale, error) {
				b.Error("this autoscaler must not scale")
				return nil, context.Canceled
			},
		},
		statuses: playedStatuses{update: func(hpa *autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error) {
			if syncs > warmUp {
				b.Error("the status must not change")
			}
			return hpas.put(hpa), nil
		}},
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx, controller := w.controller(ctx, controllerConfig{
		Tolerance: 0.1, CPUInitializationPeriodMs: 300_000, InitialReadinessDelayMs: 30_000,
	})
	minReplicas, utilization := int32(1), int32(50)
	hpas.put(&autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "web"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MinReplicas:    &minReplicas, MaxReplicas: 2000,
			Metrics: []autoscalingv2.MetricSpec{{
				Type: autoscalingv2.ResourceMetricSourceType,
				Resource: &autoscalingv2.ResourceMetricSource{
					Name:   v1.ResourceCPU,
					Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &utilization},
				},
			}},
		},
	})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		controller.Run(ctx, 1)
	}()
	<-ready
	b.ResetTimer()
	close(begin)
	<-end
	b.StopTimer()
	cancel()
	<-stopped
}

// decidePods are those of our own benchmark: each asks for 200m of CPU and uses 95m to 105m.
func decidePods(b *testing.B, count int) (corelisters.PodLister, []metricsapi.PodMetrics) {
	pods := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	started := metav1.NewTime(time.Now().Add(-time.Hour))
	var metrics []metricsapi.PodMetrics
	for i := range count {
		name := fmt.Sprintf("web-%d", i)
		err := pods.Add(&v1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"app": "web"}},
			Spec: v1.PodSpec{Containers: []v1.Container{{
				Name:      "app",
				Resources: v1.ResourceRequirements{Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse("200m")}},
			}}},
			Status: v1.PodStatus{
				Phase: v1.PodRunning, StartTime: &started,
				Conditions: []v1.PodCondition{{Type: v1.PodReady, Status: v1.ConditionTrue, LastTransitionTime: started}},
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		metrics = append(metrics, metricsapi.PodMetrics{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Timestamp:  metav1.Now(), Window: metav1.Duration{Duration: 15 * time.Second},
			Containers: []metricsapi.ContainerMetrics{{
				Name:  "app",
				Usage: v1.ResourceList{v1.ResourceCPU: *resource.NewMilliQuantity(int64(95+i%11), resource.DecimalSI)},
			}},
		})
	}
	return corelisters.NewPodLister(pods), metrics
}
