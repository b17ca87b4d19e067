// Command merge adds the recorded answers of a new release to the cases. It needs nothing of Kubernetes.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hpa-playground/hpa-playground/conformance/cases"
)

var (
	release = flag.String("release", "", "the new release, such as 1.38")
	like    = flag.String("like", "", "the release before it, such as 1.37: an equal answer is told as being like its")
	earlier = flag.String("earlier", "1.33,1.34,1.35,1.36,1.37", "the releases for which a base case stands")
	vectors = flag.String("cases", "../core/tests/vectors", "the folder of the recorded cases, which is changed")
	answers = flag.String("answers", "", "the folder that `make record` wrote")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run() error {
	if *release == "" || *like == "" || *answers == "" {
		return errors.New("-release, -like and -answers are needed")
	}
	for _, kind := range cases.Kinds() {
		answered, err := cases.ReadFile(filepath.Join(*answers, kind.Name+".jsonl.gz"), false)
		if os.IsNotExist(err) {
			fmt.Printf("%s: no answers\n", kind.Name)
			continue
		}
		if err == nil {
			err = merge(kind, answered)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// merge writes the file of a kind anew: cases of the releases get one more answer, and base cases that the new release
// answers differently become cases of the releases.
func merge(kind cases.Kind, answered []cases.Case) error {
	all, err := cases.Read(*vectors, kind.Name)
	if err != nil {
		return err
	}
	answers := map[string]any{}
	for _, line := range answered {
		if out, ok, err := kind.Recorded(line, *release); err != nil {
			return err
		} else if ok {
			answers[line.ID] = out
		}
	}
	writer, err := cases.NewWriter(filepath.Join(*vectors, "releases"), kind.Name)
	if err != nil {
		return err
	}
	same, different, moved := 0, 0, 0
	for _, c := range all {
		answer, isAnswered := answers[c.ID]
		before, isRecorded, err := kind.Recorded(c, *like)
		if err != nil {
			return errors.Join(err, writer.Close())
		}
		equal := isAnswered && isRecorded && kind.Difference(*release, before, answer) == ""
		switch {
		case c.Base && (equal || !isAnswered):
			same++
		case c.Base:
			outs := map[string]any{*release: answer}
			for _, name := range strings.Split(*earlier, ",") {
				outs[name] = before
			}
			moved++
			err = writer.Write(kind, c, outs)
		case equal:
			same++
			err = writer.Keep(c, *release, map[string]any{"like": *like})
		case isAnswered:
			different++
			err = writer.Keep(c, *release, answer)
		default:
			err = writer.Keep(c, *release, nil)
		}
		if err != nil {
			return errors.Join(err, writer.Close())
		}
	}
	fmt.Printf("%s: %d as in %s, %d differ, %d base cases differ\n", kind.Name, same, *like, different, moved)
	return writer.Close()
}
