// This file is the page of the package: what it is for, and where things are.

// Package explain asks a trained model why: which inputs a decision rests on, and
// how every number of one forward and backward pass came about.
//
// It is not for training and changes no model. It needs gradients with respect to
// inputs and activations, which package nn does not give; so it puts the layers on
// a tape of package grad, with the model's weights, and makes sure that they give
// the model's outputs. Models with layers or activations that it does not know get
// an error that names them.
//
//	Put                    tape.go         a model on a tape
//	Gradient, Saliency     gradient.go     what the score reacts to
//	IntegratedGradients    integrated.go   shares of the score that add up to it
//	GradCAM                cam.go          where a convolution saw the class
//	Occlusion              occlusion.go    what the score loses when a part is hidden
//	Gradients              layers.go       sizes of weights and gradients, by layer
//	Pass                   pass.go         one example, written out with formulas
//	Filters                layers.go       filters of a convolution as images
//
// The score of a class is the number that goes into the last softmax or sigmoid
// for it: probabilities hardly move where a model is sure. Maps are tensors, for
// any chart.
package explain
