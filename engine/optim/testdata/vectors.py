"""Writes vectors.json: what the optimizers and schedules of Keras and PyTorch do.

    pip install keras==3.15.1 torch==2.15.0
    KERAS_BACKEND=torch python vectors.py > vectors.json

PyTorch adds epsilon outside of the root and Keras inside, so epsilon is too
small to matter wherever the two are to be equal.
"""

import json
import math

import keras
import numpy as np
import torch

STEPS = 12
rng = np.random.default_rng(7)
FIRST = rng.normal(size=6).astype("float32")
GRADS = rng.normal(size=(STEPS, 6)).astype("float32")
GRADS[:, 5] *= 100.0


def with_torch(make):
    w = torch.nn.Parameter(torch.tensor(FIRST))
    opt = make([w])
    out = []
    for g in GRADS:
        w.grad = torch.tensor(g)
        opt.step()
        out.append(w.detach().numpy().astype(float).tolist())
    return out


def with_keras(opt):
    w = keras.Variable(FIRST)
    opt.build([w])
    out = []
    for g in GRADS:
        opt.apply([keras.ops.convert_to_tensor(g)])
        out.append(keras.ops.convert_to_numpy(w.value).astype(float).tolist())
    return out


def with_parts(opt):
    """Two parameters, of the first four numbers and of the other two."""
    ws = [keras.Variable(FIRST[:4]), keras.Variable(FIRST[4:])]
    opt.build(ws)
    out = []
    for g in GRADS:
        opt.apply([keras.ops.convert_to_tensor(g[:4]), keras.ops.convert_to_tensor(g[4:])])
        out.append(np.concatenate([keras.ops.convert_to_numpy(w.value) for w in ws]).astype(float).tolist())
    return out


k, t = keras.optimizers, torch.optim
parts = {
    "keras clipnorm": with_parts(k.SGD(0.1, momentum=0.9, clipnorm=1.5)),
    "keras global_clipnorm": with_parts(k.SGD(0.1, momentum=0.9, global_clipnorm=1.5)),
}
rules = {
    "keras SGD": with_keras(k.SGD(0.1)),
    "keras SGD momentum": with_keras(k.SGD(0.1, momentum=0.9)),
    "keras SGD nesterov": with_keras(k.SGD(0.1, momentum=0.9, nesterov=True)),
    "keras Adam": with_keras(k.Adam(0.01)),
    "keras AdamW": with_keras(k.AdamW(0.01, weight_decay=0.1)),
    "keras RMSprop": with_keras(k.RMSprop(0.01)),
    "keras RMSprop momentum": with_keras(k.RMSprop(0.01, rho=0.8, momentum=0.5)),
    "keras RMSprop centered": with_keras(k.RMSprop(0.01, epsilon=1e-3, centered=True)),
    "keras Adagrad": with_keras(k.Adagrad(0.1)),
    "keras Lion": with_keras(k.Lion(0.01)),
    "keras Lion decay": with_keras(k.Lion(0.01, beta_1=0.8, beta_2=0.95, weight_decay=0.1)),
    "keras clipvalue": with_keras(k.SGD(0.1, momentum=0.9, clipvalue=0.5)),
    "keras cosine": with_keras(k.Adam(k.schedules.CosineDecay(0.01, 10, alpha=0.1))),
    "torch SGD momentum": with_torch(lambda p: t.SGD(p, 0.1, momentum=0.9)),
    "torch SGD nesterov": with_torch(lambda p: t.SGD(p, 0.1, momentum=0.9, nesterov=True)),
    "torch Adam": with_torch(lambda p: t.Adam(p, 0.01, eps=1e-20)),
    "torch AdamW": with_torch(lambda p: t.AdamW(p, 0.01, weight_decay=0.1, eps=1e-20)),
    "torch RMSprop": with_torch(lambda p: t.RMSprop(p, 0.01, alpha=0.9, eps=1e-15)),
    "torch RMSprop momentum": with_torch(lambda p: t.RMSprop(p, 0.01, alpha=0.8, momentum=0.5, eps=1e-15)),
    "torch Adagrad": with_torch(lambda p: t.Adagrad(p, 0.1, initial_accumulator_value=0.1, eps=1e-15)),
}


def of_torch(make, n):
    opt = t.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)
    sched = make(opt)
    out = []
    for _ in range(n):
        out.append(opt.param_groups[0]["lr"])
        opt.step()
        sched.step()
    return out


def of_keras(schedule, n):
    return [float(schedule(i)) for i in range(n)]


s, L = k.schedules, t.lr_scheduler
schedules = {
    "keras staircase": of_keras(s.ExponentialDecay(1.0, 5, 0.5, staircase=True), 20),
    "keras exponential": of_keras(s.ExponentialDecay(1.0, 5, 0.5), 20),
    "keras cosine": of_keras(s.CosineDecay(1.0, 15, alpha=0.05), 20),
    "torch StepLR": of_torch(lambda o: L.StepLR(o, 4, gamma=0.3), 20),
    "torch cosine": of_torch(lambda o: L.CosineAnnealingLR(o, 19), 20),
    "torch one-cycle": of_torch(lambda o: L.OneCycleLR(o, 1.0, total_steps=20), 19),
    "torch one-cycle 2": of_torch(lambda o: L.OneCycleLR(o, 1.0, total_steps=20, pct_start=0.5, div_factor=10, final_div_factor=100), 19),
    "torch warm-up": of_torch(
        lambda o: L.SequentialLR(o, [L.LinearLR(o, 1 / 6, 1, total_iters=5), L.StepLR(o, 4, gamma=0.3)], [6]), 20
    ),
}
assert all(math.isfinite(v) for r in rules.values() for row in r for v in row)
print(
    json.dumps(
        {
            "keras": keras.__version__,
            "torch": torch.__version__.split("+")[0],
            "first": FIRST.astype(float).tolist(),
            "gradients": GRADS.astype(float).tolist(),
            "rules": rules,
            "parts": parts,
            "schedules": schedules,
        }
    )
    .replace('"rules"', '\n"rules"').replace('"parts"', '\n"parts"').replace(']], "', ']],\n"').replace('], "', '],\n"').replace('], "', '],\n"')
)
