// Package cases reads, writes and compares recorded cases of the HorizontalPodAutoscaler. It needs nothing of Kubernetes.
package cases

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
)

// Object is a JSON object whose members are not decoded yet.
type Object = map[string]json.RawMessage

// Case is one line of a file.
type Case struct {
	ID string
	// Raw is the whole line.
	Raw json.RawMessage
	// Base cases have one answer for all releases, `out`.
	Base bool
}

// Decode reads the inputs of a case; unknown members, such as the outputs, are ignored.
func (c Case) Decode(into any) error {
	if err := json.Unmarshal(c.Raw, into); err != nil {
		return fmt.Errorf("%s: %w", c.ID, err)
	}
	return nil
}

// Read reads the cases of a kind: those of the folder `releases`, and those base cases that are not among them,
// which every recorded release answers alike.
func Read(folder, kind string) ([]Case, error) {
	name := kind + ".jsonl.gz"
	cases, err := ReadFile(filepath.Join(folder, "releases", name), false)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, c := range cases {
		known[c.ID] = true
	}
	base, err := ReadFile(filepath.Join(folder, name), true)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, c := range base {
		if !known[c.ID] {
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// ReadFile reads one file.
func ReadFile(path string, base bool) ([]Case, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var cases []Case
	lines := bufio.NewReader(unzipped)
	for {
		line, err := lines.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			var named struct{ ID string }
			if err := json.Unmarshal(text, &named); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			cases = append(cases, Case{ID: named.ID, Raw: text, Base: base})
		}
		if err != nil {
			break
		}
	}
	return cases, nil
}

// Recorded is the recorded answer of a release on this processor, and whether there is one.
func (k Kind) Recorded(c Case, release string) (any, bool, error) {
	if c.Base {
		out, err := k.baseAnswer(c)
		return out, err == nil, err
	}
	var outputs struct {
		Outs      Object
		OutsArm64 Object
	}
	if err := c.Decode(&outputs); err != nil {
		return nil, false, err
	}
	if raw, different := outputs.OutsArm64[release]; different && runtime.GOARCH == "arm64" {
		out, err := resolve(raw, outputs.Outs)
		return out, true, err
	}
	raw, recorded := outputs.Outs[release]
	if !recorded {
		return nil, false, nil
	}
	out, err := resolve(raw, outputs.Outs)
	return out, true, err
}

// baseAnswer is the one answer of a base case: its member `out`, the outputs of its steps, or all members that are no
// inputs.
func (k Kind) baseAnswer(c Case) (any, error) {
	value, err := Values(c.Raw)
	if err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no object", c.ID)
	}
	if out, ok := members["out"]; ok {
		return out, nil
	}
	if steps, ok := members["steps"].([]any); ok {
		outs := []any{}
		for _, step := range steps {
			outs = append(outs, step.(map[string]any)["out"])
		}
		return map[string]any{"steps": outs, "final": members["final"]}, nil
	}
	for _, input := range k.Inputs {
		delete(members, input)
	}
	return members, nil
}

// resolve follows `like`: the answer of another release, and for traces the steps that differ from it.
func resolve(raw json.RawMessage, outs Object) (any, error) {
	var change struct {
		Like  string
		Steps json.RawMessage
		Final json.RawMessage
	}
	if json.Unmarshal(raw, &change) != nil || change.Like == "" {
		return Values(raw)
	}
	other, ok := outs[change.Like]
	if !ok {
		return nil, fmt.Errorf("like %s, which has no output", change.Like)
	}
	out, err := resolve(other, outs)
	if err != nil {
		return nil, err
	}
	if change.Final != nil {
		if out.(map[string]any)["final"], err = Values(change.Final); err != nil {
			return nil, err
		}
	}
	if change.Steps != nil {
		var steps Object
		if err := json.Unmarshal(change.Steps, &steps); err != nil {
			return nil, err
		}
		all := out.(map[string]any)["steps"].([]any)
		for at, raw := range steps {
			index, err := strconv.Atoi(at)
			if err != nil {
				return nil, err
			}
			if all[index], err = Values(raw); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Values is JSON as plain values, with numbers as they are written.
func Values(raw json.RawMessage) (any, error) {
	if raw == nil {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	return value, err
}

// AsValues is any value as its JSON, read back as plain values.
func AsValues(value any) (any, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return Values(raw)
}

// Writer writes a file of cases.
type Writer struct {
	file   *os.File
	zipped *gzip.Writer
}

// NewWriter opens `folder/KIND.jsonl.gz`.
func NewWriter(folder, kind string) (*Writer, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(filepath.Join(folder, kind+".jsonl.gz"))
	if err != nil {
		return nil, err
	}
	return &Writer{file: file, zipped: gzip.NewWriter(file)}, nil
}

// Write adds a case, its inputs as they were read, with these answers.
func (w *Writer) Write(k Kind, c Case, outs map[string]any) error {
	members, err := k.inputs(c)
	if err != nil {
		return err
	}
	if members["outs"], err = encode(outs); err != nil {
		return err
	}
	return w.write(members)
}

// Keep adds a case with its answers as they were read, and those of one more release.
func (w *Writer) Keep(c Case, release string, out any) error {
	var members Object
	if err := c.Decode(&members); err != nil {
		return err
	}
	if out != nil {
		var outs Object
		err := json.Unmarshal(members["outs"], &outs)
		if err == nil {
			outs[release], err = encode(out)
		}
		if err == nil {
			members["outs"], err = encode(outs)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.ID, err)
		}
	}
	return w.write(members)
}

func (w *Writer) write(members Object) error {
	line, err := encode(members)
	if err != nil {
		return err
	}
	_, err = w.zipped.Write(line)
	return err
}

// Close finishes the file.
func (w *Writer) Close() error {
	return errors.Join(w.zipped.Close(), w.file.Close())
}

// inputs are the members of a case that are no answer.
func (k Kind) inputs(c Case) (Object, error) {
	var members Object
	if err := c.Decode(&members); err != nil {
		return nil, err
	}
	for member := range members {
		switch {
		case slices.Contains([]string{"out", "final", "outs", "outsArm64"}, member):
			delete(members, member)
		case c.Base && len(k.Inputs) > 0 && !slices.Contains(k.Inputs, member):
			delete(members, member)
		}
	}
	raw, isTrace := members["steps"]
	if !isTrace {
		return members, nil
	}
	var steps []Object
	if err := json.Unmarshal(raw, &steps); err != nil {
		return nil, fmt.Errorf("%s: %w", c.ID, err)
	}
	for _, step := range steps {
		delete(step, "out")
	}
	encoded, err := encode(steps)
	members["steps"] = encoded
	return members, err
}

func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return text.Bytes(), err
}

// difference names the first place at which two answers differ; it is empty if they are the same.
func difference(path string, recorded, answered any) string {
	if reflect.DeepEqual(recorded, answered) {
		return ""
	}
	switch recorded := recorded.(type) {
	case map[string]any:
		if answered, ok := answered.(map[string]any); ok {
			for _, key := range Keys(recorded, answered) {
				if different := difference(path+"."+key, recorded[key], answered[key]); different != "" {
					return different
				}
			}
		}
	case []any:
		if answered, ok := answered.([]any); ok && len(recorded) == len(answered) {
			for i := range recorded {
				if different := difference(fmt.Sprintf("%s[%d]", path, i), recorded[i], answered[i]); different != "" {
					return different
				}
			}
		}
	}
	return fmt.Sprintf("%s: recorded %s, answered %s", path, Short(recorded), Short(answered))
}

// Short is a value as JSON, cut where it is long.
func Short(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	if len(text) > 400 {
		return string(text[:400]) + "…"
	}
	return string(text)
}

// Keys are those of both maps, sorted.
func Keys[V any](first, second map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(first)), maps.Keys(second))
	slices.Sort(all)
	return slices.Compact(all)
}
