package conformance

import (
	"fmt"
	"slices"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
	_ "k8s.io/kubernetes/pkg/features" // registers the gates
)

// WithGates runs with the gates of a case, and with the release's defaults afterwards.
//
// A gate that is off switches off those that need it, where the release insists on that. A gate that the release does
// not know, or has locked to another value, is ErrCannotRun.
func WithGates(gates map[string]bool, run func() error) error {
	gate := utilfeature.DefaultMutableFeatureGate
	wanted := map[string]bool{}
	for name, on := range gates {
		spec, known := gate.GetAll()[featuregate.Feature(name)]
		switch {
		case !known:
			return fmt.Errorf("%w: it does not know the gate %s", ErrCannotRun, name)
		case spec.LockToDefault && spec.Default != on:
			return fmt.Errorf("%w: the gate %s is locked to %t", ErrCannotRun, name, spec.Default)
		}
		wanted[name] = on
	}
	for changed := true; changed; {
		changed = false
		for dependent, needs := range gate.Dependencies() {
			_, set := wanted[string(dependent)]
			isOff := func(need featuregate.Feature) bool {
				on, set := wanted[string(need)]
				return set && !on
			}
			if !set && gate.Enabled(dependent) && slices.ContainsFunc(needs, isOff) {
				wanted[string(dependent)] = false
				changed = true
			}
		}
	}
	if err := gate.SetFromMap(wanted); err != nil {
		return err
	}
	defer func() {
		for name := range wanted {
			if err := gate.ResetFeatureValueToDefault(featuregate.Feature(name)); err != nil {
				panic(err)
			}
		}
	}()
	return run()
}
