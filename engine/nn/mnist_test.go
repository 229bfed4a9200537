// This file trains the article's models on MNIST where its files are at hand.

package nn_test

import (
	"os"
	"path/filepath"
	"testing"

	"cajal/engine/data"
	"cajal/engine/nn"
)

// digits returns MNIST, without fetching it.
func digits(t testing.TB) (train, test *data.Dataset) {
	dir, err := data.MNISTDir()
	if err != nil {
		t.Skip(err)
	}
	for _, f := range []string{"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Skipf("MNIST is not in %s: the first cell of a chapter, or data.MNIST(), fetches it", dir)
		}
	}
	train, test, err = data.MNIST()
	if err != nil {
		t.Fatal(err)
	}
	return train, test
}

func mlp() *nn.Model {
	return nn.Sequential(
		nn.Input(784),
		nn.Dense(10, nn.ReLU),
		nn.Dense(10, nn.ReLU),
		nn.Dense(10, nn.Softmax),
	)
}

func cnn() *nn.Model {
	return nn.Sequential(
		nn.Input(28, 28, 1),
		nn.Conv2D(32, 3, 3, nn.ReLU),
		nn.MaxPool2D(2),
		nn.Conv2D(64, 3, 3, nn.ReLU),
		nn.MaxPool2D(2),
		nn.Flatten(),
		nn.Dense(64, nn.ReLU),
		nn.Dense(10, nn.Softmax),
	)
}

// The bands are those of the same model under Keras, five epochs, three seeds.
func TestMLPOnMNIST(t *testing.T) {
	train, test := digits(t)
	m := mlp()
	h, err := m.Fit(train, nn.Fit{Epochs: 5, Val: test})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v", h)
	r, err := m.Evaluate(test)
	if err != nil {
		t.Fatal(err)
	}
	if r.Accuracy < 0.92 || r.Accuracy > 0.94 {
		t.Errorf("test accuracy %.4f, want 0.92 to 0.94", r.Accuracy)
	}
}

// One epoch over a part, as five take long: with all of it Keras is at .990.
func TestCNNOnMNIST(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	train, test := digits(t)
	m := cnn()
	if _, err := m.Fit(train.Take(15000), nn.Fit{}); err != nil {
		t.Fatal(err)
	}
	r, err := m.Evaluate(test)
	if err != nil {
		t.Fatal(err)
	}
	if r.Accuracy < 0.95 {
		t.Errorf("test accuracy %.4f after one epoch, want at least 0.95", r.Accuracy)
	}
}
