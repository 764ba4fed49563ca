"""What the import commands share on a terminal: who acts, the progress bar, the report."""

from __future__ import annotations

import logging
from pathlib import Path
from time import monotonic
from types import TracebackType

import orjson
from django.core.management.base import CommandError, OutputWrapper
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor, job_actor
from loyalty.sales.imports.outcomes import OUTCOME_LABELS, REASONS, Outcome
from loyalty.sales.imports.report import report_data
from loyalty.sales.models import ImportRun
from loyalty.tenancy.models import Merchant, Programme
from loyalty.tenancy.scope import in_programme

BAR_WIDTH = 30
REDRAW_SECONDS = 0.2


def import_actor(slug: str, merchant: str = "") -> Actor:
    """The import as an actor at the programme's merchant (its first, unless one is named).

    Raises CommandError.
    """
    programme = Programme.objects.filter(slug=slug).first()
    if programme is None:
        known = ", ".join(Programme.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"There is no programme “{slug}”. Known: {known or '-'}.")
    with in_programme(programme):
        rows = Merchant.objects.order_by("id")
        row = (rows.filter(public_id=merchant) if merchant else rows).first()
    if row is None:
        raise CommandError(f"There is no merchant “{merchant}” in this programme.")
    return job_actor(programme, "import", merchant_id=row.pk)


class Bar:
    """A progress bar on a terminal; silent where the output goes to a file."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._started = self._drawn = monotonic()
        self._phase = ""

    def __enter__(self) -> Bar:
        # A line of log for every batch would tear the bar to pieces.
        logging.getLogger("django_structlog").setLevel(logging.WARNING)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._phase and self._out.isatty():
            self._out.write("")

    def show(self, phase: str, done: int, total: int) -> None:
        """Draw ``done`` of ``total`` of a phase, a few times a second."""
        if not self._out.isatty():
            return
        moment = monotonic()
        if phase != self._phase:
            self._phase, self._started = phase, moment
        elif moment - self._drawn < REDRAW_SECONDS and done < total:
            return
        self._drawn = moment
        share = min(done / total, 1) if total else 1.0
        filled = round(share * BAR_WIDTH)
        rate = done / (moment - self._started) if moment > self._started else 0
        self._out.write(
            f"\r{phase:>10} [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {share:4.0%} "
            f"{done:,}/{total:,} ({rate:,.0f}/s) ",
            ending="",
        )
        self._out.flush()


def write_report(run: ImportRun, path: Path) -> None:
    """The report as JSON."""
    path.write_bytes(orjson.dumps(report_data(run), option=orjson.OPT_INDENT_2))


def print_report(run: ImportRun, out: OutputWrapper) -> None:
    """The counts, readable; raises CommandError unless they add up to the rows read."""
    data = report_data(run)
    title = _("Dry run: nothing was written.") if run.is_dry_run else _("Imported.")
    out.write(f"{title} {run.file_name}: {run.rows_read:,} " + _("rows read"))
    for outcome in Outcome:
        out.write(f"  {data['counts'][outcome]:>10,}  {OUTCOME_LABELS[outcome]}")
        parts = data["reasons"].get(outcome, {})
        for reason, count in sorted(parts.items(), key=lambda pair: -pair[1]):
            out.write(f"  {'':>10}  {count:>10,}  {reason}: {REASONS[reason][1]}")
    totals = ", ".join(f"{name}: {value:,}" for name, value in data["totals"].items())
    out.write(f"  {totals}")
    if data["accounted"] != run.rows_read:
        raise CommandError(
            f"{run.rows_read - data['accounted']} rows are not accounted for.", returncode=1
        )
