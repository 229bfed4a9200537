// This file is the page of the package: what it is for, and where things are.

// Package nn describes neural networks, trains them and asks them.
//
//	m := nn.Sequential(
//		nn.Input(784),
//		nn.Dense(10, nn.ReLU),
//		nn.Dense(10, nn.Softmax),
//	)
//	hist, err := m.Fit(train, nn.Fit{Epochs: 5, Val: test})
//	res, err := m.Evaluate(test)
//	probs, err := m.Predict(test.Take(3))
//
// It is not for training on several machines or a GPU, or for models of several
// inputs or outputs.
//
//	Sequential, Graph, Model  model.go, value.go  chains and graphs; a mistake stays in Err
//	Input, Flatten, Reshape   layer.go, reshape.go
//	Dense, Conv2D, Conv1D     dense.go, conv.go; convpool.go is a convolution with pooling
//	DepthwiseConv2D           depthwise.go
//	Conv2DTranspose           transposed.go
//	pooling                   pool.go      MaxPool2D, AvgPool2D, GlobalAvgPool, …
//	Act, Dropout              act.go, dropout.go
//	BatchNorm, LayerNorm      batchnorm.go, norm.go
//	Embedding                 embedding.go
//	SimpleRNN, LSTM, GRU      recurrent.go, rnn.go, lstm.go, gru.go
//	MultiHeadAttention        attention.go
//	Add, Multiply, Concat     merge.go
//	options                   option.go    nn.ReLU, nn.L2(1e-4), nn.Same, nn.Name("fc1")
//	parameters                param.go, initial.go
//	losses, metrics           loss.go, metric.go
//	Custom, CustomLoss        custom.go, customloss.go   layers and losses of one's own
//	OnTape, Explain           taped.go, tapelayers.go, truth.go, explain.go, formula.go
//	Fit, History              fit.go, settings.go, history.go
//	EarlyStop, ReduceLR…      earlystop.go, plateau.go, watch.go
//	Checkpoint, Resume        checkpoint.go
//	FindLearningRate          ratefinder.go
//	Doctor, Units             doctor.go, unitdoctor.go, moves.go
//	one step of it            plan.go, step.go, limit.go, pieces.go
//	Monitor, Step             monitor.go   what a progress display is told
//	Evaluate, Predict         evaluate.go; hash.go tells equal weights
//	Summary                   summary.go
//
// Shapes are written per example and without the batch: [28 28 1] is height,
// width, channels; [30 8] steps and features; [784] a row of numbers. A batch is one row an example, so a
// dense layer is XW + b with X [batch in], W [in out], b [out].
//
// A Model may be used by several goroutines; while one trains it, others get
// an error. Fit.OnBatch and Fit.OnEpoch may ask the model that is trained.
package nn
