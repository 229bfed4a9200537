"""Writes vectors.safetensors: what layers, activations, losses, metrics and
initialisations of Keras do, and their gradients.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 torch==2.15.0 scikit-learn==1.9.1
    python vectors.py

Everything is computed in float64 (some constants of Keras are float32) and stored as
float32. Where PyTorch has the same,
it is computed with PyTorch too, and the script fails when the two differ.

The metadata "cases" is a JSON list of what was computed; the numbers of a case are
tensors whose names begin with its name. A layer case is what comes out (y) of some
inputs (x0, x1) and weights (w0, w1, ...) in training, and the gradients (dx0, dw0,
...) of the sum of (y - t)^2 / 2 over the number of examples, plus penalties; then, for
weights that have no gradient, their values after the step (a2, ...), and what comes
out outside of training (p). Layers are described as in the Go package, with "from"
counting the inputs first.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import sklearn.metrics
import tensorflow as tf
import torch
import torch.nn.functional as F

keras.config.set_floatx("float64")
rng = np.random.default_rng(4)
cases, tensors = [], {}


def uniform(*shape):
    """Numbers from -1 to 1 that float32 has too."""
    return rng.uniform(-1, 1, shape).astype("float32").astype("float64")


def store(case, **arrays):
    cases.append(case)
    for name, a in arrays.items():
        a = np.asarray(a, "float64")
        assert f"{case['name']}/{name}" not in tensors, case["name"]
        tensors[f"{case['name']}/{name}"] = a.astype("float32")


def agree(name, a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert np.allclose(a, b, rtol=1e-6, atol=1e-7), f"{name}: Keras {a}\nPyTorch {b}"


# Activations, under the names of the Go package.



def sparsemax(x):
    """By its definition (Martins and Astudillo, 2016): Keras 3.15.1 adds up the sums of
    the largest numbers where it should take the last of them, so that what it gives
    does not add up to 1."""
    largest = tf.sort(x, direction="DESCENDING")
    above = tf.cumsum(largest, -1) - 1
    counts = tf.range(1, x.shape[-1] + 1, dtype=x.dtype)
    n = tf.reduce_sum(tf.cast(counts * largest > above, tf.int32), -1, keepdims=True)
    tau = tf.gather(above, n - 1, batch_dims=1) / tf.cast(n, x.dtype)
    return tf.maximum(x - tau, 0)


ACTIVATIONS = {
    # name: Keras, PyTorch (None where it has none)
    "linear": (keras.activations.linear, lambda x: x),
    "relu": (keras.activations.relu, torch.relu),
    "sigmoid": (keras.activations.sigmoid, torch.sigmoid),
    "tanh": (keras.activations.tanh, torch.tanh),
    "softmax": (keras.activations.softmax, lambda x: torch.softmax(x, -1)),
    "leaky relu": (keras.activations.leaky_relu, lambda x: F.leaky_relu(x, 0.2)),
    "relu6": (keras.activations.relu6, F.relu6),
    "elu": (keras.activations.elu, F.elu),
    "selu": (keras.activations.selu, F.selu),
    "gelu": (lambda x: keras.activations.gelu(x, approximate=False), F.gelu),
    "silu": (keras.activations.silu, F.silu),
    "mish": (keras.activations.mish, F.mish),
    "softplus": (keras.activations.softplus, lambda x: F.softplus(x, threshold=100)),
    "softsign": (keras.activations.softsign, F.softsign),
    "exponential": (keras.activations.exponential, torch.exp),
    "hard sigmoid": (keras.activations.hard_sigmoid, F.hardsigmoid),
    "log softmax": (keras.activations.log_softmax, lambda x: torch.log_softmax(x, -1)),
    "hard silu": (keras.activations.hard_silu, F.hardswish),
    "hard tanh": (keras.activations.hard_tanh, F.hardtanh),
    "log sigmoid": (keras.activations.log_sigmoid, F.logsigmoid),
    "soft shrink": (keras.activations.soft_shrink, F.softshrink),
    "hard shrink": (keras.activations.hard_shrink, F.hardshrink),
    "tanh shrink": (keras.activations.tanh_shrink, F.tanhshrink),
    "sparse plus": (keras.activations.sparse_plus, None),
    "sparse sigmoid": (keras.activations.sparse_sigmoid, None),
    "squareplus": (keras.activations.squareplus, None),
    "sparsemax": (sparsemax, None),
}


def activation_cases():
    far = [-1e30, -1e4, -100, -40, -20, 20, 40, 80]
    near = [-9, -6.5, -4, -2.9, -1.5, -0.9, -0.6, -0.3, -1e-3, 1e-3, 0.3, 0.6, 0.9, 1.5, 2.9, 4, 6.5, 9]
    for name, (f, g) in ACTIVATIONS.items():
        x = np.array([near, (far + [100, 1e4, 1e30] * 4)[: len(near)]])
        if name in ("softmax", "log softmax", "sparsemax"):
            x = np.array([near[:6], near[6:12], [-1e4, 3, 2.4, 1, 0, -80], [80, 79.7, 78, 0, -80, -1e4]])
        elif name == "exponential":
            x[1] = np.minimum(x[1], 80)
        elif name in ("tanh shrink", "squareplus", "selu", "elu", "gelu"):
            x[1] = np.clip(x[1], -1e4, 1e4)  # 1e30 squared, or less 1e30, is no float
        x = x.astype("float32").astype("float64")
        xt = tf.constant(x)
        up = tf.constant(uniform(*x.shape))
        with tf.GradientTape() as tape:
            tape.watch(xt)
            y = f(xt)
        dx = tape.gradient(y, xt, up)
        if g is not None:
            xp = torch.tensor(x, requires_grad=True)
            yp = g(xp)
            yp.backward(torch.tensor(up.numpy()))
            agree(name, y, yp.detach())
            agree(name + ", gradient", dx, xp.grad)
        store({"kind": "activation", "name": "activation " + name, "activation": name}, x=x, y=y, up=up, dx=dx)


# Layers.


def activation(c, default="linear"):
    return ACTIVATIONS[c.get("activation", default)][0]


def sums(c, kernel="kernel_regularizer"):
    return {
        "activation": activation(c),
        "use_bias": not c.get("noBias", False),
        kernel: keras.regularizers.L1L2(c.get("l1", 0.0), c.get("l2", 0.0)),
    }


def moving(c):
    return {"strides": c.get("stride", 1), "padding": c.get("padding", "valid")}


def recurrent(c):
    return {"return_sequences": c.get("sequences", False), "go_backwards": c.get("backwards", False)}


class InOrder(keras.layers.Layer):
    """Puts the steps of a sequence that was read backwards back into their order."""

    def __init__(self, of):
        super().__init__()
        self.of = of

    def call(self, x):
        return tf.reverse(self.of(x), [1])


def make_recurrent(cls, **more):
    def make(c):
        l = cls(c["units"], **recurrent(c), **{k: v(c) for k, v in more.items()})
        return InOrder(l) if c.get("sequences") and c.get("backwards") else l

    return make


class Attention(keras.layers.Layer):
    """Looks at its only input, or at the second."""

    def __init__(self, c):
        super().__init__()
        self.causal = c.get("causal", False)
        self.of = keras.layers.MultiHeadAttention(c["heads"], c["units"])

    def call(self, xs):
        xs = xs if isinstance(xs, list) else [xs]
        return self.of(xs[0], xs[-1], use_causal_mask=self.causal)


L = keras.layers
KINDS = {
    "Flatten": lambda c: L.Flatten(),
    "Reshape": lambda c: L.Reshape(c["shape"]),
    "Dense": lambda c: L.Dense(c["units"], **sums(c)),
    "Conv1D": lambda c: L.Conv1D(c["filters"], c["size"], **moving(c), **sums(c)),
    "Conv2D": lambda c: L.Conv2D(c["filters"], c["size"], **moving(c), **sums(c)),
    "Conv2DTranspose": lambda c: L.Conv2DTranspose(c["filters"], c["size"], **moving(c), **sums(c)),
    "DepthwiseConv2D": lambda c: L.DepthwiseConv2D(
        c["size"], depth_multiplier=c.get("multiplier", 1), **moving(c), **sums(c, "depthwise_regularizer")
    ),
    "MaxPool1D": lambda c: L.MaxPooling1D(c["size"][0], c.get("stride")),
    "MaxPool2D": lambda c: L.MaxPooling2D(c["size"][0], c.get("stride")),
    "AvgPool1D": lambda c: L.AveragePooling1D(c["size"][0], c.get("stride")),
    "AvgPool2D": lambda c: L.AveragePooling2D(c["size"][0], c.get("stride")),
    "Act": lambda c: L.Activation(activation(c)),
    "Dropout": lambda c: L.Dropout(c["rate"]),
    "BatchNorm": lambda c: L.BatchNormalization(),
    "LayerNorm": lambda c: L.LayerNormalization(),
    "Add": lambda c: L.Add(),
    "Multiply": lambda c: L.Multiply(),
    "Concat": lambda c: L.Concatenate(),
    "Embedding": lambda c: L.Embedding(c["words"], c["units"]),
    "GlobalAvgPool": lambda c: (L.GlobalAveragePooling1D, L.GlobalAveragePooling2D)[c["rank"] - 2](),
    "GlobalMaxPool": lambda c: (L.GlobalMaxPooling1D, L.GlobalMaxPooling2D)[c["rank"] - 2](),
    "SimpleRNN": make_recurrent(L.SimpleRNN, activation=activation),
    "LSTM": make_recurrent(L.LSTM),
    "GRU": make_recurrent(L.GRU),
    "MultiHeadAttention": Attention,
}


def layer_case(name, inputs, *layers, words=None):
    """The layers one after the other, or as their "from" says. Of a GRU's biases, a
    matrix of two rows, the Go package makes two vectors."""
    made = [KINDS[c["kind"]](dict(c, rank=inputs[0].ndim - 1)) for c in layers]
    xs = [tf.constant(x) for x in inputs]

    def run(training):
        values = list(xs)
        for c, l in zip(layers, made):
            args = [values[i] for i in c.get("from", [len(values) - 1])]
            if "training" in l._call_signature.parameters:
                values.append(l(args[0], training=training))
            else:
                values.append(l(args if len(args) > 1 else args[0]))
        return values[-1]

    run(False)  # makes the weights
    for l in made:
        for w in l.weights:
            w.assign(uniform(*w.shape) + (1.5 if "variance" in w.path or "gamma" in w.path else 0.0))
    weights = [(c["kind"], w) for c, l in zip(layers, made) for w in l.weights]
    before = [w.numpy() for _, w in weights]
    predicted = run(False)
    t = uniform(*predicted.shape)
    with tf.GradientTape() as tape:
        for x in xs:
            tape.watch(x)
        y = run(True)
        loss = tf.reduce_sum((y - t) ** 2) / 2 / len(inputs[0])
        for l in made:
            loss += sum(l.losses)
    trainable = [w.value for _, w in weights if w.trainable]
    grads = iter(tape.gradient(loss, ([] if words else xs) + trainable))
    out = {"y": y, "t": t, "loss": [loss]}
    for i, x in enumerate(inputs):
        out[f"x{i}"] = x
        if not words:
            out[f"dx{i}"] = next(grads)
    k = 0
    for (kind, w), old in zip(weights, before):
        g = tf.convert_to_tensor(next(grads)).numpy() if w.trainable else None
        two = kind == "GRU" and len(w.shape) == 2 and w.shape[0] == 2 and "bias" in w.path
        for part in range(2) if two else [slice(None)]:
            out[f"w{k}"] = old[part]
            if g is not None:
                out[f"dw{k}"] = g[part]
            else:
                out[f"a{k}"] = w.numpy()[part]
            k += 1
    if any("a%d" % i in out for i in range(k)):
        out["p"] = run(False)
    case = {"kind": "layer", "name": name, "layers": list(layers), "inputs": len(inputs)}
    if words:
        case["words"] = True
    store(case, **out)
    return made, out


def kind(k, **c):
    return dict(kind=k, **c)


def conv_cases(k, first, x, **more):
    """A convolution in all its ways. first are the settings that it needs."""
    settings = {
        "": {},
        ", same": dict(padding="same"),
        ", stride 2": dict(stride=2),
        ", stride 2, same": dict(stride=2, padding="same"),
        ", stride 3, no bias": dict(stride=3, noBias=True),
        ", stride 3, same": dict(stride=3, padding="same"),
        ", no bias, relu, L1, L2": dict(noBias=True, activation="relu", l1=0.01, l2=0.02),
        ", same, tanh": dict(padding="same", activation="tanh"),
        ", softmax": dict(activation="softmax"),
        ", gelu": dict(activation="gelu"),
        **more,
    }
    for text, s in settings.items():
        layer_case(k + text, [x], kind(k, **dict(first, **s)))


def layer_cases():
    n = 3
    vec = lambda: uniform(n, 7)
    seq = lambda steps=6, ch=4: uniform(n, steps, ch)
    img = lambda h=6, w=5, ch=3: uniform(n, h, w, ch)

    layer_case("Flatten", [img()], kind("Flatten"))
    layer_case("Flatten, sequence", [seq()], kind("Flatten"))
    layer_case("Reshape", [uniform(n, 24)], kind("Reshape", shape=[3, 4, 2]))
    layer_case("Reshape, image to sequence", [img(4, 3, 2)], kind("Reshape", shape=[8, 3]))
    for act in (None, "relu", "sigmoid", "tanh", "softmax", "selu"):
        c = kind("Dense", units=6, activation=act) if act else kind("Dense", units=6)
        layer_case(f"Dense, {act}", [vec()], c)
    layer_case("Dense, no bias, L1, L2", [vec()], kind("Dense", units=9, noBias=True, l1=0.01, l2=0.02))

    conv_cases("Conv2D", dict(filters=4, size=[3, 2]), img(), **{
        ", 1x1": dict(size=[1, 1]),
        ", even filter, same": dict(size=[2, 4], padding="same"),
    })
    conv_cases("Conv1D", dict(filters=4, size=[3]), seq(9, 3))
    conv_cases("DepthwiseConv2D", dict(size=[3, 2]), img(), **{
        ", 2 filters a channel": dict(multiplier=2),
        ", 2 filters a channel, same, stride 2": dict(multiplier=2, padding="same", stride=2, noBias=True),
    })
    conv_cases("Conv2DTranspose", dict(filters=4, size=[3, 2]), img(4, 3, 3), **{
        ", filter 4x3, stride 2": dict(size=[4, 3], stride=2),
        ", filter 4x3, stride 2, same": dict(size=[4, 3], stride=2, padding="same"),
    })
    for act in ("relu", "tanh"):
        for padding in ("valid", "same"):
            layer_case(
                f"Conv2D, {padding}, {act}, MaxPool2D", [img(7, 8, 2)],
                kind("Conv2D", filters=5, size=[3, 3], padding=padding, activation=act), kind("MaxPool2D", size=[2]),
            )
    for k in ("MaxPool", "AvgPool"):
        layer_case(k + "2D", [img(7, 6)], kind(k + "2D", size=[2]))
        layer_case(k + "2D, stride 1", [img(5, 6)], kind(k + "2D", size=[3], stride=1))
        layer_case(k + "2D, stride 3", [img(8, 7)], kind(k + "2D", size=[2], stride=3))
        layer_case(k + "1D", [seq(7)], kind(k + "1D", size=[2]))
        layer_case(k + "1D, stride 1", [seq(7)], kind(k + "1D", size=[3], stride=1))
    for k in ("GlobalAvgPool", "GlobalMaxPool"):
        layer_case(k, [img()], kind(k))
        layer_case(k + ", sequence", [seq()], kind(k))
    layer_case("Act", [img()], kind("Act", activation="silu"))
    layer_case("Act, softmax", [seq()], kind("Act", activation="softmax"))
    layer_case("Dropout, nothing", [vec()], kind("Dropout", rate=0.0))

    for what, x in (("vectors", uniform(9, 7)), ("sequences", seq()), ("images", img(4, 3, 3) * 3 + 2)):
        layer_case("BatchNorm, " + what, [x], kind("BatchNorm"))
        layer_case("LayerNorm, " + what, [x], kind("LayerNorm"))
    layer_case("Embedding", [rng.integers(0, 11, (n, 6)).astype("float64")], kind("Embedding", words=11, units=5), words=True)

    layer_case("Add", [img(), img(), img()], kind("Add", **{"from": [0, 1, 2]}))
    layer_case("Add, twice the same", [vec(), vec()], kind("Add", **{"from": [0, 1, 0]}))
    layer_case("Multiply", [seq(), seq(), seq()], kind("Multiply", **{"from": [0, 1, 2]}))
    layer_case("Concat", [img(6, 5, 3), img(6, 5, 9)], kind("Concat", **{"from": [0, 1]}))
    layer_case("Concat, vectors", [vec(), uniform(n, 3)], kind("Concat", **{"from": [1, 0, 1]}))

    for k in ("SimpleRNN", "LSTM", "GRU"):
        for s in ({}, dict(sequences=True), dict(backwards=True), dict(sequences=True, backwards=True)):
            c = kind(k, units=5, **s, **(dict(activation="tanh") if k == "SimpleRNN" else {}))
            layer_case(", ".join([k, *s]), [seq()], c)
    for act in ("relu", "sigmoid", "linear"):
        c = kind("SimpleRNN", units=9, activation=act)
        layer_case("SimpleRNN, " + act, [seq(4)], c)
    layer_case("LSTM, long", [uniform(2, 30, 3) * 4], kind("LSTM", units=3))
    layer_case("GRU, long", [uniform(2, 30, 3) * 4], kind("GRU", units=3))
    layer_case(
        "both ways", [seq()],
        kind("LSTM", units=4, sequences=True, **{"from": [0]}),
        kind("LSTM", units=4, sequences=True, backwards=True, **{"from": [0]}),
        kind("Concat", **{"from": [1, 2]}),
    )

    at = dict(heads=2, units=3)
    layer_case("MultiHeadAttention", [seq()], kind("MultiHeadAttention", **at))
    layer_case("MultiHeadAttention, causal", [seq()], kind("MultiHeadAttention", causal=True, **at))
    layer_case("MultiHeadAttention, another", [seq(), seq(9, 5)], kind("MultiHeadAttention", **at, **{"from": [0, 1]}))
    layer_case("MultiHeadAttention, another, causal", [seq(), seq(6, 5)], kind("MultiHeadAttention", causal=True, **at, **{"from": [0, 1]}))
    layer_case("MultiHeadAttention, one head", [seq(3, 8)], kind("MultiHeadAttention", heads=1, units=8))
    layer_case(
        "a transformer's block", [seq()],
        kind("LayerNorm"), kind("MultiHeadAttention", **at), kind("Add", **{"from": [0, 2]}),
        kind("LayerNorm"), kind("Conv1D", filters=8, size=[1], activation="gelu"), kind("Conv1D", filters=4, size=[1]),
        kind("Add", **{"from": [3, 6]}),
    )


# PyTorch beside the layers that mean the same there.


def torch_cases():
    t = lambda name: torch.tensor(values[name].astype("float64"), requires_grad=True)

    def beside(name, f):
        nonlocal values
        values = {k.split("/")[1]: v for k, v in tensors.items() if k.split("/")[0] == name}
        x = t("x0")
        ws = [t(f"w{i}") for i in range(sum(k[0] == "w" for k in values))]
        y = f(x, *ws)
        loss = ((y - torch.tensor(values["t"].astype("float64"))) ** 2).sum() / 2 / len(x)
        loss.backward()
        pairs = [("y", y.detach()), ("dx0", x.grad)] + [(f"dw{i}", w.grad) for i, w in enumerate(ws) if w.grad is not None]
        for what, b in pairs:
            a = values[what]
            assert np.allclose(a, b, rtol=1e-5, atol=1e-6), f"{name}: {what}: Keras {a}\nPyTorch {b}"

    values = {}
    first = lambda x: x.permute(0, 3, 1, 2)
    last = lambda x: x.permute(0, 2, 3, 1)
    beside("Dense, tanh", lambda x, w, b: torch.tanh(F.linear(x, w.T, b)))
    beside("Conv2D", lambda x, w, b: last(F.conv2d(first(x), w.permute(3, 2, 0, 1), b)))
    beside("Conv2D, stride 2", lambda x, w, b: last(F.conv2d(first(x), w.permute(3, 2, 0, 1), b, stride=2)))
    beside("Conv2D, same, tanh", lambda x, w, b: torch.tanh(last(F.conv2d(first(x), w.permute(3, 2, 0, 1), b, padding="same"))))
    beside("Conv2DTranspose", lambda x, w, b: last(F.conv_transpose2d(first(x), w.permute(3, 2, 0, 1), b)))
    beside("Conv2DTranspose, filter 4x3, stride 2", lambda x, w, b: last(F.conv_transpose2d(first(x), w.permute(3, 2, 0, 1), b, stride=2)))
    beside("DepthwiseConv2D, 2 filters a channel", lambda x, w, b: last(F.conv2d(first(x), w.permute(2, 3, 0, 1).reshape(6, 1, 3, 2), b, groups=3)))
    beside("MaxPool2D, stride 1", lambda x: last(F.max_pool2d(first(x), 3, 1)))
    beside("AvgPool2D, stride 3", lambda x: last(F.avg_pool2d(first(x), 2, 3)))
    beside("LayerNorm, sequences", lambda x, g, b: F.layer_norm(x, [x.shape[-1]], g, b, 1e-3))
    beside("BatchNorm, vectors", lambda x, g, b, m, v: F.batch_norm(x, None, None, g, b, True, 0.01, 1e-3))

    def lstm(x, w, u, b):
        l = torch.nn.LSTM(x.shape[2], u.shape[0], batch_first=True).double()
        zero = torch.zeros_like(b)
        p = {"weight_ih_l0": w.T, "weight_hh_l0": u.T, "bias_ih_l0": b, "bias_hh_l0": zero}
        return torch.func.functional_call(l, p, (x,))[0]

    beside("LSTM, sequences", lstm)

    def gru(x, w, u, b, ub):
        l = torch.nn.GRU(x.shape[2], u.shape[0], batch_first=True).double()
        turn = lambda a: torch.cat([a[..., 5:10], a[..., :5], a[..., 10:]], -1)  # r, z, n
        p = {"weight_ih_l0": turn(w).T, "weight_hh_l0": turn(u).T, "bias_ih_l0": turn(b), "bias_hh_l0": turn(ub)}
        return torch.func.functional_call(l, p, (x,))[0]

    beside("GRU, sequences", gru)

    def attention(x, qw, qb, kw, kb, vw, vb, ow, ob):
        split = lambda w, b: torch.einsum("btc,chd->bhtd", x, w) + b[:, None]
        y = F.scaled_dot_product_attention(split(qw, qb), split(kw, kb), split(vw, vb), is_causal=True)
        return torch.einsum("bhtd,hdc->btc", y, ow) + ob

    beside("MultiHeadAttention, causal", attention)


# Losses. The gradient is that of what goes in: logits for cross-entropies.


def loss_case(name, loss, settings, z, t, f, g=None, last=None, weights=None):
    """f is the loss of z as Keras has it, one number an example."""
    zt = tf.constant(z)
    w = np.ones(len(z)) if weights is None else np.array(weights)[t.astype(int)]
    with tf.GradientTape() as tape:
        tape.watch(zt)
        each = f(zt)
        total = tf.reduce_mean(each * w)
    dz = tape.gradient(total, zt)
    if g is not None:
        zp = torch.tensor(z, requires_grad=True)
        lp = g(zp)
        lp.backward()
        agree(name, total, lp.detach())
        agree(name + ", gradient", dz, zp.grad)
    case = {"kind": "loss", "name": "loss " + name, "loss": {"kind": loss}}
    if settings:
        case["loss"]["settings"] = settings
    if last:
        case["activation"] = last
    if weights is not None:
        case["weights"] = weights
    store(case, z=z, t=t, loss=[total], dz=dz)


def loss_cases():
    k = keras.losses
    n, c = 6, 4
    far = np.array([[90, -90, 0, 1], [-90, 90, 89, 2.0]])
    logits = np.concatenate([uniform(n, c) * 3, far])
    labels = rng.integers(0, c, n + 2).astype("float64")
    lt = torch.tensor(labels.astype("int64"))
    sparse = "SparseCategoricalCrossEntropy"
    per = lambda f, *a, **kw: (lambda z: f(*a, z, **kw))
    scce = per(k.sparse_categorical_crossentropy, labels, from_logits=True)
    loss_case("sparse", sparse, None, logits, labels, scce, lambda z: F.cross_entropy(z, lt), last="softmax")
    loss_case("sparse, from logits", sparse, {"FromLogits": True}, logits, labels, scce)
    weights = [0.5, 1.0, 2.0, 3.0]
    loss_case("sparse, weights of classes", sparse, None, logits, labels, scce, last="softmax", weights=weights)
    targets = np.abs(uniform(n + 2, c)) + 0.01
    targets /= targets.sum(1, keepdims=True)
    targets = targets.astype("float32").astype("float64")
    tt = torch.tensor(targets)
    dense = "CategoricalCrossEntropy"
    # Keras takes the targets as they are; PyTorch too.
    cce = lambda s: (lambda z: k.categorical_crossentropy(targets, z, from_logits=True, label_smoothing=s))
    loss_case("categorical", dense, None, logits, targets, cce(0.0), lambda z: F.cross_entropy(z, tt), last="softmax")
    loss_case("categorical, from logits", dense, {"FromLogits": True}, logits, targets, cce(0.0))
    loss_case("categorical, smoothing", dense, {"Smoothing": 0.2}, logits, targets, cce(0.2), lambda z: F.cross_entropy(z, tt, label_smoothing=0.2), last="softmax")

    binary = "BinaryCrossEntropy"
    z = np.concatenate([uniform(n, 3) * 4, np.array([[80, -80, 0.5], [-80, 80, -0.5]])])
    yes = rng.integers(0, 2, z.shape).astype("float64")
    yes[:3] = np.abs(uniform(3, 3))
    yt = torch.tensor(yes)
    bce = lambda s: (lambda z: k.binary_crossentropy(yes, z, from_logits=True, label_smoothing=s))
    loss_case("binary", binary, None, z, yes, bce(0.0), lambda z: F.binary_cross_entropy_with_logits(z, yt), last="sigmoid")
    loss_case("binary, from logits", binary, {"FromLogits": True}, z, yes, bce(0.0))
    loss_case("binary, smoothing", binary, {"Smoothing": 0.1}, z, yes, bce(0.1), last="sigmoid")
    one = uniform(n, 1) * 5
    label = rng.integers(0, 2, n).astype("float64")
    loss_case("binary, labels", binary, None, one, label, lambda z: k.binary_crossentropy(label[:, None], z, from_logits=True), last="sigmoid")
    loss_case("binary, labels, weights of classes", binary, None, one, label, lambda z: k.binary_crossentropy(label[:, None], z, from_logits=True), last="sigmoid", weights=[0.5, 3.0])

    y, t = uniform(n, 3) * 3, uniform(n, 3) * 3
    y[0] = [60, -60, 1e-3]
    y, t = (a.astype("float32").astype("float64") for a in (y, t))
    tp = torch.tensor(t)
    loss_case("MSE", "MSE", None, y, t, per(k.mean_squared_error, t), lambda y: F.mse_loss(y, tp))
    loss_case("HalfMSE", "HalfMSE", None, y, t, lambda y: tf.reduce_sum((y - t) ** 2, -1) / 2)
    loss_case("MAE", "MAE", None, y, t, per(k.mean_absolute_error, t), lambda y: F.l1_loss(y, tp))
    for d in (0.5, 1.0, 2.0):
        loss_case(f"Huber {d}", "Huber", {"Delta": d}, y, t, per(k.huber, t, delta=d), lambda y: F.huber_loss(y, tp, delta=d))
    loss_case("LogCosh", "LogCosh", None, y, t, per(k.log_cosh, t))


# Metrics: the same figures for predictions of classes, as labels and one-hot.


def metric_cases():
    n, c = 60, 7
    pred = np.abs(uniform(n, c)) + 0.01
    labels = rng.integers(0, c, n)
    pred[np.arange(n), labels] += rng.uniform(0, 1, n) * (rng.uniform(size=n) < 0.6)
    pred /= pred.sum(1, keepdims=True)
    pred = pred.astype("float32")
    said = pred.argmax(1)
    figures = [
        ("Accuracy", None, float(np.mean(keras.metrics.sparse_categorical_accuracy(labels, pred)))),
        *[("TopK", {"K": k}, float(np.mean(keras.metrics.sparse_top_k_categorical_accuracy(labels, pred, k)))) for k in (1, 2, 5)],
        ("TopK", None, float(np.mean(keras.metrics.sparse_top_k_categorical_accuracy(labels, pred, 5)))),
    ]
    names = ["precision", "recall", "f1"]
    score = sklearn.metrics.precision_recall_fscore_support(labels, said, labels=range(c))
    for k in (0, 3, 6):
        for kind_, s in zip(("Precision", "Recall", "F1"), score):
            figures.append((kind_, {"Class": k}, float(s[k])))
    store({"kind": "metrics", "name": "metrics of classes", "figures": figures}, pred=pred, labels=labels)

    yes = rng.integers(0, 2, n)
    p = np.clip(yes * 0.3 + rng.uniform(0, 0.7, n), 0, 1).astype("float32")[:, None]
    figures = [("Accuracy", None, float(np.mean(keras.metrics.binary_accuracy(yes[:, None], p))))]
    for kind_, m in (("Precision", keras.metrics.Precision()), ("Recall", keras.metrics.Recall())):
        m.update_state(yes[:, None], p)
        figures.append((kind_, {"Class": 1}, float(m.result())))
    m = keras.metrics.F1Score(threshold=0.5)
    m.update_state(yes[:, None], p)
    figures.append(("F1", {"Class": 1}, float(np.asarray(m.result())[0])))
    store({"kind": "metrics", "name": "metrics of yes and no", "figures": figures}, pred=p, labels=yes)

    y, t = uniform(n, 3), uniform(n, 3)
    figures = [("MAE", None, float(np.mean(keras.metrics.mean_absolute_error(t, y))))]
    store({"kind": "metrics", "name": "metrics of numbers", "figures": figures}, pred=y, targets=t)


# Statistics: moments of many numbers, since no two libraries draw the same.

INITIALS = {
    "glorot uniform": "glorot_uniform", "glorot normal": "glorot_normal", "he uniform": "he_uniform", "he normal": "he_normal",
    "lecun uniform": "lecun_uniform", "lecun normal": "lecun_normal", "zeros": "zeros", "ones": "ones",
    "random normal": "random_normal", "random uniform": "random_uniform", "truncated normal": "truncated_normal",
    "orthogonal": "orthogonal", "identity": "identity",
}


def moments(a):
    a = np.asarray(a, "float64").ravel()
    d = a - a.mean()
    return [a.mean(), a.std(), a.min(), a.max(), (d**4).mean() / max((d**2).mean(), 1e-30) ** 2]


def statistics():
    rows, cols = 300, 200
    for name, k in INITIALS.items():
        w = np.asarray(keras.initializers.get(k)((rows, cols)))
        case = {"kind": "initial", "name": "initial " + name, "init": name, "shape": [rows, cols]}
        # Of the products of columns, those that are not left to chance.
        exact = name in ("zeros", "ones", "orthogonal", "identity")
        store(case, moments=moments(w), **({"product": moments(w.T @ w)} if exact else {}))
    for rate in (0.1, 0.5, 0.8):
        y = np.asarray(L.Dropout(rate)(np.ones((200, 300)), training=True))
        kept = y[y != 0]
        store({"kind": "dropout", "name": f"dropout {rate}", "rate": rate}, share=[(y == 0).mean()], kept=[kept.min(), kept.max()], moments=moments(y))


def write(path):
    header, at = {"__metadata__": {"cases": json.dumps(cases)}}, 0
    for name, a in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(a.shape), "data_offsets": [at, at + a.nbytes]}
        at += a.nbytes
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    with open(path, "wb") as f:
        f.write(len(head).to_bytes(8, "little") + head)
        for a in tensors.values():
            f.write(np.ascontiguousarray(a).tobytes())
    print(len(cases), "cases,", len(tensors), "tensors,", 8 + len(head) + at, "bytes")


activation_cases()
layer_cases()
torch_cases()
loss_cases()
metric_cases()
statistics()
write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.safetensors"))
