"""Every static check, two at a time; prints one line each, and in full what failed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTHON = sys.executable

# What an owner sets in production; `check --deploy` must then find nothing to say.
PRODUCTION = {
    "ENV_FILE": os.devnull,
    "DJANGO_DEBUG": "false",
    "DJANGO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-only-for-this-check",
    "ALLOWED_HOSTS": "loyalty.example",
    "BASE_URL": "https://loyalty.example",
    "EMAIL_URL": "smtp://localhost:25",
}
DEVELOPMENT = {"ENV_FILE": os.devnull, "DJANGO_DEBUG": "false", "ALLOWED_HOSTS": "localhost"}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One command and the environment it runs in; it passes when it exits with 0."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=lambda: DEVELOPMENT)


CHECKS = [
    Check(name="types", command=[str(BIN / "mypy")]),
    Check(name="style", command=[str(BIN / "ruff"), "check", "--quiet", "."]),
    Check(name="format", command=[str(BIN / "ruff"), "format", "--check", "--quiet", "."]),
    Check(name="layers", command=[str(BIN / "lint-imports"), "--no-cache"]),
    Check(name="templates", command=[str(BIN / "djlint"), "--lint", "--quiet", "templates"]),
    Check(name="translations", command=[PYTHON, "scripts/translations.py", "check"]),
    Check(
        name="migrations", command=[PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]
    ),
    Check(
        name="production",
        command=[PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=PRODUCTION,
    ),
]


def main() -> int:
    """Run the checks named on the command line, or all; 1 when any of them found something."""
    wanted = [check for check in CHECKS if not sys.argv[1:] or check.name in sys.argv[1:]]
    with ThreadPoolExecutor(max_workers=2) as pool:
        passed = list(pool.map(_run, wanted))
    return 0 if all(passed) else 1


def _run(check: Check) -> bool:
    started = time.monotonic()
    result = subprocess.run(
        check.command,
        cwd=ROOT,
        env=os.environ | check.env,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - started
    passed = result.returncode == 0
    lines = [f"lint: {'ok    ' if passed else 'FAILED'} {check.name} ({seconds:.1f} s)"]
    if not passed:
        lines += [result.stdout.strip(), result.stderr.strip()]
    print("\n".join(line for line in lines if line), flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
