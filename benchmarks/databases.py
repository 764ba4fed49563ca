"""Databases of a bench: made for one part, dropped after it, also when it is broken off."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@contextmanager
def fresh_database(server: str, name: str) -> Iterator[str]:
    """The address of an empty database on a server."""
    whole = f"than_bench_{name}_{os.getpid()}"
    _run(server, "create database {}", whole)
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{whole}"))
    finally:
        _run(server, "drop database if exists {} with (force)", whole)


def about(server: str) -> str:
    """Version and durable settings in one line. Raises where an answer might not be kept."""
    with psycopg.connect(server) as connection:
        shown = {name: _show(connection, name) for name in ("server_version", *DURABLE)}
    off = [name for name in DURABLE if shown[name] != "on"]
    if off:
        raise SystemExit(f"Not comparable: {', '.join(off)} must be on in PostgreSQL.")
    settings = ", ".join(f"{name}={shown[name]}" for name in DURABLE)
    return f"PostgreSQL {shown['server_version']} ({settings})"


def _show(connection: psycopg.Connection, name: str) -> str:
    row = connection.execute(sql.SQL("show {}").format(sql.Identifier(name))).fetchone()
    assert row is not None
    return str(row[0])


def _run(server: str, command: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(sql.Identifier(name)))
