"""``python -m benchmarks.run``: the figures this product promises, as ratios of one run.

Each part (``--only NAME``) runs in a process and a database of its own, which are gone afterwards.
Exit status 1 where a promise is missed, 2 where a part failed. ``--quick`` takes smaller amounts:
good for a look, too small for a verdict.
"""

from __future__ import annotations

import argparse
import os
import platform
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from benchmarks.databases import about, fresh_database
from benchmarks.figures import Figure
from scripts.postgres import server

ROOT = Path(__file__).resolve().parent.parent
# The name of a part, the module that is it, and the databases it is run on.
PARTS = {
    "purchase": ("postgres",),
    "imports": ("postgres",),
    "balances": ("postgres",),
    "races": ("postgres", "sqlite"),
    "levels": ("postgres",),
    "replay": ("sqlite",),
    "everything": ("postgres", "sqlite"),
}


def main() -> int:
    """Run the parts; answers the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller amounts, no verdict")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="this part")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    missed, failed = 0, 0
    with server(durable=True) as address:
        if address is None:
            print("No PostgreSQL answers and none is installed (apt install postgresql).")
            return 2
        print(f"{_machine()}; {about(address)}{'; quick' if options.quick else ''}", flush=True)
        for name in options.only or PARTS:
            for kind in PARTS[name]:
                figures, status = _part(name, kind, address, quick=options.quick)
                missed += sum(not figure.holds for figure in figures)
                failed += status != 0
    return 2 if failed else int(missed > 0)


def _part(name: str, kind: str, address: str, *, quick: bool) -> tuple[list[Figure], int]:
    with tempfile.TemporaryDirectory(prefix="than-bench-") as folder:
        if kind == "sqlite":
            return _run(name, f"sqlite:///{folder}/bench.sqlite3", folder, quick=quick)
        with fresh_database(address, name) as url:
            return _run(name, url, folder, quick=quick)


def _run(name: str, url: str, folder: str, *, quick: bool) -> tuple[list[Figure], int]:
    """One part in a process group of its own, which ends with it whatever happens."""
    child = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.part", name],
        cwd=ROOT,
        env=_environment(url, folder, quick=quick),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    figures = []
    try:
        assert child.stdout is not None
        for line in child.stdout:
            figure = Figure(**orjson.loads(line))
            figures.append(figure)
            print(figure.line(), flush=True)
        status = child.wait()
    finally:
        _end(child)
    if status:
        print(f"FAIL {name}: exit status {status}", flush=True)
    return figures, status


def _end(child: subprocess.Popen[bytes]) -> None:
    """End what is left of the part's processes, gently at first."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, how)
            child.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _environment(url: str, folder: str, *, quick: bool) -> dict[str, str]:
    """As in production on one machine, but for the quota of the one key that sends everything."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return kept | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "loyalty.settings",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "ENV_FILE": os.devnull,
        "VAR_DIR": folder,
        "CACHE_URL": f"filecache://{folder}/cache",
        "WEB_CONCURRENCY": str(os.cpu_count() or 1),
        "WEB_THREADS": "2",
        "API_REQUESTS_PER_MINUTE": "100000000",
        "PYTHONWARNINGS": "ignore",
        "LOG_LEVEL": "ERROR",
        "BENCH_QUICK": "1" if quick else "",
    }


def _machine() -> str:
    return f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
