package conformance

import (
	"context"
	"errors"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"reflect"
	"regexp"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/tools/cache"
	externalapi "k8s.io/metrics/pkg/apis/external_metrics/v1beta1"
)

type queueCase struct {
	Gates          map[string]bool
	Workers        int
	ResyncPeriodMs int64
	DurationMs     int64
	SyncMs         int64
	WatchLagMs     int64
	Changing       bool
	Initial        []string
	Events         []struct {
		AtMs int64
		Op   string
		HPA  string
		Ms   int64
		On   bool
	}
}

// times are lists of milliseconds since the start, by autoscaler.
type times map[string][]int64

type queueOutput struct {
	Reconciles        times `json:"reconciles"`
	StatusWrites      times `json:"statusWrites"`
	StatusWriteErrors times `json:"statusWriteErrors,omitempty"`
	Gone              times `json:"gone,omitempty"`
	Deferred          times `json:"deferred,omitempty"`
}

// Queue answers a case of kind queue: the whole controller runs with real informers, and its syncs are written down.
// It is called in a bubble.
func Queue(c cases.Case) (any, error) {
	var in queueCase
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var out any
	err := WithGates(in.Gates, func() (err error) {
		out, err = newQueueRun(in).run()
		return err
	})
	return out, err
}

type queueRun struct {
	in     queueCase
	start  time.Time
	server *hpaServer

	lock        sync.Mutex
	out         queueOutput
	scaleFails  bool
	statusFails bool
	writers     map[string]string // resource version → autoscaler
	over        bool
}

func newQueueRun(in queueCase) *queueRun {
	return &queueRun{
		in: in, start: time.Now(), server: newHPAServer(milliseconds(in.WatchLagMs)), writers: map[string]string{},
		out: queueOutput{times{}, times{}, times{}, times{}, times{}},
	}
}

func (q *queueRun) note(list times, name string) {
	q.lock.Lock()
	defer q.lock.Unlock()
	if !q.over {
		list[name] = append(list[name], time.Since(q.start).Milliseconds())
	}
}

func (q *queueRun) run() (any, error) {
	defer withErrorHandler(q.failed)()
	ctx, cancel := context.WithCancel(context.Background())
	for _, name := range q.in.Initial {
		q.server.add(name)
	}
	informer := cache.NewSharedIndexInformer(q.server, &autoscalingv2.HorizontalPodAutoscaler{}, 12*time.Hour,
		cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	w := world{
		hpas: realHPAs{informer, q.synced}, log: logSink{},
		pods:     podLister{pods: func() ([]*v1.Pod, error) { return nil, nil }},
		metrics:  metricsAPI{external: q.metric},
		scales:   playedScales{get: q.scale},
		statuses: playedStatuses{update: q.updateStatus},
	}
	ctx, controller := w.controller(ctx, controllerConfig{
		resyncPeriod: milliseconds(q.in.ResyncPeriodMs), Tolerance: 0.1, DownscaleStabilizationWindowMs: 300_000,
		CPUInitializationPeriodMs: 300_000, InitialReadinessDelayMs: 30_000,
	})
	go informer.Run(ctx.Done())
	synctest.Wait()
	go controller.Run(ctx, q.in.Workers)
	for _, event := range q.in.Events {
		time.Sleep(time.Until(q.start.Add(milliseconds(event.AtMs))))
		q.happen(event.Op, event.HPA, event.Ms, event.On)
	}
	time.Sleep(time.Until(q.start.Add(milliseconds(q.in.DurationMs))))
	synctest.Wait()
	q.lock.Lock()
	out := q.out
	q.over = true
	q.lock.Unlock()
	cancel()
	time.Sleep(time.Minute) // until what is under way has ended
	return out, nil
}

func (q *queueRun) happen(op, name string, ms int64, on bool) {
	switch op {
	case "add":
		q.server.add(name)
	case "delete":
		q.server.remove(name)
	case "lag":
		q.server.setLag(milliseconds(ms))
	case "scaleError", "statusError":
		q.lock.Lock()
		defer q.lock.Unlock()
		if op == "scaleError" {
			q.scaleFails = on
		} else {
			q.statusFails = on
		}
	case "spec", "metadata", "status":
		q.server.change(name, func(hpa *autoscalingv2.HorizontalPodAutoscaler) {
			switch op {
			case "spec":
				hpa.Spec.MaxReplicas++
				if generationsCount() {
					hpa.Generation++
				}
			case "metadata":
				if hpa.Labels == nil {
					hpa.Labels = map[string]string{}
				}
				hpa.Labels["changed"] = time.Now().Format("150405.000")
			case "status":
				hpa.Status.DesiredReplicas++
			}
		})
	default:
		panic("unknown event " + op)
	}
}

func (q *queueRun) synced(name string, found bool) {
	if found {
		q.note(q.out.Reconciles, name)
	} else {
		q.note(q.out.Gone, name)
	}
}

func (q *queueRun) scale(string) (*autoscalingv1.Scale, error) {
	time.Sleep(milliseconds(q.in.SyncMs))
	q.lock.Lock()
	defer q.lock.Unlock()
	if q.scaleFails {
		return nil, errors.New("the scale cannot be read")
	}
	return scaleInput{SpecReplicas: 3, StatusReplicas: 3, Selector: "app=web"}.scale("web"), nil
}

func (q *queueRun) metric() ([]externalapi.ExternalMetricValue, error) {
	value := int64(300)
	if q.in.Changing {
		value += int64(time.Since(q.start).Seconds()) % 13
	}
	return []externalapi.ExternalMetricValue{{Value: *resource.NewQuantity(value, resource.DecimalSI)}}, nil
}

func (q *queueRun) updateStatus(hpa *autoscalingv2.HorizontalPodAutoscaler) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	q.lock.Lock()
	fails := q.statusFails
	q.lock.Unlock()
	written, err := (*autoscalingv2.HorizontalPodAutoscaler)(nil), error(apierrors.NewInternalError(errors.New("the status cannot be written")))
	if !fails {
		written, err = q.server.updateStatus(hpa)
	}
	if err != nil {
		q.note(q.out.StatusWriteErrors, hpa.Name)
		return nil, err
	}
	q.note(q.out.StatusWrites, hpa.Name)
	q.lock.Lock()
	q.writers[written.ResourceVersion] = hpa.Name
	q.lock.Unlock()
	return written, nil
}

var notSeenYet = regexp.MustCompile(`is not as new as written version: (\d+) `)

// failed receives the errors that the controller logs; one says that a sync is put off, and names the write that the
// cache has not seen.
func (q *queueRun) failed(err error) {
	if match := notSeenYet.FindStringSubmatch(err.Error()); match != nil {
		q.lock.Lock()
		name := q.writers[match[1]]
		q.lock.Unlock()
		q.note(q.out.Deferred, name)
	}
}

// mergeQueue is the answer of all runs. Which of several waiting autoscalers is first is random, so that their lists
// may have to be taken together.
func mergeQueue(outs []any) (any, error) {
	same := func(a, b any) bool { return reflect.DeepEqual(a, outs[0]) }
	if !slices.ContainsFunc(outs, func(out any) bool { return !same(out, outs[0]) }) {
		return outs[0], nil
	}
	first := cases.Pooled(outs[0])
	for _, out := range outs {
		if !reflect.DeepEqual(cases.Pooled(out), first) {
			return nil, ErrNotReproducible
		}
	}
	return first, nil
}
