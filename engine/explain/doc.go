// This file is the page of the package: what it is for, and where things are.

// Package explain asks a trained model why: which inputs a decision rests on, and
// how every number of one forward and backward pass came about.
//
// It is not for training and changes no model. It puts the layers on a tape of package
// grad, with the model's weights, as Model.OnTape of package nn does for every kind of
// layer, the user's own too.
//
//	Put                    tape.go         a model on a tape
//	Gradient, Saliency     gradient.go     what the score reacts to
//	LayerGradient          gradient.go     of any layer, with respect to any other
//	IntegratedGradients    integrated.go   shares of the score that add up to it
//	GradCAM                cam.go          where a convolution saw the class
//	Occlusion              occlusion.go    what the score loses when a part is hidden
//	Gradients              layers.go       sizes of weights, activations and gradients, by layer
//	Pass                   pass.go         one example, written out with formulas
//	Filters, Activations   layers.go       filters and outputs as images
//
// The score of a class is the number that goes into the last softmax or sigmoid
// for it: probabilities hardly move where a model is sure. Maps are tensors, for
// any chart.
package explain
