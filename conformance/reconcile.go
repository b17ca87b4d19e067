package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const webKey = "prod/web"

type scaleInput struct {
	SpecReplicas   int32
	StatusReplicas int32
	Selector       string
	Error          *string
}

func (s scaleInput) scale(name string) *autoscalingv1.Scale {
	return &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, ResourceVersion: "1"},
		Spec:       autoscalingv1.ScaleSpec{Replicas: s.SpecReplicas},
		Status:     autoscalingv1.ScaleStatus{Replicas: s.StatusReplicas, Selector: s.Selector},
	}
}

type podInput struct {
	Name              string
	Phase             v1.PodPhase
	StartTime         *metav1.Time
	Ready             *v1.ConditionStatus
	ReadyTransition   metav1.Time
	DeletionTimestamp *metav1.Time
}

type stepInput struct {
	Now time.Time
	In  struct {
		Scale                scaleInput
		Pods                 []podInput
		HPASpec              *autoscalingv2.HorizontalPodAutoscalerSpec
		Generation           *int64
		Metrics              *traceMetrics
		ScaleGetError        *string
		ScaleUpdateError     *string
		StatusUpdateError    *string
		ScaleUpdateConflicts int
		ScaleRereads         []*scaleInput
		OtherHPASelectors    map[string]string
		DeletedDuringSync    bool
	}
}

type traceInput struct {
	Start       time.Time
	Gates       map[string]bool
	Config      controllerConfig
	HPA         *autoscalingv2.HorizontalPodAutoscaler
	PodTemplate struct {
		Labels map[string]string
		Spec   v1.PodSpec
	}
	InitialStatus    *autoscalingv2.HorizontalPodAutoscalerStatus
	RecordScaleCalls bool
	Steps            []stepInput
}

type eventOutput struct {
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

type scaleCall struct {
	Op           string `json:"op"`
	SpecReplicas *int32 `json:"specReplicas,omitempty"`
	Error        string `json:"error,omitempty"`
}

type stepOutput struct {
	ScaledTo           *int32          `json:"scaledTo"`
	StatusUpdateCalled bool            `json:"statusUpdateCalled"`
	Status             json.RawMessage `json:"status,omitempty"`
	Events             []eventOutput   `json:"events,omitempty"`
	Error              string          `json:"error,omitempty"`
	ScaleCalls         []scaleCall     `json:"scaleCalls,omitempty"`
	RetryPauses        int             `json:"retryPauses,omitempty"`
}

// Reconcile answers a case of kind reconcile: the whole controller runs, and each of its syncs is held back until the
// step's inputs are there and its time has come. It is called in a bubble.
func Reconcile(c cases.Case) (any, error) {
	var in traceInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var outs []stepOutput
	err := WithGates(in.Gates, func() (err error) {
		outs, err = newTrace(in).run()
		return err
	})
	return map[string]any{"steps": outs}, err
}

// trace is one run of a controller; the goroutines of the controller and of the driver take turns.
type trace struct {
	in   traceInput
	hpas *playedHPAs
	hpa  *autoscalingv2.HorizontalPodAutoscaler

	lock    sync.Mutex
	step    *stepInput
	out     *stepOutput
	scale   scaleInput
	pods    []*v1.Pod
	others  map[string]string
	pending []*scaleInput
	failing int
	writes  int

	// A sync says that it has come, and waits for its turn.
	come, turn map[string]chan struct{}
}

func newTrace(in traceInput) *trace {
	return &trace{
		in: in, hpas: newPlayedHPAs(), others: map[string]string{},
		come: map[string]chan struct{}{}, turn: map[string]chan struct{}{},
	}
}

// channels are those of an autoscaler.
func (t *trace) channels(key string) (come, turn chan struct{}) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.come[key] == nil {
		t.come[key], t.turn[key] = make(chan struct{}), make(chan struct{})
	}
	return t.come[key], t.turn[key]
}

// sync lets the next sync of an autoscaler happen, which has come before.
func (t *trace) sync(key string) {
	come, turn := t.channels(key)
	turn <- struct{}{}
	<-come
	synctest.Wait() // until its events have been seen
}

func (t *trace) run() ([]stepOutput, error) {
	defer withErrorHandler(t.failed)()
	ctx, cancel := context.WithCancel(context.Background())
	defer func() {
		cancel()
		synctest.Wait()
	}()
	t.hpas.hold = func(key string) error {
		come, turn := t.channels(key)
		select {
		case come <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		select {
		case <-turn:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	time.Sleep(time.Until(t.in.Start.Add(-time.Second)))
	w := world{
		hpas: t.hpas, metrics: t.metricsAPI(), log: logSink{event: t.event},
		pods:     podLister{pods: func() ([]*v1.Pod, error) { return t.pods, nil }},
		scales:   playedScales{get: t.getScale, update: t.updateScale},
		statuses: playedStatuses{update: t.updateStatus},
	}
	config := t.in.Config
	config.resyncPeriod = time.Nanosecond
	ctx, controller := w.controller(ctx, config)
	t.hpa = t.in.HPA.DeepCopy()
	if t.in.InitialStatus != nil {
		t.hpa.Status = *t.in.InitialStatus
	}
	t.hpa = t.hpas.put(t.hpa)
	go controller.Run(ctx, 16)
	come, _ := t.channels(webKey)
	<-come

	outs := make([]stepOutput, len(t.in.Steps))
	for i := range t.in.Steps {
		t.step = &t.in.Steps[i]
		t.prepare()
		time.Sleep(time.Until(t.step.Now))
		t.out = &outs[i]
		t.sync(webKey)
		t.out = nil
		outs[i].RetryPauses = max(0, t.writes-1)
		if !t.in.RecordScaleCalls || t.writes == 0 {
			outs[i].ScaleCalls = nil
		}
	}
	return outs, nil
}

// prepare makes the world that of the step.
func (t *trace) prepare() {
	in := &t.step.In
	t.scale, t.pending, t.failing, t.writes = in.Scale, in.ScaleRereads, in.ScaleUpdateConflicts, 0
	if in.Pods != nil {
		t.pods = nil
		for _, pod := range in.Pods {
			t.pods = append(t.pods, t.pod(pod))
		}
	}
	_, known, err := t.hpas.store.GetByKey(webKey)
	if err != nil {
		panic(err)
	}
	if !known || in.HPASpec != nil || in.Generation != nil {
		if in.HPASpec != nil {
			t.hpa.Spec = *in.HPASpec.DeepCopy()
		}
		if in.Generation != nil {
			t.hpa.Generation = *in.Generation
		}
		t.hpa = t.hpas.put(t.hpa)
	}
	t.registerOthers(in.OtherHPASelectors)
}

// registerOthers makes exactly these other autoscalers known, by syncing each of them once.
func (t *trace) registerOthers(selectors map[string]string) {
	for _, key := range cases.Keys(t.others, selectors) {
		selector, wanted := selectors[key]
		before, known := t.others[key]
		if wanted && known && selector == before {
			continue
		}
		other := &autoscalingv2.HorizontalPodAutoscaler{}
		other.Namespace, other.Name, _ = strings.Cut(key, "/")
		come, turn := t.channels(key)
		if !wanted {
			t.hpas.remove(key)
			turn <- struct{}{}
			t.lock.Lock()
			delete(t.others, key)
			t.lock.Unlock()
			continue
		}
		t.lock.Lock()
		t.others[key] = selector
		t.lock.Unlock()
		if !known {
			other.Spec = *t.in.HPA.Spec.DeepCopy()
			other.Spec.ScaleTargetRef.Name = key
			minReplicas := int32(1)
			other.Spec.MinReplicas, other.Spec.MaxReplicas = &minReplicas, 1
			t.hpas.put(other)
			<-come
		}
		t.sync(key)
	}
}

func (t *trace) pod(in podInput) *v1.Pod {
	pod := &v1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: in.Name, Labels: t.in.PodTemplate.Labels, DeletionTimestamp: in.DeletionTimestamp,
		},
		Spec:   t.in.PodTemplate.Spec,
		Status: v1.PodStatus{Phase: in.Phase, StartTime: in.StartTime},
	}
	if in.Ready != nil {
		pod.Status.Conditions = []v1.PodCondition{{
			Type: v1.PodReady, Status: *in.Ready, LastTransitionTime: in.ReadyTransition,
		}}
	}
	return pod
}

func (t *trace) getScale(name string) (*autoscalingv1.Scale, error) {
	t.lock.Lock()
	selector, other := t.others[name]
	t.lock.Unlock()
	if other {
		return scaleInput{SpecReplicas: 1, StatusReplicas: 1, Selector: selector}.scale(name), nil
	}
	in := &t.step.In
	if t.writes == 0 {
		if in.DeletedDuringSync {
			t.hpas.remove(webKey)
		}
		if in.ScaleGetError != nil {
			t.call("get", nil, *in.ScaleGetError)
			return nil, errors.New(*in.ScaleGetError)
		}
	} else if len(t.pending) > 0 {
		reread := t.pending[0]
		t.pending = t.pending[1:]
		if reread != nil && reread.Error != nil {
			t.call("get", nil, *reread.Error)
			return nil, errors.New(*reread.Error)
		}
		if reread != nil {
			t.scale = *reread
		}
	}
	t.call("get", &t.scale.SpecReplicas, "")
	return t.scale.scale(name), nil
}

func (t *trace) updateScale(scale *autoscalingv1.Scale) (*autoscalingv1.Scale, error) {
	if t.out == nil {
		return scale, nil
	}
	in := &t.step.In
	t.writes++
	replicas := scale.Spec.Replicas
	if t.failing > 0 {
		t.failing--
		t.call("update", &replicas, "conflict")
		resource := schema.GroupResource{Group: "apps", Resource: "deployments"}
		return nil, apierrors.NewConflict(resource, scale.Name, errors.New("the object has been modified; please apply your changes to the latest version and try again"))
	}
	if in.ScaleUpdateError != nil {
		t.call("update", &replicas, *in.ScaleUpdateError)
		return nil, errors.New(*in.ScaleUpdateError)
	}
	t.call("update", &replicas, "")
	t.out.ScaledTo = &replicas
	return scale, nil
}

func (t *trace) call(op string, replicas *int32, failure string) {
	if t.out != nil {
		if replicas != nil {
			value := *replicas
			replicas = &value
		}
		t.out.ScaleCalls = append(t.out.ScaleCalls, scaleCall{op, replicas, failure})
	}
}

// updateStatus writes the status as an API server would.
func (t *trace) updateStatus(hpa *autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	if t.out == nil {
		return hpa, nil // of another autoscaler
	}
	status := hpa.Status.DeepCopy()
	for i := range status.Conditions {
		status.Conditions[i].Message = t.inOrder(status.Conditions[i].Message)
	}
	text, err := json.Marshal(status)
	if err != nil {
		return nil, err
	}
	before, err := json.Marshal(t.hpa.Status)
	if err != nil {
		return nil, err
	}
	// Names in another order are no change.
	if string(before) == string(text) {
		return t.hpa.DeepCopy(), nil
	}
	t.out.StatusUpdateCalled = true
	if failure := t.step.In.StatusUpdateError; failure != nil {
		return nil, errors.New(*failure)
	}
	t.out.Status = text
	written := autoscalingv2.HorizontalPodAutoscalerStatus{}
	if err := json.Unmarshal(text, &written); err != nil {
		return nil, err
	}
	t.hpa = t.hpa.DeepCopy()
	t.hpa.Status = written
	t.hpa = t.hpas.put(t.hpa)
	return t.hpa.DeepCopy(), nil
}

func (t *trace) event(namespace, name, kind, reason, message string) {
	if t.out != nil && namespace+"/"+name == webKey {
		t.out.Events = append(t.out.Events, eventOutput{kind, reason, t.inOrder(message)})
	}
}

// failed receives the errors that the controller logs. That of a sync is logged by processNextWorkItem, others within.
func (t *trace) failed(err error) {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers[:])])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "podautoscaler.(*HorizontalController)") {
			if strings.HasSuffix(frame.Function, ".processNextWorkItem") && t.out != nil {
				t.out.Error = t.inOrder(err.Error())
			}
			return
		}
		if !more {
			return
		}
	}
}

var listOfNames = regexp.MustCompile(`(controlled by (?:multiple HPAs: |more than one HPA \(e\.g\. ))\[([^]]*)\]`)

// inOrder sorts the names of autoscalers, which upstream lists in random order. Where it lists two of more, it names
// the first two.
func (t *trace) inOrder(text string) string {
	return listOfNames.ReplaceAllStringFunc(text, func(list string) string {
		parts := listOfNames.FindStringSubmatch(list)
		names := strings.Fields(parts[2])
		if len(names) == 2 && strings.Contains(parts[1], "e.g.") {
			names = t.matching()
			names = names[:min(2, len(names))]
		}
		slices.Sort(names)
		return fmt.Sprintf("%s[%s]", parts[1], strings.Join(names, " "))
	})
}

// matching are the autoscalers of the namespace whose selectors select a pod of the step that web's selector selects.
func (t *trace) matching() []string {
	own, err := labels.Parse(t.scale.Selector)
	if err != nil {
		panic(err)
	}
	t.lock.Lock()
	selectors := map[string]string{webKey: t.scale.Selector}
	for key, selector := range t.others {
		if strings.HasPrefix(key, namespace+"/") {
			selectors[key] = selector
		}
	}
	t.lock.Unlock()
	var names []string
	for _, key := range cases.Keys(selectors, nil) {
		selector, err := labels.Parse(selectors[key])
		if err != nil {
			panic(err)
		}
		selects := func(pod *v1.Pod) bool {
			return own.Matches(labels.Set(pod.Labels)) && selector.Matches(labels.Set(pod.Labels))
		}
		if slices.ContainsFunc(t.pods, selects) {
			names = append(names, key)
		}
	}
	return names
}
