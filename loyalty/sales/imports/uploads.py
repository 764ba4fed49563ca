"""Files that staff upload: kept, looked at, put in the queue, run by a worker, thrown away.

An upload waits until someone has looked at its columns. A worker claims what is queued, gives a
sign of life while it works, and what was claimed by a worker that died is claimed again: batches
that were done answer from their stored result, so nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor, job_actor
from loyalty.commands.decorator import Context, command
from loyalty.common.clock import now
from loyalty.common.errors import DomainError, NotFound, Refused
from loyalty.common.public_ids import new_id
from loyalty.outbox.wake import wake
from loyalty.sales.imports.mapping import (
    SalesMapping,
    guess_columns,
    load_preset,
    mapping_data,
    mapping_from_data,
)
from loyalty.sales.imports.member_rows import (
    MembersMapping,
    guess_members_mapping,
    members_mapping_data,
)
from loyalty.sales.imports.members_run import import_members
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.reader import Source
from loyalty.sales.imports.runs import remembered_mapping
from loyalty.sales.imports.sales_run import import_sales
from loyalty.sales.models import ImportRun
from loyalty.tenancy.scope import every_programme, in_programme

FILE_LIMIT_BYTES = 200 * 1024 * 1024
RUN_TASK = "sales.run_imports"
BEAT_SECONDS = 2.0
# A worker may have one process only: after this long the run steps aside for mails and webhooks.
SLICE_SECONDS = 30.0
DEAD_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(days=7)

log = structlog.get_logger(__name__)


def keep_upload(chunks: Iterable[bytes], *, size: int) -> str:
    """Write an upload down under a fresh name; answers it. Raises FileProblem when too large."""
    if size > FILE_LIMIT_BYTES:
        raise FileProblem(
            code="file_too_large",
            message=_("The file is too large. Pack it (.gz) or split it."),
            field="file",
        )
    name = new_id("file")
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / name).open("wb") as kept:
        for chunk in chunks:
            kept.write(chunk)
    return name


def folder() -> Path:
    """Where uploads are kept; not served by any address."""
    return Path(settings.VAR_DIR) / "imports"


def first_mapping(*, kind: str, source: Source, preset: str) -> dict[str, Any]:
    """What the columns most likely mean: remembered, else from the preset, else guessed."""
    known = remembered_mapping(kind, source.header)
    if kind == ImportRun.Kind.MEMBERS:
        members = MembersMapping(**known) if known else guess_members_mapping(source.header)
        return members_mapping_data(members)
    sales = mapping_from_data(known) if known and not preset else load_preset(preset or "generic")
    if not sales.columns:
        sales = replace(sales, columns=guess_columns(source.header, kind="sales"))
    return mapping_data(sales)


@command(
    "sales.stage_import", label=gettext_lazy("File uploaded for import"), permission="imports:write"
)
def stage_import(
    ctx: Context,
    *,
    kind: str,
    file_name: str,
    stored_as: str,
    digest: str,
    mapping: dict[str, Any],
    preset: str,
) -> str:
    """Note an uploaded file that waits for its columns to be checked; answers the run's id."""
    run: ImportRun = ImportRun.objects.create(
        programme=ctx.programme,
        kind=kind,
        merchant_id=ctx.merchant_id,
        file_name=file_name[-255:],
        stored_as=stored_as,
        digest=digest,
        mapping=mapping,
        preset=preset,
        started_by=ctx.actor.label[:200],
        started_at=ctx.now,
    )
    ctx.about(run.public_id, file=file_name[-255:])
    return str(run.public_id)


@command("sales.queue_import", label=gettext_lazy("Import ordered"), permission="imports:write")
def queue_import(ctx: Context, *, run: str, mapping: dict[str, Any], dry_run: bool) -> str:
    """Let an uploaded file be imported (or foreseen) by a worker.

    Raises ``NotFound``, and ``Refused`` for a run that is under way, done, or without its file.
    """
    row = access_run(run)
    started = row.state in (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
    done = row.state == ImportRun.State.DONE and not row.is_dry_run
    if started or done or not file_of(row):
        raise Refused(
            "import_not_waiting",
            _("This file is being imported, was imported, or is no longer kept."),
        )
    ImportRun.objects.filter(pk=row.pk).update(
        state=ImportRun.State.QUEUED,
        mapping=mapping,
        is_dry_run=dry_run,
        started_by=ctx.actor.label[:200],
        started_at=ctx.now,
        finished_at=None,
        beat_at=None,
        phase="",
        steps_done=0,
        problem="",
    )
    ctx.about(run, dry_run=dry_run)
    transaction.on_commit(lambda: wake(RUN_TASK))
    return run


def access_run(public_id: str) -> ImportRun:
    """A run of the programme in scope. Raises ``NotFound``."""
    row: ImportRun | None = ImportRun.objects.filter(public_id=public_id).first()
    if row is None:
        raise NotFound("import_not_found", _("There is no such import."), field="run")
    return row


def file_of(run: ImportRun) -> Path | None:
    """The kept file of a run, while there is one."""
    path = folder() / run.stored_as
    return path if run.stored_as and path.exists() else None


def run_due() -> int:
    """Run everything that is queued or was left by a dead worker; answers how many."""
    done = 0
    while run := _claim():
        if not _run(run):
            wake(RUN_TASK)
            break
        done += 1
    return done


def throw_away_old() -> int:
    """Delete uploads that were imported or that nobody came back to; answers how many."""
    if not folder().exists():
        return 0
    with every_programme():
        waiting = ImportRun.objects.exclude(stored_as="").filter(
            Q(state__in=(ImportRun.State.QUEUED, ImportRun.State.RUNNING))
            | Q(started_at__gte=now() - KEPT_FOR)
        )
        kept = set(waiting.values_list("stored_as", flat=True))
    old = [path for path in folder().iterdir() if path.name not in kept]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _claim() -> ImportRun | None:
    """Take one due run; of two workers exactly one gets it."""
    moment = now()
    due = Q(state=ImportRun.State.QUEUED) | Q(
        state=ImportRun.State.RUNNING, beat_at__lt=moment - DEAD_AFTER
    )
    with every_programme():
        for run in ImportRun.objects.select_related("programme").filter(due).exclude(stored_as=""):
            taken = ImportRun.objects.filter(due, pk=run.pk).update(
                state=ImportRun.State.RUNNING, beat_at=moment
            )
            if taken:
                run.refresh_from_db()
                claimed: ImportRun = run
                return claimed
    return None


def _run(run: ImportRun) -> bool:
    """Answers whether the run is over (and not merely stepped aside)."""
    programme = run.programme
    actor = job_actor(programme, "import", merchant_id=run.merchant_id)
    path = file_of(run)
    try:
        if path is None:
            raise FileProblem(code="file_gone", message=_("The file is no longer kept."))
        _import(actor, run, path)
    except _StepAsideError:
        with in_programme(programme):
            ImportRun.objects.filter(pk=run.pk).update(state=ImportRun.State.QUEUED)
        return False
    except DomainError as error:
        _fail(run, str(error.message))
    except Exception:
        log.exception("import_failed", run=run.public_id)
        _fail(run, _("Something went wrong on our side. Start it again: it goes on from here."))
    else:
        if not run.is_dry_run:
            path.unlink(missing_ok=True)
    return True


def _import(actor: Actor, run: ImportRun, path: Path) -> None:
    beat = _Beat(run)
    if run.kind == ImportRun.Kind.MEMBERS:
        import_members(
            actor=actor,
            path=path,
            mapping=MembersMapping(**run.mapping),
            dry_run=run.is_dry_run,
            progress=beat,
            run=run,
        )
        return
    mapping: SalesMapping = mapping_from_data(run.mapping)
    import_sales(
        actor=actor,
        path=path,
        mapping=mapping,
        dry_run=run.is_dry_run,
        progress=beat,
        run=run,
    )


def _fail(run: ImportRun, problem: str) -> None:
    with in_programme(run.programme):
        ImportRun.objects.filter(pk=run.pk).update(
            state=ImportRun.State.FAILED, problem=problem, finished_at=now()
        )


class _StepAsideError(Exception):
    """The run has had its turn; what is recorded stays, the rest goes on at the next turn."""


class _Beat:
    """Writes down how far a run is, every other second, and ends its turn when it is long."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run
        self._last = 0.0
        self._recording_since: float | None = None

    def __call__(self, phase: str, done: int, total: int) -> None:
        if phase == "recording" and self._recording_since is None:
            self._recording_since = monotonic()
        since = self._recording_since
        may_pause = not self._run.is_dry_run and done < total
        if may_pause and since is not None and monotonic() - since > SLICE_SECONDS:
            raise _StepAsideError
        if monotonic() - self._last < BEAT_SECONDS and done < total:
            return
        self._last = monotonic()
        ImportRun.objects.filter(pk=self._run.pk).update(
            phase=phase, steps_done=done, steps_total=total, beat_at=now()
        )
