"""The record of an import: started, taken up again, finished; and the mapping remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.common.public_ids import new_id
from loyalty.sales.imports.mapping import header_fingerprint
from loyalty.sales.imports.outcomes import Tally, pack_rows
from loyalty.sales.models import ImportMapping, ImportRun


def start_import(
    actor: Actor,
    *,
    kind: str,
    file_name: str,
    digest: str,
    header: Sequence[str],
    mapping: Mapping[str, Any],
    preset: str,
    dry_run: bool,
) -> ImportRun:
    """The unfinished run of this very file and mapping, or a new one."""
    if not dry_run:
        earlier: QuerySet[ImportRun] = ImportRun.objects.filter(
            kind=kind,
            digest=digest,
            merchant=actor.merchant_id,
            state=ImportRun.State.RUNNING,
            is_dry_run=False,
        ).order_by("-id")
        for row in earlier:
            if row.mapping == mapping:
                return row
    public_id: str = begin_import(
        Call(actor, new_id("key")),
        kind=kind,
        file_name=file_name[-255:],
        digest=digest,
        header=header_fingerprint(header),
        mapping=dict(mapping),
        preset=preset,
        dry_run=dry_run,
    )
    run: ImportRun = ImportRun.objects.get(public_id=public_id)
    return run


@command("sales.begin_import", label=_("Import begun"), permission="imports:write")
def begin_import(
    ctx: Context,
    *,
    kind: str,
    file_name: str,
    digest: str,
    header: str,
    mapping: dict[str, Any],
    preset: str,
    dry_run: bool,
) -> str:
    """Open a run and remember the mapping for files with this header; answers its public id."""
    run: ImportRun = ImportRun.objects.create(
        programme=ctx.programme,
        kind=kind,
        state=ImportRun.State.RUNNING,
        is_dry_run=dry_run,
        merchant_id=ctx.merchant_id,
        file_name=file_name,
        digest=digest,
        mapping=mapping,
        preset=preset,
        started_by=ctx.actor.label[:200],
        started_at=ctx.now,
    )
    ImportMapping.objects.update_or_create(
        kind=kind,
        header=header,
        defaults={"programme": ctx.programme, "mapping": mapping, "used_at": ctx.now},
    )
    ctx.about(run.public_id, file=file_name)
    return str(run.public_id)


def finish_import(
    actor: Actor,
    *,
    run: ImportRun,
    tally: Tally,
    details: Sequence[Mapping[str, Any]],
    totals: Mapping[str, int],
) -> ImportRun:
    """Close a run with what became of every row. Raises where a row was left without outcome."""
    undecided = tally.undecided()
    assert not undecided, f"Rows without an outcome: {pack_rows(undecided)[:200]}"
    close_import(
        Call(actor, new_id("key")),
        run=run.public_id,
        rows_read=tally.rows_read(),
        counts=tally.reason_counts(),
        rows={reason: pack_rows(rows) for reason, rows in tally.rows_by_reason().items()},
        details=[dict(detail) for detail in details],
        totals=dict(totals),
    )
    run.refresh_from_db()
    return run


@command("sales.close_import", label=_("Import finished"), permission="imports:write")
def close_import(
    ctx: Context,
    *,
    run: str,
    rows_read: int,
    counts: dict[str, int],
    rows: dict[str, str],
    details: list[dict[str, Any]],
    totals: dict[str, int],
) -> None:
    """Store the report of a run."""
    ImportRun.objects.filter(public_id=run).update(
        state=ImportRun.State.DONE,
        finished_at=ctx.now,
        rows_read=rows_read,
        counts=counts,
        rows=rows,
        details=details,
        totals=totals,
    )
    ctx.about(run, rows=rows_read)


def remembered_mapping(kind: str, header: Sequence[str]) -> dict[str, Any] | None:
    """The mapping used last for files with this header, if any."""
    row = ImportMapping.objects.filter(kind=kind, header=header_fingerprint(header)).first()
    return dict(row.mapping) if row else None
