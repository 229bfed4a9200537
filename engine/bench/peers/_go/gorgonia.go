// This file trains with Gorgonia.

package main

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

type gorgonia struct {
	vm     G.VM
	solver G.Solver
	nodes  []G.ValueGrad
	x, y   *tensor.Dense
	out    *G.Node
}

func newGorgonia(s *settings) (trainer, error) {
	g := G.NewGraph()
	classes := s.sizes[len(s.sizes)-1]
	t := &gorgonia{
		x: tensor.New(tensor.WithShape(s.batch, s.sizes[0]), tensor.Of(tensor.Float32)),
		y: tensor.New(tensor.WithShape(s.batch, classes), tensor.Of(tensor.Float32)),
	}
	x := G.NewMatrix(g, tensor.Float32, G.WithShape(s.batch, s.sizes[0]), G.WithName("x"), G.WithValue(t.x))
	y := G.NewMatrix(g, tensor.Float32, G.WithShape(s.batch, classes), G.WithName("y"), G.WithValue(t.y))
	h := x
	var learnt G.Nodes
	last := len(s.sizes) - 2
	for i, n := range s.sizes[1:] {
		w := G.NewMatrix(g, tensor.Float32, G.WithShape(s.sizes[i], n), G.WithName(fmt.Sprint("w", i)), G.WithInit(G.GlorotU(1)))
		b := G.NewMatrix(g, tensor.Float32, G.WithShape(1, n), G.WithName(fmt.Sprint("b", i)), G.WithInit(G.Zeroes()))
		learnt = append(learnt, w, b)
		z, err := G.Mul(h, w)
		if err != nil {
			return nil, err
		}
		if z, err = G.BroadcastAdd(z, b, nil, []byte{0}); err != nil {
			return nil, err
		}
		if i < last {
			h, err = G.Rectify(z)
		} else {
			h, err = G.SoftMax(z)
		}
		if err != nil {
			return nil, err
		}
	}
	t.out = h
	logs, err := G.Log(h)
	if err != nil {
		return nil, err
	}
	hits, err := G.HadamardProd(logs, y)
	if err != nil {
		return nil, err
	}
	sum, err := G.Sum(hits)
	if err != nil {
		return nil, err
	}
	loss, err := G.Div(sum, G.NewConstant(float32(-s.batch)))
	if err != nil {
		return nil, err
	}
	if _, err := G.Grad(loss, learnt...); err != nil {
		return nil, err
	}
	t.vm = G.NewTapeMachine(g, G.BindDualValues(learnt...))
	t.solver = G.NewAdamSolver(G.WithLearnRate(1e-3))
	t.nodes = G.NodesToValueGrads(learnt)
	return t, nil
}

func (t *gorgonia) run(x []float32, y []int32) error {
	copy(t.x.Float32s(), x)
	hot := t.y.Float32s()
	clear(hot)
	for i, label := range y {
		hot[i*len(hot)/len(y)+int(label)] = 1
	}
	t.vm.Reset()
	return t.vm.RunAll()
}

func (t *gorgonia) step(x []float32, y []int32) error {
	if err := t.run(x, y); err != nil {
		return err
	}
	return t.solver.Step(t.nodes)
}

func (t *gorgonia) right(x []float32, y []int32) (int, error) {
	if err := t.run(x, y); err != nil {
		return 0, err
	}
	return countRight(t.out.Value().Data().([]float32), y), nil
}
