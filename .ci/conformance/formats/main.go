// Command formats exchanges files with test_onnx.py.
//
//	formats write DIR    models as NAME.onnx and NAME.safetensors, and NAME.npz with
//	                     examples x and the model's outputs y
//	formats read DIR     of every NAME.onnx, asked for the x of NAME.npz, the outputs y
//	                     as NAME.out.npz
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cajal/engine/nn"
	"cajal/engine/npy"
	"cajal/engine/onnx"
	"cajal/engine/tensor"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: formats write|read DIR")
		os.Exit(2)
	}
	run := map[string]func(dir string) error{"write": write, "read": read}[os.Args[1]]
	if run == nil {
		fmt.Fprintf(os.Stderr, "formats: no command %q\n", os.Args[1])
		os.Exit(2)
	}
	if err := run(os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// words is how many the model of that name knows.
const words = 7

// models are the two of the chapters, and layers that those have not.
func models() map[string]*nn.Model {
	x := nn.In(8, 8, 3)
	h := nn.Conv2D(3, 3, 3, nn.Same, nn.ReLU)(x)
	steps := nn.In(5, 4)
	out := map[string]*nn.Model{
		"mlp": nn.Sequential(nn.Input(784), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.ReLU), nn.Dense(10, nn.Softmax)),
		"cnn": nn.Sequential(nn.Input(28, 28, 1), nn.Conv2D(32, 3, 3, nn.ReLU), nn.MaxPool2D(2), nn.Conv2D(64, 3, 3, nn.ReLU), nn.MaxPool2D(2),
			nn.Flatten(), nn.Dense(64, nn.ReLU), nn.Dense(10, nn.Softmax)),
		"norm": nn.Sequential(nn.Input(9, 7, 2), nn.Conv2D(4, 3, 2, nn.Same, nn.Stride(2), nn.NoBias), nn.BatchNorm(), nn.Act(nn.SiLU), nn.AvgPool2D(2, nn.Stride(1)),
			nn.Reshape(4, 12), nn.LayerNorm(), nn.Flatten(), nn.Dense(3, nn.LogSoftmax)),
		"steps":     nn.Sequential(nn.Input(20, 3), nn.Conv1D(4, 3, nn.Tanh), nn.MaxPool1D(2), nn.GlobalMaxPool(), nn.Dropout(0.5), nn.Dense(2, nn.Sigmoid)),
		"deep":      nn.Sequential(nn.Input(9, 8, 3), nn.DepthwiseConv2D(3, 2, nn.ReLU, nn.Multiplier(2)), nn.DepthwiseConv2D(2, 3, nn.Same, nn.Stride(2)), nn.Flatten(), nn.Dense(2)),
		"up":        nn.Sequential(nn.Input(3, 4, 3), nn.Conv2DTranspose(4, 3, 2, nn.Stride(2), nn.ReLU), nn.Conv2DTranspose(2, 4, 3, nn.Same, nn.Stride(2)), nn.GlobalAvgPool()),
		"rnn":       nn.Sequential(nn.Input(5, 3), nn.SimpleRNN(4, nn.Sequences), nn.SimpleRNN(3, nn.ReLU, nn.Backwards), nn.Dense(2)),
		"lstm":      nn.Sequential(nn.Input(5, 3), nn.LSTM(4, nn.Sequences, nn.Backwards), nn.LSTM(3), nn.Dense(2)),
		"gru":       nn.Sequential(nn.Input(5, 3), nn.GRU(4, nn.Sequences, nn.Backwards), nn.GRU(3), nn.Dense(2)),
		"words":     nn.Sequential(nn.Input(5), nn.Embedding(words, 4), nn.GRU(3), nn.Dense(2)),
		"attention": nn.Sequential(nn.Input(5, 4), nn.MultiHeadAttention(2, 3), nn.LayerNorm(), nn.MultiHeadAttention(3, 2, nn.Causal), nn.GlobalAvgPool()),
		"attend":    nn.Graph(steps, nn.Attend(steps, nn.Conv1D(3, 2)(steps), 2, 3)),
		"graph":     nn.Graph(x, nn.Dense(2)(nn.GlobalAvgPool()(nn.Concat(nn.Add(x, h), nn.Multiply(x, h))))),
	}
	for a := nn.Linear; a < nn.Sparsemax; a++ {
		out["act_"+strings.ReplaceAll(a.String(), " ", "_")] = nn.Sequential(nn.Input(4, 4, 2), nn.Conv2D(3, 2, 2, a), nn.Flatten(), nn.Dense(5, a))
	}
	return out
}

func write(dir string) error {
	for name, m := range models() {
		x := tensor.Uniform(1, -1, 1, append([]int{5}, m.InputShape()...)...)
		if name == "words" {
			for i := range x.Data {
				x.Data[i] = float32(i % words)
			}
		}
		y, err := m.Predict(x)
		if err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		if err := onnx.Write(path+".onnx", m); err != nil {
			return err
		}
		if err := m.Save(path + ".safetensors"); err != nil {
			return err
		}
		if err := npy.WriteZip(path+".npz", map[string]*npy.Array{"x": npy.Of(x), "y": npy.Of(y)}); err != nil {
			return err
		}
	}
	return nil
}

func read(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.onnx"))
	if err != nil {
		return err
	}
	for _, f := range files {
		base := strings.TrimSuffix(f, ".onnx")
		m, err := onnx.Read(f)
		if err != nil {
			return err
		}
		arrays, err := npy.ReadZip(base + ".npz")
		if err != nil {
			return err
		}
		x, err := arrays["x"].Float32()
		if err != nil {
			return err
		}
		y, err := m.Predict(x)
		if err != nil {
			return err
		}
		if err := npy.WriteZip(base+".out.npz", map[string]*npy.Array{"y": npy.Of(y)}); err != nil {
			return err
		}
	}
	return nil
}
