"""Writes trained weights as whole steps, in a file whose bytes depend on the weights alone."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.sentiment.weights import WeightTable


def table(keys: NDArray[np.uint32], values: NDArray[np.float64]) -> WeightTable:
    """Weights as whole numbers of -127 to 127, and the size of one step."""
    # The largest 0.05 % of the weights are cut: they are so much larger that few steps would be left for the others.
    step = float(np.quantile(np.abs(values), 0.9995)) / 127
    return WeightTable(keys, np.clip(np.round(values / step), -127, 127).astype(np.int8), step)


def write(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """Write an .npz file whose bytes depend on the arrays alone: NumPy's own writer adds the time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)
