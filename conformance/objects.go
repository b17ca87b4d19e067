package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"reflect"
	"slices"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install" // registers the versions
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
)

const (
	namespace = "prod"
	onlyOne   = "must populate the given metric source only"
)

// requestContext is what a request to a server carries down to the strategy.
func requestContext(subresource string) context.Context {
	ctx := genericapirequest.WithNamespace(context.Background(), namespace)
	return genericapirequest.WithRequestInfo(ctx, &genericapirequest.RequestInfo{
		APIGroup: autoscaling.GroupName, APIVersion: "v2", Resource: "horizontalpodautoscalers", Subresource: subresource,
	})
}

func serializer(mediaType string) runtime.SerializerInfo {
	info, ok := runtime.SerializerInfoForMediaType(legacyscheme.Codecs.SupportedMediaTypes(), mediaType)
	if !ok {
		panic("the scheme does not know " + mediaType)
	}
	return info
}

// decode reads an object as the server's handlers do: as its version says, with the defaults of that version, into
// the internal one.
func decode(with runtime.Decoder, body []byte) (runtime.Object, error) {
	decoder := legacyscheme.Codecs.DecoderToVersion(with, autoscaling.SchemeGroupVersion)
	assumed := autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler")
	object, _, err := decoder.Decode(body, &assumed, nil)
	return object, err
}

func lenient(body []byte) (*autoscaling.HorizontalPodAutoscaler, error) {
	object, err := decode(serializer(runtime.ContentTypeJSON).Serializer, body)
	if err != nil {
		return nil, err
	}
	hpa, ok := object.(*autoscaling.HorizontalPodAutoscaler)
	if !ok {
		// The handler decodes into an autoscaler, and so finds no such kind.
		return nil, runtime.NewNotRegisteredErrForKind(legacyscheme.Scheme.Name(), object.GetObjectKind().GroupVersionKind())
	}
	return hpa, nil
}

// strictError is what the server says with fieldValidation=Strict, if that is about fields.
func strictError(body []byte) string {
	_, err := decode(serializer(runtime.ContentTypeJSON).StrictSerializer, body)
	if strict, is := runtime.AsStrictDecodingError(err); is {
		return strict.Error()
	}
	return ""
}

// asVersion is an object as JSON of a version, without empty members.
func asVersion(object runtime.Object, version schema.GroupVersion) (map[string]any, error) {
	encoder := legacyscheme.Codecs.EncoderForVersion(serializer(runtime.ContentTypeJSON).Serializer, version)
	text, err := runtime.Encode(encoder, object)
	if err != nil {
		return nil, err
	}
	value, err := cases.Values(text)
	if err != nil {
		return nil, err
	}
	members, ok := withoutNull(value).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no object", text)
	}
	return members, nil
}

// throughStorage writes and reads an object as the server does: version 2, as protobuf.
func throughStorage(object runtime.Object) (runtime.Object, error) {
	encoder := legacyscheme.Codecs.EncoderForVersion(serializer(runtime.ContentTypeProtobuf).Serializer, autoscalingv2.SchemeGroupVersion)
	bytes, err := runtime.Encode(encoder, object)
	if err != nil {
		return nil, err
	}
	return runtime.Decode(legacyscheme.Codecs.UniversalDecoder(autoscaling.SchemeGroupVersion), bytes)
}

// stored is what a read returns, without what a server sets by chance.
func stored(object runtime.Object, version schema.GroupVersion, members ...string) (map[string]any, error) {
	read, err := throughStorage(object)
	if err != nil {
		return nil, err
	}
	all, err := asVersion(read, version)
	if err != nil {
		return nil, err
	}
	if metadata, ok := all["metadata"].(map[string]any); ok {
		for _, name := range []string{"uid", "creationTimestamp", "resourceVersion", "managedFields"} {
			delete(metadata, name)
		}
	}
	out := map[string]any{}
	for _, name := range members {
		if value, ok := all[name]; ok {
			out[name] = value
		}
	}
	return out, nil
}

func withoutNull(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if member == nil {
				delete(value, name)
			} else {
				value[name] = withoutNull(member)
			}
		}
	case []any:
		for i := range value {
			value[i] = withoutNull(value[i])
		}
	}
	return value
}

// fieldError is an error about a field, as the cases have it.
type fieldError struct {
	Type    string `json:"type"`
	Field   string `json:"field"`
	Detail  string `json:"detail"`
	Message string `json:"message"`
}

func fieldErrors(list field.ErrorList) []fieldError {
	errs := []fieldError{}
	for _, err := range list {
		errs = append(errs, fieldError{Type: string(err.Type), Field: err.Field, Detail: err.Detail, Message: err.Error()})
	}
	return errs
}

// finalErrors are those that a server answers with. Its answer has no details: they are those of `known`, or follow
// the kind of the error and its value.
func finalErrors(err error, known []fieldError) ([]fieldError, error) {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil, fmt.Errorf("no list of errors: %w", err)
	}
	errs := []fieldError{}
	for _, cause := range status.Status().Details.Causes {
		final := fieldError{Type: string(cause.Type), Field: cause.Field, Message: cause.Field + ": " + cause.Message}
		same := func(other fieldError) bool { return other.Message == final.Message && other.Type == final.Type }
		if at := slices.IndexFunc(known, same); at >= 0 {
			final.Detail = known[at].Detail
		} else if parts := strings.SplitN(cause.Message, ": ", 3); final.Type == string(field.ErrorTypeRequired) {
			final.Detail = strings.Join(parts[1:], ": ")
		} else if len(parts) == 3 {
			final.Detail = parts[2]
		}
		errs = append(errs, final)
	}
	return errs, nil
}

// addErrors writes what the strategy itself says, and the final answer if it is another.
func addErrors(out map[string]any, errs []fieldError, err error) error {
	final := []fieldError{}
	if err != nil {
		var failed error
		if final, failed = finalErrors(err, errs); failed != nil {
			return failed
		}
	}
	random := 0
	for _, err := range errs {
		if err.Detail == onlyOne {
			random++
		}
	}
	if random > 1 {
		out["unorderedErrors"] = true
		byMessage := func(a, b fieldError) int { return strings.Compare(a.Message, b.Message) }
		slices.SortStableFunc(errs, byMessage)
		slices.SortStableFunc(final, byMessage)
	}
	out["errors"] = errs
	if !reflect.DeepEqual(errs, final) {
		out["strategyErrors"] = final
	}
	return nil
}

// body is the request's body. A server stops at the first value of a wrong type. The files sort the members of objects;
// the bodies of base cases were sorted too, those of the cases r-… had the members of the spec in the order of the API.
func body(id string, manifest json.RawMessage) (json.RawMessage, error) {
	var members cases.Object
	if !strings.HasPrefix(id, "r-") {
		return manifest, nil
	}
	if json.Unmarshal(manifest, &members) != nil {
		return manifest, nil
	}
	var spec cases.Object
	if json.Unmarshal(members["spec"], &spec) != nil {
		return manifest, nil
	}
	order := []string{"scaleTargetRef", "minReplicas", "maxReplicas", "metrics", "behavior"}
	names := cases.Keys(spec, nil)
	slices.SortStableFunc(names, func(a, b string) int {
		rank := func(name string) int {
			if at := slices.Index(order, name); at >= 0 {
				return at
			}
			return len(order)
		}
		return rank(a) - rank(b)
	})
	var text bytes.Buffer
	for at, name := range names {
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		text.WriteString(map[bool]string{true: "{", false: ","}[at == 0])
		text.Write(quoted)
		text.WriteByte(':')
		text.Write(spec[name])
	}
	if len(names) > 0 {
		text.WriteByte('}')
		members["spec"] = text.Bytes()
	}
	return json.Marshal(members)
}

type objectCase struct {
	Gates       map[string]bool
	Manifest    json.RawMessage
	Old         json.RawMessage
	Subresource string
	From, To    string
	Object      json.RawMessage
}

// Validation answers a case of kind validation: the creation of an object.
func Validation(c cases.Case) (any, error) {
	return withObject(c, func(in *objectCase) (map[string]any, error) {
		out := map[string]any{}
		manifest, err := body(c.ID, in.Manifest)
		if err != nil {
			return nil, err
		}
		hpa, err := lenient(manifest)
		if err != nil {
			out["decodeError"] = err.Error()
			return out, nil
		}
		if strict := strictError(manifest); strict != "" {
			out["strictDecodingError"] = strict
		}
		defaulted, err := asVersion(hpa, autoscalingv2.SchemeGroupVersion)
		if err != nil {
			return nil, err
		}
		out["defaultedSpec"] = defaulted["spec"]
		ctx := requestContext("")
		err = create(ctx, hpa)
		if err != nil && !apierrors.IsInvalid(err) {
			out["requestError"] = err.Error()
			return out, nil
		}
		errs := fieldErrors(horizontalpodautoscaler.Strategy.Validate(ctx, hpa))
		if failed := addErrors(out, errs, err); failed != nil || err != nil {
			return out, failed
		}
		if out["stored"], err = stored(hpa, autoscalingv2.SchemeGroupVersion, "metadata", "spec"); err != nil {
			return nil, err
		}
		var typed metav1.TypeMeta
		if json.Unmarshal(in.Manifest, &typed) == nil && typed.APIVersion == "autoscaling/v1" {
			version := schema.GroupVersion{Group: autoscaling.GroupName, Version: "v1"}
			out["storedV1"], err = stored(hpa, version, "metadata", "spec")
		}
		return out, err
	})
}

// Update answers a case of kind update: a PUT of an object, or of its status.
func Update(c cases.Case) (any, error) {
	return withObject(c, func(in *objectCase) (map[string]any, error) {
		out := map[string]any{}
		manifest, err := body(c.ID, in.Manifest)
		if err != nil {
			return nil, err
		}
		hpa, err := lenient(manifest)
		if err != nil {
			out["decodeError"] = err.Error()
			return out, nil
		}
		old, err := lenient(in.Old)
		if err != nil {
			return nil, fmt.Errorf("the old object: %w", err)
		}
		if strict := strictError(manifest); strict != "" {
			out["strictDecodingError"] = strict
		}
		if hpa.ResourceVersion == "" {
			hpa.ResourceVersion = old.ResourceVersion
		}
		ctx := requestContext(in.Subresource)
		errs, err := update(ctx, in.Subresource, hpa, old)
		if err != nil && !apierrors.IsInvalid(err) {
			out["requestError"] = err.Error()
			return out, nil
		}
		if failed := addErrors(out, fieldErrors(errs), err); failed != nil || err != nil {
			return out, failed
		}
		out["stored"], err = stored(hpa, autoscalingv2.SchemeGroupVersion, "metadata", "spec", "status")
		return out, err
	})
}

// Conversion answers a case of kind conversion.
func Conversion(c cases.Case) (any, error) {
	return withObject(c, func(in *objectCase) (map[string]any, error) {
		for _, version := range []string{in.From, in.To} {
			parsed, err := schema.ParseGroupVersion(version)
			if err != nil {
				return nil, err
			}
			if !legacyscheme.Scheme.IsVersionRegistered(parsed) {
				return nil, fmt.Errorf("%w: it does not serve %s", ErrCannotRun, version)
			}
		}
		to, err := schema.ParseGroupVersion(in.To)
		if err != nil {
			return nil, err
		}
		out := map[string]any{}
		hpa, err := lenient(in.Object)
		if err != nil {
			out["error"] = err.Error()
			return out, nil
		}
		read, err := throughStorage(hpa)
		if err != nil {
			return nil, err
		}
		direct, err := asVersion(hpa, to)
		if err != nil {
			return nil, err
		}
		out["object"] = direct
		afterwards, err := asVersion(read, to)
		if err == nil && !reflect.DeepEqual(direct, afterwards) {
			out["stored"] = afterwards
		}
		return out, err
	})
}

func withObject(c cases.Case, answer func(*objectCase) (map[string]any, error)) (any, error) {
	var in objectCase
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var out any
	err := WithGates(in.Gates, func() (err error) {
		out, err = answer(&in)
		return err
	})
	return out, err
}
