package cases

import "fmt"

// Count counts the answers of one release that are as recorded.
type Count struct {
	Passed, Failed int
	// Members, if there are any, are the only members of an output that are compared: of each step in a trace.
	Members []string

	kind    Kind
	release string
}

// NewCount starts at 0.
func NewCount(kind Kind, release string) *Count {
	return &Count{kind: kind, release: release}
}

// Add compares an answer, or its absence, with the recorded one. It returns the difference, if there is one.
//
// A release for which nothing is recorded may have no answer: it cannot run the case. A base case stands for all
// releases, and not for those that cannot run it.
func (n *Count) Add(c Case, answered any, isAnswered bool) (string, error) {
	recorded, isRecorded, err := n.kind.Recorded(c, n.release)
	if err != nil {
		return "", err
	}
	if !isAnswered && (!isRecorded || c.Base) {
		return "", nil
	}
	if len(n.Members) > 0 {
		recorded, answered = n.narrow(recorded), n.narrow(answered)
	}
	different := ""
	switch {
	case !isAnswered:
		different = ": there is no answer"
	case !isRecorded:
		different = ": answered, although nothing is recorded"
	default:
		different = n.kind.Difference(n.release, recorded, answered)
	}
	if different == "" {
		n.Passed++
		return "", nil
	}
	n.Failed++
	return c.ID + different, nil
}

func (n *Count) narrow(out any) any {
	members, ok := out.(map[string]any)
	if !ok {
		return out
	}
	if steps, ok := members["steps"].([]any); ok {
		narrowed := []any{}
		for _, step := range steps {
			narrowed = append(narrowed, n.narrow(step))
		}
		return map[string]any{"steps": narrowed}
	}
	narrowed := map[string]any{}
	for _, name := range n.Members {
		if value, ok := members[name]; ok {
			narrowed[name] = value
		}
	}
	return narrowed
}

func (n *Count) String() string {
	return fmt.Sprintf("%s: %d passed, %d failed", n.kind.Name, n.Passed, n.Failed)
}
