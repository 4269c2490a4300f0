"""Virtual environments of the peers whose packages Telex does not have, under build/peers/.

Such an environment holds the peer's own packages, from a lock file with hashes. A `.pth` file adds the packages of the
environment that runs this module, after its own: Telex, its models, and what they need.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from peers.systems import ROOT, SYSTEMS
from streams.errors import TelexError

FOLDER = ROOT / "build" / "peers"
# `addsitedir` also reads the .pth files of the folder, so that an editable Telex is found.
_ADD_TELEX = "import site; site.addsitedir({!r})\n"


def python_of(name: str) -> Path:
    """The interpreter for a system's workers. Its environment is set up when it is missing or its lock file is newer.

    Raises:
        TelexError: the packages cannot be installed.
    """
    if not SYSTEMS[name].own_environment:
        return Path(sys.executable)
    folder, lock = FOLDER / name, ROOT / "peers" / f"requirements-{name}.lock"
    python, done = folder / "bin" / "python", folder / "done"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        installed = subprocess.run([*pip, "-r", str(lock)], capture_output=True, text=True, check=False)
        if installed.returncode:
            raise TelexError(f"The packages of {lock} cannot be installed: {installed.stderr.strip()}")
        (_packages(python) / "telex.pth").write_text(_ADD_TELEX.format(sysconfig.get_path("purelib")))
        done.touch()
    return python


def _packages(python: Path) -> Path:
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
