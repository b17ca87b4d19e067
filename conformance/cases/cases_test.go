package cases

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeLines(t *testing.T, path string, lines ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	if _, err := zipped.Write([]byte(strings.Join(lines, "\n") + "\n")); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestACaseOfTheReleasesReplacesTheBaseCase(t *testing.T) {
	folder := t.TempDir()
	writeLines(t, filepath.Join(folder, "calculator.jsonl.gz"),
		`{"id":"a","out":{"replicas":1}}`, `{"id":"b","out":{"replicas":2}}`)
	writeLines(t, filepath.Join(folder, "releases", "calculator.jsonl.gz"),
		`{"id":"a","outs":{"1.36":{"replicas":3},"1.37":{"like":"1.36"}}}`)
	all, err := Read(folder, "calculator")
	if err != nil {
		t.Fatal(err)
	}
	kind, err := KindOf("calculator")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		at       int
		release  string
		recorded string
	}{{0, "1.36", `{"replicas":3}`}, {0, "1.37", `{"replicas":3}`}, {0, "1.35", "null"}, {1, "1.35", `{"replicas":2}`}} {
		out, _, err := kind.Recorded(all[row.at], row.release)
		if err != nil {
			t.Fatal(err)
		}
		if text := Short(out); text != row.recorded {
			t.Errorf("%s in %s: %s, not %s", all[row.at].ID, row.release, text, row.recorded)
		}
	}
}

func TestATraceMayBeToldAsAChangeOfAnother(t *testing.T) {
	c := Case{ID: "t", Raw: []byte(`{"id":"t","outs":{
		"1.36":{"steps":[{"scaledTo":1},{"scaledTo":2}],"final":{"a":1}},
		"1.37":{"like":"1.36","steps":{"1":{"scaledTo":5}}}}}`)}
	out, recorded, err := Kind{}.Recorded(c, "1.37")
	if text := Short(out); err != nil || !recorded || text != `{"final":{"a":1},"steps":[{"scaledTo":1},{"scaledTo":5}]}` {
		t.Error(text, recorded, err)
	}
}

func TestABaseCaseMayHaveItsOutputAmongItsInputs(t *testing.T) {
	c := Case{ID: "q", Base: true, Raw: []byte(`{"id":"q","in":"1","value":"1"}`)}
	out, _, err := Kind{Inputs: []string{"id", "in"}}.Recorded(c, "1.33")
	if text := Short(out); err != nil || text != `{"value":"1"}` {
		t.Error(text, err)
	}
}

func TestAnswersAreCounted(t *testing.T) {
	c := Case{ID: "a", Raw: []byte(`{"id":"a","outs":{"1.37":{"replicas":3,"usage":7,"more":[1]}}}`)}
	for _, row := range []struct {
		release, answer, members, different string
	}{
		{"1.37", `{"replicas":3,"usage":7,"more":[1]}`, "", ""},
		{"1.37", `{"replicas":3,"usage":8,"more":[1]}`, "", "a.usage: recorded 7, answered 8"},
		{"1.37", `{"replicas":3,"usage":7,"more":[2]}`, "", "a.more[0]: recorded 1, answered 2"},
		{"1.37", `{"replicas":3,"usage":8}`, "replicas", ""},
		{"1.37", `{"replicas":4}`, "replicas", "a.replicas: recorded 3, answered 4"},
		{"1.37", "", "", "a: there is no answer"},
		{"1.36", "", "", ""},
		{"1.36", `{}`, "", "a: answered, although nothing is recorded"},
	} {
		count := NewCount(Kind{Name: "calculator"}, row.release)
		if row.members != "" {
			count.Members = strings.Split(row.members, ",")
		}
		answer, err := Values([]byte(row.answer))
		if row.answer == "" {
			answer, err = nil, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		different, err := count.Add(c, answer, row.answer != "")
		if err != nil || different != row.different {
			t.Errorf("%q, not %q: %v", different, row.different, err)
		}
		if passed := different == ""; count.Failed == 0 != passed {
			t.Errorf("%s is not counted", count)
		}
	}
}

func TestWhatIsNotToBeComparedIsLeftOut(t *testing.T) {
	for _, row := range []struct{ kind, release, recorded, answered, different string }{
		{"reconcile", "1.37", `{"steps":[],"final":{"a":1}}`, `{"steps":[]}`, ""},
		{"reconcile", "1.37", `{"steps":[],"final":{"a":1}}`, `{"steps":[],"final":{"a":2}}`, ".final.a: recorded 1, answered 2"},
		{"update", "1.33", `{"errors":[{"type":"t","message":"0xc0001"}]}`, `{"errors":[{"type":"t","message":"0xc0002"}]}`, ""},
		{"update", "1.34", `{"errors":[{"message":"a"}]}`, `{"errors":[{"message":"b"}]}`, `.errors[0].message: recorded "a", answered "b"`},
		{
			"validation", "1.37", `{"errors":[{"message":"a"},{"message":"b"}],"unorderedErrors":true}`,
			`{"errors":[{"message":"b"},{"message":"a"}],"unorderedErrors":true}`, "",
		},
		{
			"validation", "1.37", `{"strictDecodingError":"strict decoding error: unknown field \"a\", unknown field \"b\""}`,
			`{"strictDecodingError":"strict decoding error: unknown field \"b\", unknown field \"a\""}`, "",
		},
		{"queue", "1.37", `{"pooled":{"gone":[1,2]}}`, `{"gone":{"a":[2],"b":[1]}}`, ""},
		{"queue", "1.37", `{"gone":{"a":[1],"b":[2]}}`, `{"gone":{"a":[2],"b":[1]}}`, ".gone.a[0]: recorded 1, answered 2"},
	} {
		kind, err := KindOf(row.kind)
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := Values([]byte(row.recorded))
		if err != nil {
			t.Fatal(err)
		}
		answered, err := Values([]byte(row.answered))
		if err != nil {
			t.Fatal(err)
		}
		if different := kind.Difference(row.release, recorded, answered); different != row.different {
			t.Errorf("%s: %q, not %q", row.kind, different, row.different)
		}
	}
}
