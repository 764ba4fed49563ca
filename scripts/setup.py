"""Make this checkout ready to run: a virtual environment, the locked packages, translations, var/.

Runs under the machine's own Python with nothing installed, so it uses the standard library alone. What must stay
true: it can be run any number of times, does nothing when nothing changed, and installs only what the lock names.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements" / "dev.txt"
STAMP = VENV / ".installed"
MIN_PYTHON = (3, 11)


def main() -> None:
    """Bring the checkout up to date; exit with a clear sentence when the machine lacks something."""
    for folder in ("var", "var/broker", "var/media"):
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
    if _stamp_wanted() != _stamp_found():
        _create_venv()
        _install()
        STAMP.write_text(_stamp_wanted())
        _warn_about_pdf_libraries()
    _run(str(PYTHON), "scripts/translations.py", "compile")


def _stamp_wanted() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _stamp_found() -> str:
    return STAMP.read_text() if STAMP.exists() and PYTHON.exists() else ""


def _create_venv() -> None:
    if PYTHON.exists() and (_find_uv() or _has_pip()):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    interpreter = _find_python()
    _say(f"creating .venv with {interpreter}")
    if uv := _find_uv():
        _run(uv, "venv", "--quiet", "--allow-existing", "--python", interpreter, str(VENV))
        return
    result = subprocess.run(
        [interpreter, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if result.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            f"{interpreter} cannot create a virtual environment:\n{result.stdout}{result.stderr}\n"
            "On Debian: apt install python3-venv (or install uv), then run this again."
        )


def _has_pip() -> bool:
    """Whether this environment can install for itself; one that uv made cannot."""
    command = [str(PYTHON), "-m", "pip", "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _install() -> None:
    if uv := _find_uv():
        _say("installing the locked packages with uv")
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        _say("installing the locked packages with pip; the first time takes a few minutes")
        command = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    # The lock is whole, so nothing is left to resolve; older pips trip over extras (coverage[toml]) when they try.
    _run(*command, "--no-deps", "--require-hashes", "-r", str(LOCK))


def _find_python() -> str:
    """The interpreter named in $PYTHON, else the one running this, else the first python3.x on PATH."""
    wanted = os.environ.get("PYTHON")
    if wanted:
        return wanted
    if sys.version_info >= MIN_PYTHON:
        return getattr(sys, "_base_executable", None) or sys.executable
    for minor in (13, 12, 11):
        if found := shutil.which(f"python3.{minor}"):
            return found
    sys.exit(
        "Python 3.11 or newer is needed. Install it, or name one: make setup PYTHON=/path/to/python3.11"
    )


def _find_uv() -> str | None:
    return None if os.environ.get("NO_UV") else shutil.which("uv")


def _warn_about_pdf_libraries() -> None:
    missing = [name for name in ("pango-1.0", "pangoft2-1.0") if not ctypes.util.find_library(name)]
    if missing:
        _say(
            "note: statements as PDF need Pango (on Debian: "
            "apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)"
        )


def _run(*command: str) -> None:
    result = subprocess.run(command, cwd=ROOT, check=False)
    if result.returncode:
        sys.exit(f"setup stopped: {' '.join(command[:4])} … ended with status {result.returncode}")


def _say(text: str) -> None:
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    main()
