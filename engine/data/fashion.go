// This file reads Fashion-MNIST.

package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

var fashion = idxSet{
	title: "Fashion-MNIST", name: "fashion-mnist", source: "github.com/zalandoresearch/fashion-mnist",
	advice: "get these files from the folder data/fashion of https://github.com/zalandoresearch/fashion-mnist and put them there, or give their folder to data.FashionMNISTIn",
	files: [4]idxSource{
		{name: "train-images-idx3-ubyte", packed: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
		{name: "train-labels-idx1-ubyte", packed: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
		{name: "t10k-images-idx3-ubyte", packed: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
		{name: "t10k-labels-idx1-ubyte", packed: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
	},
	classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
}

// FashionMNIST returns the 60,000 and the 10,000 pictures of clothes of Xiao, Rasul
// and Vollgraf (2017, arXiv:1708.07747): examples [28 28 1] from 0 to 1, with labels
// 0 to 9 and the names of the classes. A model with Input(784) may read them too.
//
// The four packed IDX files are looked for in the folder fashion-mnist of the one that
// the environment variable CAJAL_DATA names, else in cajal/fashion-mnist of the
// user's cache folder. No Go module carries them, so they are not fetched: the error
// says which are missing and where they are published. Their SHA-256 is checked.
func FashionMNIST() (train, test *Dataset, err error) {
	dir := os.Getenv("CAJAL_DATA")
	if dir == "" {
		if dir, err = os.UserCacheDir(); err != nil {
			return nil, nil, fmt.Errorf("data: no folder for Fashion-MNIST: %w\nhint: give the folder of its four files to data.FashionMNISTIn", err)
		}
		dir = filepath.Join(dir, "cajal")
	}
	return FashionMNISTIn(filepath.Join(dir, fashion.name))
}

// FashionMNISTIn is FashionMNIST with the files of the folder dir.
func FashionMNISTIn(dir string) (train, test *Dataset, err error) {
	return fashion.load(context.Background(), dir)
}
