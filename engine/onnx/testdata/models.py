"""Writes models of other programs as ONNX files, and what onnxruntime makes of them.

    pip install torch==2.15.0 keras==3.15.1 onnx==1.23.2 onnxscript onnxruntime==1.32.0 numpy==2.4.6
    KERAS_BACKEND=torch python models.py

expected.npz has for every file its input, as the file wants it, and its output.
"""

import contextlib
import io
import os

import keras
import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

torch.manual_seed(1)
keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
data = {}


def note(name, x):
    s = onnxruntime.InferenceSession(name + ".onnx")
    x = x.astype(np.float32)
    data[name + "_x"] = x
    data[name + "_y"] = s.run(None, {s.get_inputs()[0].name: x})[0]


def of_torch(name, m, *shape):
    m.eval()
    for b in m.modules():
        if isinstance(b, (nn.BatchNorm2d, nn.BatchNorm1d)):
            nn.init.uniform_(b.weight, 0.5, 2)
            nn.init.normal_(b.bias)
            nn.init.normal_(b.running_mean)
            nn.init.uniform_(b.running_var, 0.001, 2)
    x = torch.zeros(2, *shape)
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(
            m, (x,), name + ".onnx", dynamo=True, external_data=False, dynamic_shapes=({0: torch.export.Dim("batch")},)
        )
    strip(name)
    note(name, rng.normal(size=(3, *shape)))


def strip(name):
    """Leaves out what is not needed to run the model, such as lines of source."""
    m = onnx.load(name + ".onnx")
    del m.metadata_props[:]
    del m.graph.metadata_props[:]
    del m.graph.value_info[:]
    for n in m.graph.node:
        del n.metadata_props[:]
        n.doc_string = ""
    for v in list(m.graph.input) + list(m.graph.output) + list(m.graph.initializer):
        del v.metadata_props[:]
        v.doc_string = ""
    onnx.save(m, name + ".onnx")


def of_keras(name, m, *shape):
    m(np.zeros((2, *shape), dtype=np.float32))
    with contextlib.redirect_stdout(io.StringIO()):
        m.export(name + ".onnx", format="onnx", verbose=False)
    strip(name)
    note(name, rng.normal(size=(3, *shape)))


of_torch("torch_mlp", nn.Sequential(nn.Linear(12, 10), nn.ReLU(), nn.Linear(10, 7), nn.Tanh(), nn.Linear(7, 3), nn.Softmax(-1)), 12)
of_torch(
    "torch_cnn",
    nn.Sequential(
        nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 5, (3, 2), padding="same"), nn.Sigmoid(),
        nn.AvgPool2d(2, stride=1), nn.Flatten(), nn.Linear(5 * 4 * 5, 6), nn.GELU(), nn.Linear(6, 3), nn.LogSoftmax(-1),
    ),
    2, 12, 14,
)  # fmt: skip
of_torch(
    "torch_norm",
    nn.Sequential(
        nn.Conv2d(1, 3, 3, stride=2, bias=False), nn.BatchNorm2d(3), nn.SiLU(), nn.Dropout(0.3), nn.Flatten(),
        nn.BatchNorm1d(3 * 3 * 4), nn.Linear(36, 4, bias=False),
    ),
    1, 7, 9,
)  # fmt: skip
of_torch("torch_pool", nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)), 3, 6, 5)
of_torch("torch_text", nn.Sequential(nn.Conv1d(3, 4, 3, stride=2), nn.Tanh(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(8, 2)), 3, 9)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Conv2d(2, 4, 1), nn.Conv2d(2, 4, 3, padding=1), nn.Linear(8 * 9, 2)

    def forward(self, x):
        a, b = self.a(x), torch.relu(self.b(x))
        return self.c(torch.flatten(torch.cat([a + b, a * b], 1), 1))


of_torch("torch_graph", Branches(), 2, 3, 3)

K = keras.layers
of_keras("keras_mlp", keras.Sequential([K.Input((12,)), K.Dense(10, "relu"), K.Dense(10, "relu"), K.Dense(4, "softmax")]), 12)
of_keras(
    "keras_cnn",
    keras.Sequential(
        [
            K.Input((12, 12, 1)), K.Conv2D(4, 3, activation="relu"), K.MaxPooling2D(2), K.Conv2D(6, 3, activation="relu"),
            K.MaxPooling2D(2), K.Flatten(), K.Dense(8, "relu"), K.Dense(3, "softmax"),
        ]
    ),
    12, 12, 1,
)  # fmt: skip


def by_hand(name, opset, nodes, weights, x, out):
    inits = [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()]
    g = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", *x.shape[1:]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, out)],
        inits,
    )  # fmt: skip
    m = helper.make_model(g, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.checker.check_model(m)
    onnx.save(m, name + ".onnx")
    note(name, x)


N = helper.make_node
f = lambda *s: rng.normal(size=s).astype(np.float32)
by_hand(
    "last",  # as tf2onnx writes it: channels last, biases added behind
    11,
    [
        N("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]), N("Conv", ["a", "w"], ["b"], auto_pad="SAME_UPPER", kernel_shape=[2, 2]),
        N("Add", ["b", "wb"], ["c"]), N("Relu", ["c"], ["d"]), N("MaxPool", ["d"], ["e"], kernel_shape=[2, 2], strides=[2, 2]),
        N("Transpose", ["e"], ["f"], perm=[0, 2, 3, 1]), N("Reshape", ["f", "s"], ["g"]), N("MatMul", ["g", "v"], ["h"]),
        N("Add", ["vb", "h"], ["i"]), N("Softmax", ["i"], ["y"]),
    ],
    {"w": f(3, 2, 2, 2), "wb": f(1, 3, 1, 1), "s": np.array([-1, 12], dtype=np.int64), "v": f(12, 3), "vb": f(3)},
    f(2, 4, 4, 2), ["n", 3],
)  # fmt: skip
by_hand(
    "mixed",  # constants as nodes, factors, other ways to write the same
    13,
    [
        N("Constant", [], ["w0"], value=numpy_helper.from_array(f(5, 4))), N("Transpose", ["w0"], ["w"], perm=[1, 0]),
        N("Gemm", ["x", "w", "b"], ["a"], alpha=0.5, beta=2.0), N("Identity", ["a"], ["b1"]), N("Elu", ["b1"], ["c"]),
        N("Mul", ["c", "a"], ["d"]), N("Sigmoid", ["d"], ["e"]), N("Constant", [], ["lo"], value_float=0.0), N("Clip", ["e", "lo", ""], ["y"]),
    ],
    {"b": np.array([0.5], dtype=np.float32)},
    f(3, 4), ["n", 5],
)  # fmt: skip
by_hand(
    "reduce",
    13,
    [
        N("Conv", ["x", "w", "b"], ["a"], pads=[1, 1, 1, 1]), N("ReduceMean", ["a"], ["m"], axes=[2, 3], keepdims=0),
        N("GlobalMaxPool", ["a"], ["p"]), N("Squeeze", ["p", "ax"], ["q"]), N("Concat", ["m", "q"], ["c"], axis=1), N("HardSigmoid", ["c"], ["y"], alpha=1 / 6),
    ],
    {"w": f(3, 2, 3, 3).astype(np.float16).astype(np.float32), "b": f(3), "ax": np.array([2, 3], dtype=np.int64)},
    f(2, 2, 5, 4), ["n", 6],
)  # fmt: skip
np.savez("expected.npz", **data)
print({k: v.shape for k, v in data.items()})
