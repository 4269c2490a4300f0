"""Distributions that offer an analyser, each in a folder of its own: it is installed where that folder is on
PYTHONPATH.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from streams.worker.analysers import GROUP

EXAMPLE = Path(__file__).parents[2] / "examples" / "own-sentiment"


def install_example(folder: Path) -> Path:
    """Install the example of the documentation with pip, into the folder."""
    source = folder / "source"
    shutil.copytree(EXAMPLE, source)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(folder),
    ]
    subprocess.run([*pip, str(source)], check=True, timeout=120)
    return folder


def install(folder: Path, name: str, code: str, stage: str = "sentiment") -> Path:
    """What pip would leave in the folder of a distribution with one module, which it offers as the analyser of a
    stage.
    """
    module = name.replace("-", "_")
    about = folder / f"{module}-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / f"{module}.py").write_text(code)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{stage} = {module}\n")
    return folder
