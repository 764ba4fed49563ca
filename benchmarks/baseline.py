"""What the database alone can do: pgbench calls one SQL function that books a purchase.

The function inserts a transaction, two entries and a lot and updates a balance, which is the least a
ledger must write. Our whole purchase over HTTP is told as a share of that rate, on the same server,
with the same number of clients, in the same run.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from scripts.postgres import binaries_folder

_SCHEMA = """
drop schema if exists baseline cascade;
create schema baseline;
set search_path to baseline;
create table account (id bigint primary key, balance bigint not null);
create table transaction (
  id bigserial primary key, holder bigint not null, kind text not null,
  happened_at timestamptz not null, recorded_at timestamptz not null);
create index on transaction (holder, id);
create table entry (
  id bigserial primary key, transaction_id bigint not null references transaction,
  account_id bigint not null references account, amount bigint not null, pot text not null);
create index on entry (account_id, id);
create table lot (
  id bigserial primary key, entry_id bigint not null references entry,
  account_id bigint not null references account, amount bigint not null,
  remaining bigint not null, expires_at timestamptz);
create index on lot (account_id, expires_at) where remaining > 0;
insert into account select n, 0 from generate_series(1, 1000) n;
create function book(who bigint, points bigint) returns bigint language plpgsql as $$
declare t bigint; e bigint;
begin
  perform 1 from baseline.account where id = who for update;
  insert into baseline.transaction (holder, kind, happened_at, recorded_at)
    values (who, 'accrual', now(), now()) returning id into t;
  insert into baseline.entry (transaction_id, account_id, amount, pot)
    values (t, who, points, 'issued') returning id into e;
  insert into baseline.entry (transaction_id, account_id, amount, pot)
    values (t, who, 1, 'stamps');
  insert into baseline.lot (entry_id, account_id, amount, remaining, expires_at)
    values (e, who, points, points, now() + interval '1 year');
  update baseline.account set balance = balance + points + 1 where id = who;
  return t;
end $$;
"""
_SCRIPT = "\\set who random(1, 1000)\nselect baseline.book(:who, 12);\n"


def bookings_per_second(url: str, *, clients: int, seconds: int) -> float:
    """The rate of the baseline at so many clients, by pgbench."""
    folder = binaries_folder()
    assert folder is not None, "pgbench comes with the PostgreSQL server (apt install postgresql)"
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(f"show {setting}").fetchone()
            assert row and row[0] == "on", f"{setting} must be on for a fair comparison"
        connection.execute(_SCHEMA)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT)
        script.flush()
        Path(script.name).chmod(0o644)
        done = subprocess.run(
            [
                str(folder / "pgbench"),
                "--no-vacuum",
                f"--client={clients}",
                f"--time={seconds}",
                f"--file={script.name}",
                url,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])
