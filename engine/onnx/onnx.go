// This file is the page of the package, and has its two functions.

// Package onnx writes models as ONNX files and reads them, so that they go to and come
// from onnxruntime, PyTorch, Keras and others.
//
//	err := onnx.Write("m.onnx", model)
//	model, err := onnx.Read("m.onnx")
//
// It is not a runtime for ONNX: what is read becomes layers of package nn, and a graph
// that those cannot express is refused, with the operator that is in the way. Neither
// losses nor optimizers are part of a file.
//
//	layers                              operators
//	Dense                               Gemm, MatMul and Add
//	Conv1D, Conv2D                      Conv, of one group and dilation
//	DepthwiseConv2D                     Conv, of a group for each channel
//	Conv2DTranspose                     ConvTranspose
//	MaxPool, AvgPool, of both kinds     MaxPool, AveragePool
//	GlobalMaxPool, GlobalAvgPool        GlobalMaxPool, GlobalAveragePool, ReduceMean
//	Flatten, Reshape                    Flatten, Reshape
//	BatchNorm, LayerNorm                BatchNormalization, LayerNormalization
//	Add, Multiply, Concat               Add, Mul, Concat
//	Embedding                           Cast and Gather
//	SimpleRNN, LSTM, GRU                RNN, LSTM, GRU, between Transpose and Squeeze
//	MultiHeadAttention                  (written as several operators, and not read)
//	Dropout                             (left out; Dropout when it is read)
//	activations, all but Sparsemax      Relu, Sigmoid and so on; LogSigmoid, TanhShrink,
//	                                    SparsePlus and Squareplus are several operators,
//	                                    which are written, but not read as one again
//
// # Channels
//
// Images have their channels last here, [height width channels], and first in ONNX. A
// written model takes and gives them last, as the model did, and turns them round
// inside. A model that is read takes and gives them last too, even if the file's has
// them first: an image for it has to be turned round before.
//
//	wire.go    the bytes of protocol buffers
//	proto.go   the messages of ONNX
//	export.go  layers to operators
//	import.go  operators to layers; track.go has what is known of a value on the way,
//	           operators.go, slide.go, shape.go and activation.go the operators
//	sequence.go  embeddings, recurrent layers and attention, both ways
package onnx

import (
	"fmt"
	"io"
	"os"

	"cajal/engine/internal/atomicfile"
	"cajal/engine/nn"
)

// Write makes or replaces a file with the model. Its input is called "input", its
// output "output"; the first dimension of both is the batch. It fails for what has
// no operator, such as layers of your own. When it fails, what was there before stays.
func Write(path string, m *nn.Model) error {
	b, err := Encode(m)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	return nil
}

// Read makes a model of a file.
func Read(path string) (*nn.Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	m, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return m, nil
}
