"""Run the suite on SQLite, on PostgreSQL, or on both, one after the other.

Where no PostgreSQL can be had (see ``scripts/postgres.py``) that half is reported as not run, loudly, and under CI that
is a failure. Each half ends with pytest's own summary.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scripts.postgres import server

ROOT = Path(__file__).resolve().parent.parent

IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}


def main() -> int:
    """Exit with pytest's first bad status; 3 when CI asked for PostgreSQL and there was none."""
    words = sys.argv[1:]
    halves, arguments = words, []
    if "--" in words:
        split = words.index("--")
        halves, arguments = words[:split], words[split + 1 :]
    status = 0
    if "sqlite" in halves:
        status = _pytest("SQLite", f"sqlite:///{ROOT / 'var' / 'test.sqlite3'}", arguments)
    if "postgres" in halves:
        with server() as url:
            if url:
                status = _pytest("PostgreSQL", url, arguments) or status
            else:
                print(
                    "\n== PostgreSQL: THIS HALF DID NOT RUN. No server answers and none is installed.\n"
                    "== On Debian: apt install postgresql, or set DATABASE_URL=postgres://…",
                    flush=True,
                )
                status = status or (3 if IN_CI else 0)
    return status


def _pytest(title: str, url: str, arguments: list[str]) -> int:
    print(f"\n== Tests on {title}", flush=True)
    command = [sys.executable, "-m", "pytest", *(arguments or ["-n", "2"])]
    env = os.environ | {"DATABASE_URL": url}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
