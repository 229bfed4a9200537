"""Writes the files of this folder with NumPy.

    pip install numpy==2.4.6
    python numpy_files.py
"""

import numpy as np

a = np.arange(24).reshape(2, 3, 4)
types = {np.dtype(t).name: a.astype(t) for t in "?bhiqBHIQefd"}
swapped = {"big_" + n: v.astype(v.dtype.newbyteorder(">")) for n, v in types.items()}
shapes = {
    "one": np.array(-2.5, dtype=np.float32),
    "none": np.zeros((3, 0), dtype=np.int16),
    "row": np.array([1, -2, 3], dtype=np.int8),
    "fortran": np.asfortranarray(a.astype(np.float32)),
    "fortran_big": np.asfortranarray(a.astype(">i4")),
}
np.savez("all.npz", **types, **swapped, **shapes)
np.savez_compressed("packed.npz", zeros=np.zeros((50, 40), dtype=np.float32), x=a.astype(np.uint8))
np.save("fortran.npy", np.asfortranarray(a.astype(np.float64)))
with open("version2.npy", "wb") as f:
    np.lib.format.write_array(f, np.array([1, 2, 3], dtype=np.uint16), version=(2, 0))
np.save("text.npy", np.array(["a", "bc"]))
np.save("object.npy", np.array([1, "a"], dtype=object), allow_pickle=True)
np.save("complex.npy", np.array([1j]))
np.save("records.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
