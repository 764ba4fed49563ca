"""Find a PostgreSQL, or start one for this run.

In this order: the one DATABASE_URL names; one answering on the local socket in which we may create databases; one
started from the machine's own binaries and thrown away afterwards.
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

SOCKET_FOLDERS = ("/var/run/postgresql", "/tmp")


@contextmanager
def server(*, durable: bool = False) -> Iterator[str | None]:
    """The address of a PostgreSQL in which we may create databases; None where there is none.

    ``durable`` asks a server started for this run to keep its promises (fsync), as benchmarks must.
    """
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        yield given
        return
    for folder in dict.fromkeys([os.environ.get("PGHOST", ""), *SOCKET_FOLDERS]):
        if folder and _may_create_databases(folder):
            yield f"postgres://{quote(folder, safe='')}/postgres"
            return
    with _own_cluster(durable=durable) as url:
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
def _own_cluster(*, durable: bool) -> Iterator[str | None]:
    """A throw-away cluster on a socket of its own; as root it runs under another user, because PostgreSQL refuses root."""
    binaries = binaries_folder()
    if binaries is None:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="than-pg-"))
    user = _unprivileged_user()
    prefix = ["runuser", "-u", user, "--"] if user else []
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    options += "" if durable else " -c fsync=off"
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


def binaries_folder() -> Path | None:
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
