// Package conformance asks one release of Kubernetes, through its exported API only, what it answers to the recorded
// cases of its HorizontalPodAutoscaler, and writes or compares the answers.
package conformance

import (
	"errors"
	"time"

	"github.com/hpa-playground/hpa-playground/conformance/cases"
)

var (
	// ErrCannotRun says that a release cannot run a case: a gate that it does not know or has locked, or an API version
	// that it no longer serves.
	ErrCannotRun = errors.New("this release cannot run the case")
	// ErrNotReproducible says that a release does not give the same answer each time.
	ErrNotReproducible = errors.New("this release does not give the same answer each time")
)

// Asked says how a release is asked the cases of a kind.
type Asked struct {
	Kind string
	// Answer asks the release. Where Clock is set it is called in a bubble of testing/synctest, whose clock starts at
	// 2000-01-01T00:00:00Z.
	Answer func(cases.Case) (any, error)
	Clock  bool
	// Prepare is called before, outside the bubble.
	Prepare func(cases.Case) error
	// Merge makes one answer of `Runs` ones, where upstream does not give the same each time.
	Merge func([]any) (any, error)
	Runs  int
}

// Reached are the kinds that exported API reaches: all but behavior, whose functions upstream keeps to itself.
func Reached() []Asked {
	return []Asked{
		{Kind: "calculator", Answer: Calculator, Clock: true, Prepare: prepareTolerances},
		{Kind: "quantity", Answer: Quantity},
		{Kind: "validation", Answer: Validation},
		{Kind: "update", Answer: Update},
		{Kind: "conversion", Answer: Conversion},
		{Kind: "reconcile", Answer: Reconcile, Clock: true},
		{Kind: "queue", Answer: Queue, Clock: true, Runs: 7, Merge: mergeQueue},
	}
}

func milliseconds(value int64) time.Duration {
	return time.Duration(value) * time.Millisecond
}
