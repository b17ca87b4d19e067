package conformance

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/go-logr/logr"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	autoscalinginformers "k8s.io/client-go/informers/autoscaling/v2"
	coreinformers "k8s.io/client-go/informers/core/v1"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	autoscalinglisters "k8s.io/client-go/listers/autoscaling/v2"
	corelisters "k8s.io/client-go/listers/core/v1"
	scaleclient "k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
)

// world is what the controller reads and writes: everything around it is played.
type world struct {
	metrics  metricsAPI
	pods     corelisters.PodLister
	scales   scaleclient.ScaleInterface
	hpas     autoscalinginformers.HorizontalPodAutoscalerInformer
	statuses autoscalingclient.HorizontalPodAutoscalerInterface
	log      logr.LogSink
}

// controllerConfig holds the flags of the controller manager that matter here.
type controllerConfig struct {
	resyncPeriod                   time.Duration
	Tolerance                      float64
	DownscaleStabilizationWindowMs int64
	CPUInitializationPeriodMs      int64
	InitialReadinessDelayMs        int64
}

// controller makes upstream's controller in this world.
func (w *world) controller(ctx context.Context, config controllerConfig) (context.Context, *podautoscaler.HorizontalController) {
	if w.log != nil {
		ctx = klog.NewContext(ctx, logr.New(w.log))
	} else {
		ctx = klog.NewContext(ctx, logr.Discard())
	}
	return ctx, podautoscaler.NewHorizontalController(
		ctx, noEvents{}, scales{w.scales}, statuses{w.statuses}, deployments{}, w.metrics.client(), w.hpas, podInformer{lister: w.pods},
		config.resyncPeriod, milliseconds(config.DownscaleStabilizationWindowMs), config.Tolerance,
		milliseconds(config.CPUInitializationPeriodMs), milliseconds(config.InitialReadinessDelayMs),
	)
}

// withErrorHandler passes the errors that upstream only logs to `handle`; its own handlers also pause.
func withErrorHandler(handle func(error)) (restore func()) {
	before := utilruntime.ErrorHandlers
	utilruntime.ErrorHandlers = []utilruntime.ErrorHandler{
		func(_ context.Context, err error, _ string, _ ...any) { handle(err) },
	}
	return func() { utilruntime.ErrorHandlers = before }
}

// deployments maps every kind to Deployments.
type deployments struct{ apimeta.RESTMapper }

func (deployments) RESTMappings(kind schema.GroupKind, _ ...string) ([]*apimeta.RESTMapping, error) {
	return []*apimeta.RESTMapping{{
		Resource:         schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: "deployments"},
		GroupVersionKind: kind.WithVersion("v1"),
	}}, nil
}

type scales struct{ of scaleclient.ScaleInterface }

func (s scales) Scales(string) scaleclient.ScaleInterface { return s.of }

type statuses struct {
	of autoscalingclient.HorizontalPodAutoscalerInterface
}

func (s statuses) HorizontalPodAutoscalers(string) autoscalingclient.HorizontalPodAutoscalerInterface {
	return s.of
}

// noEvents takes events and keeps none: what reaches it has been aggregated. logSink sees them before that.
type noEvents struct{ corev1client.EventInterface }

func (e noEvents) Events(string) corev1client.EventInterface { return e }

func (noEvents) CreateWithEventNamespace(event *v1.Event) (*v1.Event, error) { return event, nil }

func (noEvents) UpdateWithEventNamespace(event *v1.Event) (*v1.Event, error) { return event, nil }

func (noEvents) PatchWithEventNamespace(event *v1.Event, _ []byte) (*v1.Event, error) {
	return event, nil
}

func (noEvents) CreateWithEventNamespaceWithContext(_ context.Context, event *v1.Event) (*v1.Event, error) {
	return event, nil
}

func (noEvents) UpdateWithEventNamespaceWithContext(_ context.Context, event *v1.Event) (*v1.Event, error) {
	return event, nil
}

func (noEvents) PatchWithEventNamespaceWithContext(_ context.Context, event *v1.Event, _ []byte) (*v1.Event, error) {
	return event, nil
}

type podInformer struct {
	cache.SharedIndexInformer
	lister corelisters.PodLister
}

var _ coreinformers.PodInformer = podInformer{}

func (p podInformer) Informer() cache.SharedIndexInformer { return p }
func (p podInformer) Lister() corelisters.PodLister       { return p.lister }
func (podInformer) HasSynced() bool                       { return true }

// logSink receives what the controller logs: events before they are aggregated, and the tolerances of a decision.
type logSink struct {
	logr.LogSink
	event      func(namespace, name, kind, reason, message string)
	tolerances func(podautoscaler.Tolerances)
}

func (logSink) Init(logr.RuntimeInfo)            {}
func (logSink) Enabled(level int) bool           { return level <= 4 }
func (logSink) Error(error, string, ...any)      {}
func (s logSink) WithValues(...any) logr.LogSink { return s }
func (s logSink) WithName(string) logr.LogSink   { return s }
func (s logSink) Info(_ int, _ string, values ...any) {
	named := map[string]any{}
	for i := 0; i+1 < len(values); i += 2 {
		if name, ok := values[i].(string); ok {
			named[name] = values[i+1]
		}
	}
	if tolerances, ok := named["tolerances"].(podautoscaler.Tolerances); ok && s.tolerances != nil {
		s.tolerances(tolerances)
	}
	if object, ok := named["object"].(klog.ObjectRef); ok && s.event != nil {
		kind, reason, message := named["type"].(string), named["reason"].(string), named["message"].(string)
		s.event(object.Namespace, object.Name, kind, reason, message)
	}
}

// playedHPAs is an informer whose changes reach the controller at once, and a lister that can hold a sync back.
type playedHPAs struct {
	cache.SharedIndexInformer
	handler cache.ResourceEventHandler
	store   *playedStore
	version int
	// hold is called before a sync reads its autoscaler; an error ends the sync.
	hold func(key string) error
}

type playedStore struct {
	cache.Indexer
	lock    sync.Mutex
	version string
}

// LastStoreSyncResourceVersion is read since 1.37: which writes the cache has seen.
func (s *playedStore) LastStoreSyncResourceVersion() string {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.version
}

func newPlayedHPAs() *playedHPAs {
	indexers := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	return &playedHPAs{
		store:   &playedStore{Indexer: cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers)},
		version: 1000,
		hold:    func(string) error { return nil },
	}
}

func (p *playedHPAs) Informer() cache.SharedIndexInformer { return p }
func (p *playedHPAs) HasSynced() bool                     { return true }
func (p *playedHPAs) GetStore() cache.Store               { return p.store }
func (p *playedHPAs) GetIndexer() cache.Indexer           { return p.store }

func (p *playedHPAs) AddEventHandlerWithResyncPeriod(handler cache.ResourceEventHandler, _ time.Duration) (cache.ResourceEventHandlerRegistration, error) {
	p.handler = handler
	return nil, nil
}

// put adds or changes an autoscaler.
func (p *playedHPAs) put(hpa *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	hpa = hpa.DeepCopy()
	p.version++
	hpa.ResourceVersion = strconv.Itoa(p.version)
	before, known, err := p.store.Get(hpa)
	if err == nil {
		err = p.store.Update(hpa)
	}
	if err != nil {
		panic(err)
	}
	p.store.lock.Lock()
	p.store.version = hpa.ResourceVersion
	p.store.lock.Unlock()
	if known {
		p.handler.OnUpdate(before, hpa)
	} else {
		p.handler.OnAdd(hpa, false)
	}
	return hpa
}

// remove deletes an autoscaler.
func (p *playedHPAs) remove(key string) {
	hpa, known, err := p.store.GetByKey(key)
	if err != nil || !known {
		panic(fmt.Sprintf("%s is not there: %v", key, err))
	}
	if err := p.store.Delete(hpa); err != nil {
		panic(err)
	}
	p.handler.OnDelete(hpa)
}

func (p *playedHPAs) Lister() autoscalinglisters.HorizontalPodAutoscalerLister {
	return heldLister{autoscalinglisters.NewHorizontalPodAutoscalerLister(p.store), p}
}

type heldLister struct {
	autoscalinglisters.HorizontalPodAutoscalerLister
	hpas *playedHPAs
}

func (l heldLister) HorizontalPodAutoscalers(namespace string) autoscalinglisters.HorizontalPodAutoscalerNamespaceLister {
	return heldNamespaceLister{l.HorizontalPodAutoscalerLister.HorizontalPodAutoscalers(namespace), namespace, l.hpas}
}

type heldNamespaceLister struct {
	autoscalinglisters.HorizontalPodAutoscalerNamespaceLister
	namespace string
	hpas      *playedHPAs
}

func (l heldNamespaceLister) Get(name string) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	if err := l.hpas.hold(l.namespace + "/" + name); err != nil {
		return nil, err
	}
	return l.HorizontalPodAutoscalerNamespaceLister.Get(name)
}

// playedScales answers reads and writes of scales.
type playedScales struct {
	scaleclient.ScaleInterface
	get    func(name string) (*autoscalingv1.Scale, error)
	update func(*autoscalingv1.Scale) (*autoscalingv1.Scale, error)
}

func (s playedScales) Get(_ context.Context, _ schema.GroupResource, name string, _ metav1.GetOptions) (*autoscalingv1.Scale, error) {
	return s.get(name)
}

func (s playedScales) Update(_ context.Context, _ schema.GroupResource, scale *autoscalingv1.Scale, _ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	return s.update(scale)
}

// playedStatuses answers writes of a status.
type playedStatuses struct {
	autoscalingclient.HorizontalPodAutoscalerInterface
	update func(*autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error)
}

func (s playedStatuses) UpdateStatus(_ context.Context, hpa *autoscalingv2.HorizontalPodAutoscaler, _ metav1.UpdateOptions) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	return s.update(hpa)
}
