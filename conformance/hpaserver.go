package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	autoscalinglisters "k8s.io/client-go/listers/autoscaling/v2"
	"k8s.io/client-go/tools/cache"
	"k8s.io/component-base/featuregate"
)

// hpaServer plays the API server of autoscalers: lists, watches with a delay, writes of the status with conflicts.
type hpaServer struct {
	lock    sync.Mutex
	version int
	uids    int
	hpas    map[string]*autoscalingv2.HorizontalPodAutoscaler
	lag     time.Duration
	history []delayedEvent
	watches []*delayedWatch
}

type delayedEvent struct {
	watch.Event
	version int
	at      time.Time
}

// delayedWatch passes events on in order, each when its time has come.
type delayedWatch struct {
	events chan watch.Event
	queue  chan delayedEvent
	done   chan struct{}
	once   sync.Once
}

func (w *delayedWatch) ResultChan() <-chan watch.Event { return w.events }
func (w *delayedWatch) Stop()                          { w.once.Do(func() { close(w.done) }) }

func (w *delayedWatch) run() {
	defer close(w.events)
	for {
		select {
		case event := <-w.queue:
			select {
			case <-time.After(time.Until(event.at)):
			case <-w.done:
				return
			}
			select {
			case w.events <- event.Event:
			case <-w.done:
				return
			}
		case <-w.done:
			return
		}
	}
}

func newHPAServer(lag time.Duration) *hpaServer {
	return &hpaServer{hpas: map[string]*autoscalingv2.HorizontalPodAutoscaler{}, lag: lag, version: 100}
}

// IsWatchListSemanticsUnSupported makes reflectors list first, as those of older releases do.
func (s *hpaServer) IsWatchListSemanticsUnSupported() bool { return true }

// List is of cache.ListerWatcher.
func (s *hpaServer) List(metav1.ListOptions) (runtime.Object, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	list := &autoscalingv2.HorizontalPodAutoscalerList{ListMeta: metav1.ListMeta{ResourceVersion: strconv.Itoa(s.version)}}
	for _, hpa := range s.hpas {
		list.Items = append(list.Items, *hpa.DeepCopy())
	}
	slices.SortFunc(list.Items, func(a, b autoscalingv2.HorizontalPodAutoscaler) int {
		return strings.Compare(string(a.UID), string(b.UID))
	})
	return list, nil
}

// Watch is of cache.ListerWatcher.
func (s *hpaServer) Watch(options metav1.ListOptions) (watch.Interface, error) {
	since, err := strconv.Atoi(options.ResourceVersion)
	if err != nil {
		return nil, err
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	w := &delayedWatch{events: make(chan watch.Event), queue: make(chan delayedEvent, 10_000), done: make(chan struct{})}
	for _, event := range s.history {
		if event.version > since {
			w.queue <- event
		}
	}
	s.watches = append(s.watches, w)
	go w.run()
	return w, nil
}

// write stores an autoscaler and tells the watches. The caller holds the lock.
func (s *hpaServer) write(kind watch.EventType, hpa *autoscalingv2.HorizontalPodAutoscaler) {
	s.version++
	hpa.ResourceVersion = strconv.Itoa(s.version)
	if kind == watch.Deleted {
		delete(s.hpas, hpa.Name)
	} else {
		s.hpas[hpa.Name] = hpa
	}
	event := delayedEvent{watch.Event{Type: kind, Object: hpa.DeepCopy()}, s.version, time.Now().Add(s.lag)}
	s.history = append(s.history, event)
	for _, w := range s.watches {
		w.queue <- event
	}
}

func (s *hpaServer) add(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.uids++
	minReplicas := int32(1)
	hpa := &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(fmt.Sprintf("%04d", s.uids))},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name},
			MinReplicas:    &minReplicas, MaxReplicas: 10,
			Metrics: []autoscalingv2.MetricSpec{{
				Type: autoscalingv2.ExternalMetricSourceType,
				External: &autoscalingv2.ExternalMetricSource{
					Metric: autoscalingv2.MetricIdentifier{Name: "m"},
					Target: autoscalingv2.MetricTarget{
						Type: autoscalingv2.AverageValueMetricType, AverageValue: resource.NewQuantity(100, resource.DecimalSI),
					},
				},
			}},
		},
	}
	if generationsCount() {
		hpa.Generation = 1
	}
	s.write(watch.Added, hpa)
}

func (s *hpaServer) remove(name string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if hpa := s.hpas[name]; hpa != nil {
		s.write(watch.Deleted, hpa.DeepCopy())
	}
}

func (s *hpaServer) change(name string, change func(*autoscalingv2.HorizontalPodAutoscaler)) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if hpa := s.hpas[name]; hpa != nil {
		hpa = hpa.DeepCopy()
		change(hpa)
		s.write(watch.Modified, hpa)
	}
}

func (s *hpaServer) setLag(lag time.Duration) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.lag = lag
}

func (s *hpaServer) updateStatus(hpa *autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	current := s.hpas[hpa.Name]
	resource := autoscalingv2.Resource("horizontalpodautoscalers")
	switch {
	case current == nil:
		return nil, apierrors.NewNotFound(resource, hpa.Name)
	case current.ResourceVersion != hpa.ResourceVersion:
		return nil, apierrors.NewConflict(resource, hpa.Name, errors.New("the object has been modified; please apply your changes to the latest version and try again"))
	}
	written := current.DeepCopy()
	written.Status = *hpa.Status.DeepCopy()
	s.write(watch.Modified, written)
	return written.DeepCopy(), nil
}

// generationsCount says whether the release's API server counts generations of autoscalers.
func generationsCount() bool {
	const gate = featuregate.Feature("HPAGeneration")
	_, known := utilfeature.DefaultMutableFeatureGate.GetAll()[gate]
	return known && utilfeature.DefaultFeatureGate.Enabled(gate)
}

// realHPAs is a real informer; its lister says what a sync reads.
type realHPAs struct {
	informer cache.SharedIndexInformer
	synced   func(name string, found bool)
}

func (r realHPAs) Informer() cache.SharedIndexInformer { return r.informer }

func (r realHPAs) Lister() autoscalinglisters.HorizontalPodAutoscalerLister {
	return tellingLister{autoscalinglisters.NewHorizontalPodAutoscalerLister(r.informer.GetIndexer()), r.synced}
}

type tellingLister struct {
	autoscalinglisters.HorizontalPodAutoscalerLister
	synced func(name string, found bool)
}

func (l tellingLister) HorizontalPodAutoscalers(namespace string) autoscalinglisters.HorizontalPodAutoscalerNamespaceLister {
	return tellingNamespaceLister{l.HorizontalPodAutoscalerLister.HorizontalPodAutoscalers(namespace), l.synced}
}

type tellingNamespaceLister struct {
	autoscalinglisters.HorizontalPodAutoscalerNamespaceLister
	synced func(name string, found bool)
}

func (l tellingNamespaceLister) Get(name string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	hpa, err := l.HorizontalPodAutoscalerNamespaceLister.Get(name)
	l.synced(name, err == nil)
	return hpa, err
}
