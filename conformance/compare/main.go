// Command compare compares the answers of another implementation with the recorded ones. It needs nothing of Kubernetes.
//
// An implementation writes KIND.jsonl.gz files of lines such as {"id":"calc-public-29","outs":{"1.37":{…}}}; other
// members of a line are ignored.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hpa-playground/hpa-playground/conformance/cases"
)

var (
	release = flag.String("release", "1.37", "the release of the answers")
	with    = flag.String("with", "", "the release whose recorded answers they are compared with; the same if empty")
	vectors = flag.String("cases", "../core/tests/vectors", "the folder of the recorded cases")
	answers = flag.String("answers", "", "the folder of the answers")
	members = flag.String("members", "", "the only members of an output to compare, separated by commas; all if empty")
	shown   = flag.Int("shown", 3, "how many differences of a kind are shown")
)

func main() {
	flag.Parse()
	if *with == "" {
		*with = *release
	}
	failed, err := run()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case failed > 0:
		os.Exit(1)
	}
}

// run compares each kind for which the folder holds answers, and returns the number of differences.
func run() (int, error) {
	if *answers == "" {
		return 0, fmt.Errorf("-answers=FOLDER is missing")
	}
	compared, failed := 0, 0
	for _, kind := range cases.Kinds() {
		path := filepath.Join(*answers, kind.Name+".jsonl.gz")
		if _, err := os.Stat(path); os.IsNotExist(err) {
			continue
		}
		count, err := compare(kind, path)
		if err != nil {
			return 0, err
		}
		fmt.Println(count)
		compared++
		failed += count.Failed
	}
	if compared == 0 {
		return 0, fmt.Errorf("%s holds no file such as calculator.jsonl.gz", *answers)
	}
	return failed, nil
}

func compare(kind cases.Kind, path string) (*cases.Count, error) {
	all, err := cases.Read(*vectors, kind.Name)
	if err != nil {
		return nil, err
	}
	lines, err := cases.ReadFile(path, false)
	if err != nil {
		return nil, err
	}
	answered := map[string]cases.Case{}
	for _, line := range lines {
		answered[line.ID] = line
	}
	count := cases.NewCount(kind, *with)
	if *members != "" {
		count.Members = strings.Split(*members, ",")
	}
	for _, c := range all {
		answer, isAnswered, err := any(nil), false, error(nil)
		if line, ok := answered[c.ID]; ok {
			if answer, isAnswered, err = kind.Recorded(line, *release); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, c.ID, err)
			}
		}
		different, err := count.Add(c, answer, isAnswered)
		if err != nil {
			return nil, err
		}
		if different != "" && count.Failed <= *shown {
			fmt.Println(different)
		}
	}
	return count, nil
}
