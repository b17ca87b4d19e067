package conformance

import (
	"context"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
)

// create does what the registry's store does before it writes a new object.
func create(ctx context.Context, hpa *autoscaling.HorizontalPodAutoscaler) error {
	rest.FillObjectMetaSystemFields(hpa)
	return rest.BeforeCreate(horizontalpodautoscaler.Strategy, ctx, hpa)
}

// update does what the registry's store does before it writes a changed object. It returns what the strategy itself
// says, and the final error.
func update(ctx context.Context, subresource string, hpa, old *autoscaling.HorizontalPodAutoscaler) (field.ErrorList, error) {
	if subresource == "status" {
		err := rest.BeforeUpdate(horizontalpodautoscaler.StatusStrategy, ctx, hpa, old)
		return horizontalpodautoscaler.StatusStrategy.ValidateUpdate(ctx, hpa, old), err
	}
	err := rest.BeforeUpdate(horizontalpodautoscaler.Strategy, ctx, hpa, old)
	return horizontalpodautoscaler.Strategy.ValidateUpdate(ctx, hpa, old), err
}
