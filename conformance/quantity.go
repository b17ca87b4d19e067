package conformance

import (
	"fmt"
	"github.com/hpa-playground/hpa-playground/conformance/cases"
	"math"
	"strconv"

	"k8s.io/apimachinery/pkg/api/resource"
)

// Quantity answers a case of kind quantity.
func Quantity(c cases.Case) (any, error) {
	var in struct{ In string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if _, err := resource.ParseQuantity(in.In); err != nil {
		return map[string]any{"error": err.Error()}, nil
	}
	// A quantity caches its text, so that each answer needs a fresh one.
	fresh := func() *resource.Quantity {
		quantity := resource.MustParse(in.In)
		return &quantity
	}
	json, err := fresh().MarshalJSON()
	if err != nil {
		return nil, err
	}
	text := fresh().String()
	again, err := resource.ParseQuantity(text)
	float := fresh().AsApproximateFloat64()
	return map[string]any{
		"format":          string(fresh().Format),
		"string":          text,
		"json":            string(json),
		"sign":            fresh().Sign(),
		"value":           strconv.FormatInt(fresh().Value(), 10),
		"milliValue":      strconv.FormatInt(fresh().MilliValue(), 10),
		"approxFloat":     strconv.FormatFloat(float, 'g', -1, 64),
		"approxFloatBits": fmt.Sprintf("%016x", math.Float64bits(float)),
		"reparseEqual":    err == nil && fresh().Cmp(again) == 0,
	}, nil
}
