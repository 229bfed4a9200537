"""Writes python.safetensors, one tensor of every type.

    pip install safetensors==0.8.0 numpy==2.4.6 ml_dtypes==0.6.0
    python python.py
"""

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

a = {np.dtype(t).name: np.array([[0, 1], [2, 5]]).astype(t) for t in "?bhilBHILefd"}
a["bfloat16"] = np.array([[0, 1], [2, 5]]).astype(ml_dtypes.bfloat16)
a["one"] = np.array(-2.5, dtype=np.float32)
a["none"] = np.zeros((3, 0), dtype=np.float32)
save_file(a, "python.safetensors", metadata={"made by": "numpy"})
