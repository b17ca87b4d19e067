package cases

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind is one kind of case.
type Kind struct {
	Name string
	// Inputs names the members of a base case that are not its output, where the output has no member of its own.
	Inputs []string
	// Comparable takes out of both answers what is not to be compared.
	Comparable func(release string, recorded, answered any) (any, any)
}

// Kinds are all kinds.
func Kinds() []Kind {
	return []Kind{
		{Name: "calculator"},
		{Name: "behavior"},
		{Name: "quantity", Inputs: []string{"id", "in"}},
		{
			Name: "validation", Comparable: each(comparableErrors),
			Inputs: []string{"id", "gates", "manifest", "plainUnmarshalError"},
		},
		{Name: "update", Comparable: each(comparableErrors)},
		{Name: "conversion"},
		{Name: "reconcile", Comparable: comparableTrace},
		{Name: "queue", Comparable: comparableQueue},
	}
}

// Difference names the first place at which an answer differs from the recorded one in what is to be compared; it is
// empty if there is none.
func (k Kind) Difference(release string, recorded, answered any) string {
	if k.Comparable != nil {
		recorded, answered = k.Comparable(release, recorded, answered)
	}
	return difference("", recorded, answered)
}

// each changes both answers alike.
func each(change func(release string, out any) any) func(string, any, any) (any, any) {
	return func(release string, recorded, answered any) (any, any) {
		return change(release, recorded), change(release, answered)
	}
}

// comparableErrors leaves out what 1.33 prints as structs of Go, with addresses of memory, and the order of unknown
// fields: it follows that of the body, which the files do not keep.
func comparableErrors(release string, out any) any {
	members, ok := out.(map[string]any)
	if !ok {
		return out
	}
	if strict, ok := members["strictDecodingError"].(string); ok {
		fields := strings.Split(strings.TrimPrefix(strict, "strict decoding error: "), ", ")
		slices.Sort(fields)
		members["strictDecodingError"] = fields
	}
	for _, list := range []string{"errors", "strategyErrors"} {
		errs, ok := members[list].([]any)
		if !ok {
			continue
		}
		if release == "1.33" {
			for _, err := range errs {
				if err, ok := err.(map[string]any); ok {
					delete(err, "message")
				}
			}
		}
		if members["unorderedErrors"] == true {
			text := func(value any) string { return Short(value) }
			slices.SortStableFunc(errs, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		}
	}
	return out
}

// comparableTrace leaves out the histories where the answer has none: upstream keeps them to itself.
func comparableTrace(_ string, recorded, answered any) (any, any) {
	members, ok := recorded.(map[string]any)
	other, isObject := answered.(map[string]any)
	if !ok || !isObject {
		return recorded, answered
	}
	if _, has := other["final"]; has {
		return recorded, answered
	}
	return without(members, "final"), answered
}

func without(members map[string]any, name string) map[string]any {
	members = maps.Clone(members)
	delete(members, name)
	return members
}

func isPooled(out any) bool {
	members, ok := out.(map[string]any)
	return ok && members["pooled"] != nil
}

// Pooled takes the lists of all autoscalers together.
func Pooled(out any) any {
	members, ok := out.(map[string]any)
	if !ok || isPooled(out) {
		return out
	}
	lists := map[string]any{}
	for name, byHPA := range members {
		all := []any{}
		for _, list := range byHPA.(map[string]any) {
			all = append(all, list.([]any)...)
		}
		slices.SortFunc(all, func(a, b any) int {
			first, _ := a.(json.Number).Int64()
			second, _ := b.(json.Number).Int64()
			return cmp.Compare(first, second)
		})
		lists[name] = all
	}
	return map[string]any{"pooled": lists}
}

func comparableQueue(_ string, recorded, answered any) (any, any) {
	if isPooled(recorded) || isPooled(answered) {
		return Pooled(recorded), Pooled(answered)
	}
	return recorded, answered
}

// KindOf is the kind of that name.
func KindOf(name string) (Kind, error) {
	for _, kind := range Kinds() {
		if kind.Name == name {
			return kind, nil
		}
	}
	return Kind{}, fmt.Errorf("there is no kind %s", name)
}
