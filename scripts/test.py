"""Run the suite on SQLite, on PostgreSQL, or on both, one after the other.

PostgreSQL is, in this order: the one DATABASE_URL names; one answering on the local socket in which we may create
databases; one started for this run from the machine's own binaries. Without any, the PostgreSQL half is reported as not
run, loudly, and under CI that is a failure. Each half ends with pytest's own summary.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

ROOT = Path(__file__).resolve().parent.parent
SOCKET_FOLDERS = ("/var/run/postgresql", "/tmp")
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
        with _postgres() as url:
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


@contextmanager
def _postgres() -> Iterator[str | None]:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        yield given
        return
    for folder in dict.fromkeys([os.environ.get("PGHOST", ""), *SOCKET_FOLDERS]):
        if folder and _may_create_databases(folder):
            yield f"postgres://{quote(folder, safe='')}/postgres"
            return
    with _own_cluster() as url:
        yield url


def _may_create_databases(folder: str) -> bool:
    query = "select rolcreatedb or rolsuper from pg_roles where rolname = current_user"
    try:
        with psycopg.connect(host=folder, dbname="postgres", connect_timeout=3) as connection:
            row = connection.execute(query).fetchone()
    except psycopg.Error:
        return False
    return bool(row and row[0])


@contextmanager
def _own_cluster() -> Iterator[str | None]:
    """A throw-away cluster on a socket of its own; as root it runs under another user, because PostgreSQL refuses root."""
    binaries = _binaries()
    if binaries is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="than-pg-"))
    user = _unprivileged_user()
    prefix = ["runuser", "-u", user, "--"] if user else []
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    control = [*prefix, str(binaries / "pg_ctl"), "-D", str(data), "-w", "-s"]
    try:
        _quietly(
            *prefix,
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            "than",
            "-A",
            "trust",
            "-E",
            "UTF8",
        )
        _quietly(*control, "-o", options, "-l", str(folder / "log"), "start")
        yield f"postgres://than@{quote(str(folder), safe='')}/postgres"
    finally:
        subprocess.run(
            [*control, "-m", "immediate", "stop"], cwd="/", check=False, capture_output=True
        )
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path | None:
    """The folder of the newest server on this machine."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda folder: float(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _unprivileged_user() -> str | None:
    return None if os.geteuid() else "postgres" if _exists("postgres") else "nobody"


def _exists(user: str) -> bool:
    return subprocess.run(["id", user], capture_output=True, check=False).returncode == 0


def _quietly(*command: str) -> None:
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"PostgreSQL could not be started for the tests:\n{result.stdout}{result.stderr}")


if __name__ == "__main__":
    sys.exit(main())
