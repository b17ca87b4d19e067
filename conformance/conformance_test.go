package conformance

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-logr/logr"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"k8s.io/klog/v2"
)

var (
	release = flag.String("release", "", "the release that is built in, such as 1.37.2")
	vectors = flag.String("cases", "../core/tests/vectors", "the folder of the recorded cases")
	record  = flag.String("record", "", "write the answers into this folder")
	only    = flag.String("kinds", "", "the kinds to run, separated by commas; all if empty")
	shown   = flag.Int("shown", 3, "how many differences of a kind are shown")
)

func TestMain(m *testing.M) {
	klog.SetLogger(logr.Discard()) // upstream's remarks about gates
	os.Exit(m.Run())
}

// TestConformance asks the release all cases, and compares its answers with the recorded ones; with -record it writes
// them down.
func TestConformance(t *testing.T) {
	minor := minorOf(t, *release)
	for _, asked := range Reached() {
		if *only != "" && !strings.Contains(","+*only+",", ","+asked.Kind+",") {
			continue
		}
		t.Run(asked.Kind, func(t *testing.T) {
			kind, err := cases.KindOf(asked.Kind)
			if err != nil {
				t.Fatal(err)
			}
			all, err := cases.Read(*vectors, asked.Kind)
			if err != nil {
				t.Fatal(err)
			}
			if *record != "" {
				write(t, asked, kind, all, minor)
			} else {
				compare(t, asked, kind, all, minor)
			}
		})
	}
}

// write writes what the release answers; what it cannot run is left out.
func write(t *testing.T, asked Asked, kind cases.Kind, all []cases.Case, minor string) {
	writer, err := cases.NewWriter(*record, kind.Name)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, c := range all {
		answered, err := ask(t, asked, c)
		if errors.Is(err, ErrCannotRun) || errors.Is(err, ErrNotReproducible) {
			t.Logf("%s: %v", c.ID, err)
			continue
		}
		if err == nil {
			err = writer.Write(kind, c, map[string]any{minor: answered})
		}
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		written++
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("%s: %d written, %d left out\n", kind.Name, written, len(all)-written)
}

// compare counts the recorded answers that the release gives.
func compare(t *testing.T, asked Asked, kind cases.Kind, all []cases.Case, minor string) {
	count := cases.NewCount(kind, minor)
	for _, c := range all {
		answered, err := ask(t, asked, c)
		cannot := errors.Is(err, ErrCannotRun) || errors.Is(err, ErrNotReproducible)
		if err != nil && !cannot {
			t.Fatalf("%s: %v", c.ID, err)
		}
		different, err := count.Add(c, answered, !cannot)
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		if different != "" && count.Failed <= *shown {
			t.Error(different)
		}
	}
	fmt.Println(count)
	if count.Failed > 0 {
		t.Fail()
	}
	if count.Passed == 0 {
		t.Errorf("no case of kind %s has a recorded answer of %s", kind.Name, minor)
	}
}

// ask is the release's answer as plain JSON values.
func ask(t *testing.T, asked Asked, c cases.Case) (any, error) {
	if asked.Prepare != nil {
		if err := asked.Prepare(c); err != nil {
			return nil, err
		}
	}
	var outs []any
	for range max(1, asked.Runs) {
		var out any
		var err error
		if asked.Clock {
			synctest.Test(t, func(*testing.T) { out, err = asked.Answer(c) })
		} else {
			out, err = asked.Answer(c)
		}
		if err == nil {
			out, err = cases.AsValues(out)
		}
		if err != nil {
			return nil, err
		}
		outs = append(outs, out)
	}
	if asked.Merge != nil {
		return asked.Merge(outs)
	}
	return outs[0], nil
}

// minorOf is the key of a release in the files, 1.37 for 1.37.2; without a release it is that of go.mod.
func minorOf(t *testing.T, release string) string {
	if release == "" {
		text, err := os.ReadFile("go.mod")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if _, version, found := strings.Cut(line, "k8s.io/kubernetes v"); found {
				release = strings.TrimSpace(version)
			}
		}
	}
	parts := strings.SplitN(release, ".", 3)
	if len(parts) < 2 {
		t.Fatalf("%q is no release", release)
	}
	return parts[0] + "." + parts[1]
}
