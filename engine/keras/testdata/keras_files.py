"""Writes models of Keras as files, and what they predict.

    pip install keras==3.15.1 jax==0.10.2 h5py==3.16.0
    KERAS_BACKEND=jax python keras_files.py

expected.npz has for every model its input and its output. The convolutional network
is the article's with fewer filters and smaller images, so that the files are small.
"""

import keras
import numpy as np

K = keras.layers
keras.utils.set_random_seed(1)
rng = np.random.default_rng(1)
data = {}


def save(name, m, kinds):
    x = rng.normal(size=(3, *m.input_shape[1:])).astype(np.float32)
    for v in m.weights:  # biases other than 0
        v.assign(np.abs(rng.normal(size=v.shape)) if "variance" in v.path else rng.normal(size=v.shape) / 3)
    data[name + "_x"], data[name + "_y"] = x, np.asarray(m(x))
    for kind in kinds:
        (m.save_weights if kind == "weights.h5" else m.save)(f"{name}.{kind}")


ALL = ["keras", "h5", "weights.h5"]
mlp = lambda: keras.Sequential([K.Input((784,)), K.Dense(10, "relu"), K.Dense(10, "relu"), K.Dense(10, "softmax")])
save("mlp", mlp(), ALL)
save(
    "cnn",
    keras.Sequential(
        [
            K.Input((12, 12, 1)), K.Conv2D(4, (3, 3), activation="relu"), K.MaxPooling2D((2, 2)), K.Conv2D(6, (3, 3), activation="relu"),
            K.MaxPooling2D((2, 2)), K.Flatten(), K.Dense(8, activation="relu"), K.Dense(10, activation="softmax"),
        ]
    ),
    ALL,
)  # fmt: skip

# As the article prints it: the first layer tells the input's shape.
old = keras.Sequential([K.Dense(6, activation="tanh", input_shape=(5,)), K.Dense(2)])
save("old", old, ALL)

# Trained: the optimizer's state lies beside the weights.
m = keras.Sequential([K.Input((5,)), K.Dense(4, "relu"), K.Dense(3, "softmax")])
m.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
m.fit(rng.normal(size=(8, 5)), rng.integers(0, 3, 8), verbose=0)
save("trained", m, ALL)

# A chain by the functional interface, names given, and what else there is here.
x = y = keras.Input((7, 8, 2), name="pixels")
y = K.Conv2D(4, (3, 2), strides=2, padding="same", use_bias=False, kernel_regularizer=keras.regularizers.L2(0.01), name="first")(y)
y = K.BatchNormalization()(y)
y = K.Activation("gelu")(y)
y = K.AveragePooling2D(2, strides=1)(y)
y = K.Dropout(0.25)(y)
y = K.Conv2D(3, 1, activation="elu", kernel_initializer="he_normal")(y)
y = K.LayerNormalization()(y)
y = K.Reshape((9, 3))(y)
y = K.Conv1D(4, 2, activation="hard_sigmoid")(y)
y = K.GlobalAveragePooling1D()(y)
y = K.Dense(3, kernel_regularizer="l1", name="last")(y)
y = K.Softmax()(y)
save("chain", keras.Model(x, y), ALL)

# What is not a chain.
x = keras.Input((4,))
save("branches", keras.Model(x, K.Add()([K.Dense(3)(x), K.Dense(3)(x)])), ["keras", "h5"])
# A layer that is not known here.
save("strange", keras.Sequential([K.Input((4, 4, 1)), K.UpSampling2D(2), K.Flatten(), K.Dense(1)]), ["keras", "h5"])

# Depthwise and transposed convolutions.
keras.utils.set_random_seed(2)
rng = np.random.default_rng(2)
deep = [
    K.Input((7, 6, 3)), K.DepthwiseConv2D((3, 2), depth_multiplier=2, activation="relu", name="deep"),
    K.DepthwiseConv2D(2, strides=2, padding="same", use_bias=False, activation="hard_silu"),
    K.Conv2DTranspose(4, (3, 2), strides=2, padding="same", activation="squareplus"), K.Conv2DTranspose(3, 2, activation="soft_shrink"),
    K.Conv2DTranspose(2, (2, 4), strides=3, use_bias=False), K.GlobalAveragePooling2D(), K.Dense(2),
]  # fmt: skip
save("deep", keras.Sequential(deep), ALL)

# Recurrent layers.
keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
steps = [
    K.Input((6, 3)), K.LSTM(4, return_sequences=True), K.SimpleRNN(5, activation="relu", return_sequences=True, use_bias=False, name="plain"),
    K.GRU(3, return_sequences=True), K.LSTM(4, go_backwards=True, use_bias=False), K.Dense(2),
]  # fmt: skip
save("steps", keras.Sequential(steps), ALL)
save("gates", keras.Sequential([K.Input((6, 3)), K.GRU(4, go_backwards=True, use_bias=False), K.Dense(2)]), ALL)
np.savez("expected.npz", **data)
