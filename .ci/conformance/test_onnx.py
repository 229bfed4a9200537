"""This file exchanges models with onnxruntime both ways, and checks that the other
formats' own libraries read what is written: safetensors and NumPy."""

import pathlib
import subprocess

import numpy as np
import onnx
import onnxruntime
import pytest
import safetensors.numpy
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]


def formats(*args):
    run = subprocess.run(["go", "run", "./.ci/conformance/formats", *map(str, args)], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr


def outputs(path, x):
    session = onnxruntime.InferenceSession(path)
    return session.run(None, {session.get_inputs()[0].name: x})[0]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    formats("write", folder)
    return folder


def test_onnxruntime_runs_what_is_written(written):
    files = sorted(written.glob("*.onnx"))
    assert len(files) == 39
    for path in files:
        onnx.checker.check_model(onnx.load(path), full_check=True)
        a = np.load(path.with_suffix(".npz"))
        np.testing.assert_allclose(outputs(path, a["x"]), a["y"], rtol=1e-4, atol=1e-5, err_msg=path.name)
        # A batch of any size.
        assert len(outputs(path, a["x"][:1])) == 1


def test_safetensors_reads_what_is_written(written):
    t = safetensors.numpy.load_file(written / "cnn.safetensors")
    assert {k: v.shape for k, v in t.items()} == {
        "conv2d_1.weights": (3, 3, 1, 32), "conv2d_1.biases": (32,), "conv2d_3.weights": (3, 3, 32, 64), "conv2d_3.biases": (64,),
        "dense_6.weights": (1600, 64), "dense_6.biases": (64,), "dense_7.weights": (64, 10), "dense_7.biases": (10,),
    }  # fmt: skip
    m = onnx.load(written / "cnn.onnx")
    dense = [numpy_helper.to_array(w) for w in m.graph.initializer if tuple(w.dims) == (64, 10)]
    np.testing.assert_array_equal(t["dense_7.weights"], dense[0])


def test_what_onnxruntime_runs_is_read(tmp_path):
    rng = np.random.default_rng(3)

    def save(name, nodes, weights, x, out):
        g = helper.make_graph(
            nodes, "g",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *x.shape[1:]])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", *out])],
            [numpy_helper.from_array(v, k) for k, v in weights.items()],
        )  # fmt: skip
        m = helper.make_model(g, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(m, full_check=True)
        onnx.save(m, tmp_path / f"{name}.onnx")
        return outputs(tmp_path / f"{name}.onnx", x)

    N = helper.make_node

    def weights(*shape):
        return rng.normal(size=shape).astype(np.float32)

    # The article's network, channels first, at its full size.
    image = rng.random(size=(4, 1, 28, 28), dtype=np.float32)
    w = {
        "a": weights(32, 1, 3, 3), "b": weights(32), "c": weights(64, 32, 3, 3) / 17, "d": weights(64),
        "e": weights(64, 1600) / 40, "f": weights(64), "g": weights(10, 64) / 8, "h": weights(10),
    }  # fmt: skip
    pool = {"kernel_shape": [2, 2], "strides": [2, 2]}
    want = {
        "cnn": save(
            "cnn",
            [
                N("Conv", ["x", "a", "b"], ["1"]), N("Relu", ["1"], ["2"]), N("MaxPool", ["2"], ["3"], **pool),
                N("Conv", ["3", "c", "d"], ["4"]), N("Relu", ["4"], ["5"]), N("MaxPool", ["5"], ["6"], **pool), N("Flatten", ["6"], ["7"]),
                N("Gemm", ["7", "e", "f"], ["8"], transB=1), N("Relu", ["8"], ["9"]), N("Gemm", ["9", "g", "h"], ["10"], transB=1), N("Softmax", ["10"], ["y"]),
            ],
            w, image, [10],
        )
    }  # fmt: skip
    np.savez(tmp_path / "cnn.npz", x=image.transpose(0, 2, 3, 1))
    row = weights(6, 20)
    want["mlp"] = save(
        "mlp",
        [N("MatMul", ["x", "a"], ["1"]), N("Add", ["1", "b"], ["2"]), N("Tanh", ["2"], ["3"]), N("Gemm", ["3", "c"], ["y"])],
        {"a": weights(20, 9), "b": weights(9), "c": weights(9, 3)}, row, [3],
    )  # fmt: skip
    np.savez(tmp_path / "mlp.npz", x=np.asfortranarray(row.astype(np.float64)))

    steps = weights(6, 7, 3)
    for op, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        more = {"linear_before_reset": 1} if op == "GRU" else {}
        w = {
            "w": weights(1, gates * 5, 3), "u": weights(1, gates * 5, 5), "b": weights(1, gates * 10),
            "w2": weights(1, gates * 2, 5), "u2": weights(1, gates * 2, 2), "one": np.array([1]), "none": np.array([0]),
        }  # fmt: skip
        want[op] = save(
            op,
            [
                N("Transpose", ["x"], ["1"], perm=[1, 0, 2]), N(op, ["1", "w", "u", "b"], ["2"], hidden_size=5, direction="reverse", **more),
                N("Squeeze", ["2", "one"], ["3"]), N(op, ["3", "w2", "u2"], ["", "4"], hidden_size=2, **more), N("Squeeze", ["4", "none"], ["y"]),
            ],
            w, steps, [2],
        )  # fmt: skip
        np.savez(tmp_path / f"{op}.npz", x=steps)
    formats("read", tmp_path)
    for name, y in want.items():
        got = np.load(tmp_path / f"{name}.out.npz")["y"]
        np.testing.assert_allclose(got, y, rtol=1e-4, atol=1e-5, err_msg=name)
