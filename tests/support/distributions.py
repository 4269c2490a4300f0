"""Python distributions that offer an analyser.

Each has its own folder, and is installed for a process whose PYTHONPATH names the folder.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from streams.worker.analysers import GROUP

EXAMPLE = Path(__file__).parents[2] / "examples" / "own-sentiment"


def install_example(folder: Path) -> Path:
    """Install the documentation's example into the folder, with pip."""
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
    """Write the files that pip would install for a distribution whose one module is the analyser of a stage."""
    module = name.replace("-", "_")
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / f"{module}.py").write_text(code)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{stage} = {module}\n")
    return folder
