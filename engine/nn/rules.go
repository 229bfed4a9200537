// This file gives the rest of engine/optim its names here: the rules beyond those
// of optimizer.go, and the schedules.

package nn

import "cajal/engine/optim"

// AdamW is Adam with weight decay beside the gradient.
type AdamW = optim.AdamW

// RMSprop divides gradients by a running root mean square.
type RMSprop = optim.RMSprop

// Adagrad divides gradients by the root of the sum of their squares.
type Adagrad = optim.Adagrad

// Lion steps by the sign of a running mean of the gradient.
type Lion = optim.Lion

// Clip bounds every number of a gradient before another rule uses it.
type Clip = optim.Clip

// A Schedule changes the learning rate from step to step.
type Schedule = optim.Schedule

// StepDecay lowers the learning rate by a factor after every so many steps.
type StepDecay = optim.StepDecay

// Exponential lowers the learning rate a little at every step.
type Exponential = optim.Exponential

// Cosine lowers the learning rate along half a period of a cosine.
type Cosine = optim.Cosine

// OneCycle raises the learning rate and brings it down to almost nothing.
type OneCycle = optim.OneCycle

// WarmUp raises the learning rate in a straight line, then follows another
// schedule.
type WarmUp = optim.WarmUp
