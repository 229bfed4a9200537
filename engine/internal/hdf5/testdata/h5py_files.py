"""Writes the files of this folder with h5py, in HDF5's oldest and newest format.

    pip install h5py==3.16.0 numpy==2.4.6
    python h5py_files.py
"""

import h5py
import numpy as np

A = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
M = np.arange(35, dtype=np.float32).reshape(5, 7)


def fill(f, latest):
    for t in "bhiqBHIQefd":
        f.create_dataset("types/" + np.dtype(t).name, data=A.astype(t))
        f.create_dataset("types/big_" + np.dtype(t).name, data=A.astype(np.dtype(t).newbyteorder(">")))
    f["types/bool"] = np.array([True, False, True])
    f["one"] = np.float32(-2.5)
    f["none"] = np.zeros((3, 0), dtype=np.float32)
    f["empty"] = h5py.Empty("f")
    f.create_dataset("never", (2, 2), dtype=np.float32)
    f.create_dataset("filled", (2, 2), dtype=np.float32, fillvalue=3)
    f.create_dataset("chunks/filled", (2, 2), dtype=np.float32, chunks=(1, 2), fillvalue=3)[0] = 1
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(M.shape), plist)
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, M)
    chunks = f["chunks"]
    chunks.create_dataset("plain", data=M, chunks=(2, 3))
    chunks.create_dataset("packed", data=M, chunks=(2, 3), compression="gzip", shuffle=True)
    chunks.create_dataset("summed", data=M, chunks=(2, 3), compression="gzip", shuffle=True, fletcher32=True)
    chunks.create_dataset("single", data=M, chunks=(5, 7), compression="gzip")
    chunks.create_dataset("shuffled", data=M.astype(np.int16), chunks=(4, 4), shuffle=True)
    chunks.create_dataset("many", data=np.arange(3000, dtype=np.int32), chunks=(2,))
    holes = chunks.create_dataset("holes", (4, 4), dtype=np.float32, chunks=(2, 2))
    holes[:2, :2] = 1
    chunks.create_dataset("grown", data=M, chunks=(2, 3), maxshape=(None, None))
    if latest:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((2, 3))
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        d = h5py.h5d.create(chunks.id, b"early", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(M.shape), plist)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, M)
    f["text/long"] = "a text of any length, ü"
    f["text/list"] = np.array(["a", "bc", ""], dtype=h5py.string_dtype())
    f["text/fixed"] = np.array([b"abc", b"d"], dtype="S5")
    f["link"] = h5py.SoftLink("/chunks/plain")
    f["circle"] = h5py.SoftLink("/circle")
    f["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
    for i in range(200):
        f["many/dataset_%03d" % i] = np.int32(i)
    f.attrs["one"] = "text"
    f.attrs["fixed"] = np.bytes_(b"fixed")
    f.attrs["list"] = [b"kernel:0", b"bias:0"]
    f.attrs["number"] = 7
    f.attrs["long"] = "x" * 10000
    g = f.create_group("attributes")
    for i in range(40):
        g.attrs["name_%02d" % i] = "value %d" % i
    f["complex"] = np.array([1j])
    deep = f
    for i in range(12):
        deep = deep.create_group("deep")
    deep["x"] = M


with h5py.File("oldest.h5", "w") as f:
    fill(f, False)
with h5py.File("newest.h5", "w", libver="latest") as f:
    fill(f, True)
with h5py.File("moved.h5", "w", userblock_size=1024) as f:
    f["x"] = M
with h5py.File("v110.h5", "w", libver=("v110", "v110")) as f:
    f.create_dataset("plain", data=M, chunks=(2, 3))
    f.create_dataset("packed", data=M, chunks=(2, 3), compression="gzip", shuffle=True)
    f.create_dataset("single", data=M, chunks=(5, 7), compression="gzip")
with h5py.File("small.h5", "w", libver="latest") as f:
    for i in range(12):
        f["x%d" % i] = np.float32(i)
    f.attrs["list"] = ["a", "b"]
