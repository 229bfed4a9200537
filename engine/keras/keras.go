// This file is the page of the package: it opens the three kinds of files.

// Package keras reads models and weights that Keras has saved.
//
//	m, err := keras.Read("m.keras")                // or .h5: layers and weights
//	err := keras.ReadWeights("m.weights.h5", m)    // weights, for a model made here
//
// It does not write; models go to Keras through package onnx or safetensors. Layers
// that package nn has not, or that compute something else there, are refused by name.
// Losses, metrics and the state of optimizers are left out, and so is what only
// training needs and nn has not: other regularisers than those of kernels,
// constraints, other initialisers.
//
//	keras.go    the files: a zip file, or HDF5 of two kinds
//	model.go    the layers of a model and what each reads
//	layer.go    the settings of each kind of layer
//	weights.go  where weights lie, and in which order
//	recurrent.go  both, of recurrent layers
package keras

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"cajal/engine/internal/hdf5"
	"cajal/engine/nn"
)

// Read makes a model of a file that model.save wrote: .keras, or the older .h5. The
// model is Sequential, or a graph of layers that each read what came before.
func Read(path string) (*nn.Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	m, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", err, path)
	}
	return m, nil
}

// Decode makes a model of the bytes of a file; see [Read].
func Decode(b []byte) (*nn.Model, error) {
	a, err := open(b)
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	if a.config == "" {
		return nil, errors.New("keras: the file has weights only: make the model here and call keras.ReadWeights")
	}
	m, err := a.model()
	if err != nil {
		return nil, fmt.Errorf("keras: %w", err)
	}
	return m, nil
}

// ReadWeights gives a model the weights in a file that model.save_weights or
// model.save wrote. The model has the layers of Keras' in the same order; names do not
// matter but in the older kind of files, where layers with weights are taken in order
// too. When it fails, the weights stay as they were.
func ReadWeights(path string, m *nn.Model) error {
	if err := m.Err(); err != nil {
		return fmt.Errorf("keras: %w", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("keras: %w", err)
	}
	a, err := open(b)
	if err == nil {
		err = a.fill(m)
	}
	if err != nil {
		return fmt.Errorf("keras: %w (%s)", err, path)
	}
	return nil
}

// archive is an open file.
type archive struct {
	config  string // of the model, as JSON; "" when there is none
	major   int    // version of Keras, 0 when it is not told
	weights *hdf5.Group
	old     bool // of the kind that names weights after layers
}

// open finds out which kind of file b is.
func open(b []byte) (*archive, error) {
	if bytes.HasPrefix(b, []byte("PK")) {
		return openZip(b)
	}
	f, err := hdf5.Open(b)
	if err != nil {
		return nil, fmt.Errorf("neither a .keras file nor HDF5: %w", err)
	}
	root, err := f.Root()
	if err != nil {
		return nil, err
	}
	a := &archive{weights: root}
	text, err := root.Attribute("model_config")
	switch {
	case err == nil && len(text) == 1:
		a.config = text[0]
	case err != nil && !errors.Is(err, hdf5.ErrNoAttribute):
		return nil, err
	}
	if version, err := root.Attribute("keras_version"); err == nil && len(version) == 1 {
		a.major = major(version[0])
	}
	if root.Has("model_weights") {
		if a.weights, err = root.Group("model_weights"); err != nil {
			return nil, err
		}
	}
	if _, err := a.weights.Attribute("layer_names"); err == nil {
		a.old = true
	} else if a.config != "" {
		return nil, fmt.Errorf("the file has a model, but no weights by the names of its layers: %w", err)
	}
	return a, nil
}

func major(version string) int {
	n, _, _ := strings.Cut(version, ".")
	v, _ := strconv.Atoi(n)
	return v
}

// A part of a .keras file may be a hundred times larger than the file, or 16 MB: Keras
// does not pack them.
const (
	maxPacked = 100
	minLimit  = 16 << 20
)

func openZip(b []byte) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("the file begins as a zip file, but is none: %w", err)
	}
	part := func(name string) ([]byte, error) {
		f, err := z.Open(name)
		if err != nil {
			return nil, fmt.Errorf("a .keras file has %s, but this one has not: %w", name, err)
		}
		defer f.Close()
		limit := max(int64(len(b))*maxPacked, minLimit)
		p, err := io.ReadAll(io.LimitReader(f, limit+1))
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", name, err)
		case int64(len(p)) > limit:
			return nil, fmt.Errorf("%s is larger than %d bytes, the most that is unpacked of a file of %d", name, limit, len(b))
		}
		return p, nil
	}
	config, err := part("config.json")
	if err != nil {
		return nil, err
	}
	weights, err := part("model.weights.h5")
	if err != nil {
		return nil, err
	}
	f, err := hdf5.Open(weights)
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	root, err := f.Root()
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	return &archive{config: string(config), major: 3, weights: root}, nil
}
