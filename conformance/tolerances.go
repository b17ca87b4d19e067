package conformance

import (
	"context"
	"fmt"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"math"
	"sync"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	externalapi "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
)

type tolerancePair struct{ ScaleDown, ScaleUp float64 }

var (
	toleranceLock  sync.Mutex
	knownTolerance = map[tolerancePair]podautoscaler.Tolerances{}
)

// prepareTolerances makes the tolerances that a case passes to the calculator.
//
// Upstream's type has no exported fields and no constructor. The controller makes it from its flag and from an
// autoscaler's behavior, and passes it to its logger with each decision; that is where this takes it from. It starts a
// controller for that, by the real clock.
func prepareTolerances(c cases.Case) error {
	var in calculatorCase
	if err := c.Decode(&in); err != nil {
		return err
	}
	pair := in.Args.Tolerances
	toleranceLock.Lock()
	defer toleranceLock.Unlock()
	if _, known := knownTolerance[pair]; known {
		return nil
	}
	made, err := makeTolerances(pair)
	if err == nil {
		knownTolerance[pair] = made
	}
	return err
}

func tolerancesOf(pair tolerancePair) podautoscaler.Tolerances {
	toleranceLock.Lock()
	defer toleranceLock.Unlock()
	made, known := knownTolerance[pair]
	if !known {
		panic("these tolerances are not prepared")
	}
	return made
}

func makeTolerances(pair tolerancePair) (made podautoscaler.Tolerances, err error) {
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: "prod", Name: "web"},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "web"},
			MaxReplicas:    3,
			Metrics: []autoscalingv2.MetricSpec{{
				Type: autoscalingv2.ExternalMetricSourceType,
				External: &autoscalingv2.ExternalMetricSource{
					Metric: autoscalingv2.MetricIdentifier{Name: "m"},
					Target: autoscalingv2.MetricTarget{Type: autoscalingv2.ValueMetricType, Value: resource.NewQuantity(1, resource.DecimalSI)},
				},
			}},
		},
	}
	config := controllerConfig{resyncPeriod: time.Nanosecond, Tolerance: pair.ScaleDown}
	gates := map[string]bool{}
	if pair.ScaleUp != pair.ScaleDown {
		// The flag takes any number, a quantity not quite.
		rule := &autoscalingv2.HPAScalingRules{}
		if rule.Tolerance = quantityOf(pair.ScaleUp); rule.Tolerance != nil {
			hpa.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: rule}
		} else if rule.Tolerance = quantityOf(pair.ScaleDown); rule.Tolerance != nil {
			config.Tolerance = pair.ScaleUp
			hpa.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleDown: rule}
		} else {
			return made, fmt.Errorf("no quantity is exactly %v or %v", pair.ScaleUp, pair.ScaleDown)
		}
		gates["HPAConfigurableTolerance"] = true
	}
	legacyscheme.Scheme.Default(hpa)
	hpas := newPlayedHPAs()
	seen := make(chan podautoscaler.Tolerances, 1)
	w := world{
		hpas: hpas,
		pods: podLister{pods: func() ([]*v1.Pod, error) { return nil, nil }},
		log: logSink{tolerances: func(tolerances podautoscaler.Tolerances) {
			select {
			case seen <- tolerances:
			default:
			}
		}},
		metrics: metricsAPI{external: func() ([]externalapi.ExternalMetricValue, error) {
			return []externalapi.ExternalMetricValue{{Value: resource.MustParse("1")}}, nil
		}},
		scales: playedScales{get: func(string) (*autoscalingv1.Scale, error) {
			return &autoscalingv1.Scale{
				Spec:   autoscalingv1.ScaleSpec{Replicas: 1},
				Status: autoscalingv1.ScaleStatus{Replicas: 1, Selector: "app=web"},
			}, nil
		}},
		statuses: playedStatuses{update: func(hpa *autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error) {
			return hpa, nil
		}},
	}
	err = WithGates(gates, func() error {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		ctx, controller := w.controller(ctx, config)
		hpas.put(hpa)
		go controller.Run(ctx, 1)
		select {
		case made = <-seen:
			return nil
		case <-time.After(time.Minute):
			return fmt.Errorf("the controller logged no tolerances")
		}
	})
	return made, err
}

// quantityOf is a quantity that upstream turns into exactly this number, if there is one.
func quantityOf(value float64) *resource.Quantity {
	for scale := resource.Scale(0); scale >= -15; scale-- {
		quantity := resource.NewScaledQuantity(int64(math.Round(value*math.Pow10(-int(scale)))), scale)
		if quantity.AsApproximateFloat64() == value {
			return quantity
		}
	}
	return nil
}
