// Package engine is a folder of packages and the page that tells what is
// where; it has no code of its own.
//
// The engine has no GPU, no graph language and one type of number: it trains the
// networks of the chapters, on a CPU, quickly and with the same bits every time,
// and has what is needed to look into them.
//
//	engine/nn      models: layers, losses, metrics, Fit, Evaluate, Predict
//	engine/data    datasets: arrays, MNIST, tables, images, iterators; splits, augmentation
//	engine/optim   update rules: SGD, Adam and others; schedules
//	engine/tensor  a shape and its float32 values, and operations on them
//	engine/grad    a tape that differentiates what one writes oneself
//	engine/explain why a model decides as it does
//	engine/neuro   spiking cells, Hebb, Hopfield, receptive fields
//	engine/onnx    models to and from ONNX files; engine/keras reads Keras' own
//	engine/npy     NumPy's files; engine/safetensors those of that name
//	engine/blas32  gonum's float32 matrix product, faster
//	engine/bench   a command: the speed of the above beside that of others
//	internal/f32   the primitives; each has a Go loop that specifies it, and
//	               assembly for AVX2 and AVX-512, chosen at run time
//	internal/nd    arrays under tensor and grad, in float32 and float64
//	internal/par   tasks over goroutines, without an effect on the result
//	internal/rng   random numbers that depend on a seed and a position only
//	internal/hdf5  the files that Keras writes; internal/scalar has the numbers of
//	               other programs' files, internal/atomicfile writes files whole
//
// # The life of a training step
//
//  1. nn.Sequential checks the shapes once and keeps the layers' plain
//     descriptions. Nothing large is allocated yet.
//  2. Model.Fit looks at the data (labels in range, no NaN, scaled), then makes
//     a plan: one operation a layer, with every buffer that a step needs. After
//     that a step allocates nothing.
//  3. Phase one runs over fixed chunks of the batch: gather the rows (augmented as
//     seed, epoch and place of the example say), forward, loss, backward to the
//     inputs. A chunk touches only its own rows.
//  4. Phase two runs over fixed blocks of the weights: gradient of the block over
//     the whole batch, then the optimizer's update of that block. A block touches
//     only its own weights.
//  5. No sum is ever split between tasks, so the number of threads, and who runs
//     what, cannot change a bit. Other CPUs may round differently: assembly fuses
//     multiply and add, the Go loops do not.
//
// The engine prints nothing and knows neither notebooks nor charts. Whoever
// wants to watch gives nn.Fit a Monitor; values describe themselves by String
// and MIMEBundle.
package engine
