"""Importing files in the dashboard: upload, check the columns, foresee, run, read the report."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from loyalty.common.errors import DomainError
from loyalty.engine.selectors import live_cards
from loyalty.sales.imports import uploads
from loyalty.sales.imports.forms import (
    MappingForm,
    MembersMappingForm,
    SalesMappingForm,
    UploadForm,
    initial_of,
)
from loyalty.sales.imports.mapping import complete_mapping, mapping_data, mapping_from_data
from loyalty.sales.imports.member_rows import members_mapping, members_mapping_data
from loyalty.sales.imports.outcomes import OUTCOME_LABELS, REASONS, Outcome, unpack_rows
from loyalty.sales.imports.reader import Row, Source, iterate_rows, open_source
from loyalty.sales.imports.report import outcome_counts, report_data
from loyalty.sales.models import ImportRun
from loyalty.web.forms import show_errors
from loyalty.web.lists import csv_file, newest_first
from loyalty.web.pages import DashboardView, FormView

PREVIEW_ROWS = 5
SHOWN_DETAILS = 100
_UNDER_WAY = (ImportRun.State.QUEUED, ImportRun.State.RUNNING)
_TONES = {
    Outcome.IMPORTED: "good",
    Outcome.CANCELLED_MATCHED: "good",
    Outcome.DUPLICATE: "calm",
    Outcome.NO_CUSTOMER: "calm",
    Outcome.EXCLUDED_PRODUCT: "calm",
    Outcome.UNMATCHED: "warn",
    Outcome.REFUSED: "bad",
}


class ImportsView(FormView):
    """All imports, and a form for one more file."""

    permission = "imports:read"
    write_permission = "imports:write"
    template_name = "sales/imports/list.html"
    form_class = UploadForm

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "list": newest_first(ImportRun.objects.all(), self.request)}

    def act(self, form: Any) -> HttpResponse:
        given, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
        preset = form.cleaned_data["preset"] if kind == ImportRun.Kind.SALES else ""
        name = uploads.keep_upload(given.chunks(), size=given.size)
        source = open_source(uploads.folder() / name)
        run = uploads.stage_import(
            self.call(),
            kind=kind,
            file_name=given.name,
            stored_as=name,
            digest=source.digest,
            mapping=uploads.first_mapping(kind=kind, source=source, preset=preset),
            preset=preset,
        )
        return self.go("import", run)


class ImportView(DashboardView):
    """One import: its columns while it waits, its progress, its report."""

    permission = "imports:read"
    write_permission = "imports:write"
    template_name = "sales/imports/page.html"
    partial_name = "sales/imports/status.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        run = uploads.access_run(self.kwargs["run"])
        return self.page(self.context(run))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        run = uploads.access_run(self.kwargs["run"])
        source = _source(run)
        if source is None:
            raise Http404
        form = _form(run, source, request.POST)
        if form.is_valid():
            try:
                uploads.queue_import(
                    self.call(),
                    run=run.public_id,
                    mapping=_checked(run, source, form.mapping(run.mapping)),
                    dry_run=request.POST.get("action") != "import",
                )
            except DomainError as error:
                show_errors(form, error)
            else:
                return self.go("import", run.public_id)
        context = {**self.context(run), **_questions(source, form)}
        return self.page(context, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def context(self, run: ImportRun) -> dict[str, Any]:
        """What the page shows of a run."""
        under_way = run.state in _UNDER_WAY
        context: dict[str, Any] = {"run": run, "under_way": under_way, "source": None}
        if run.state == ImportRun.State.DONE:
            context |= {
                "outcomes": _outcomes(run),
                "details": [_detail(one) for one in run.details[:SHOWN_DETAILS]],
                "more_details": max(len(run.details) - SHOWN_DETAILS, 0),
            }
        done = run.state == ImportRun.State.DONE and not run.is_dry_run
        source = None if under_way or done else _source(run)
        if source is not None:
            context |= _questions(source, _form(run, source))
        return context


class ImportReportView(DashboardView):
    """The report as JSON for scripts, or the rows that were not imported as CSV for people."""

    permission = "imports:read"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        run = uploads.access_run(self.kwargs["run"])
        if self.kwargs["form"] == "json":
            answer = JsonResponse(report_data(run))
            answer["Content-Disposition"] = f'attachment; filename="{run.public_id}.json"'
            return answer
        header = [_("Row"), _("Outcome"), _("Reason")]
        return csv_file(
            run.public_id, header=header, rows=_not_imported(run), programme=self.programme
        )


def _source(run: ImportRun) -> Source | None:
    path = uploads.file_of(run)
    return open_source(path) if path else None


def _form(run: ImportRun, source: Source, data: Any = None) -> MappingForm:
    if run.kind == ImportRun.Kind.MEMBERS:
        cards = list(live_cards().values())
        initial = initial_of(run.mapping, cards)
        return MembersMappingForm(data, initial=initial, header=source.header, cards=cards)
    return SalesMappingForm(data, initial=initial_of(run.mapping, []), header=source.header)


def _checked(run: ImportRun, source: Source, mapping: dict[str, Any]) -> dict[str, Any]:
    """The mapping, if a file with this header can be read with it. Raises ``FileProblem``."""
    if run.kind == ImportRun.Kind.MEMBERS:
        return members_mapping_data(members_mapping(source.header, mapping))
    return mapping_data(complete_mapping(mapping_from_data(mapping), source.header))


def _questions(source: Source, form: MappingForm) -> dict[str, Any]:
    rows = (row for row in iterate_rows(source) if isinstance(row, Row))
    return {"form": form, "source": source, "preview": list(islice(rows, PREVIEW_ROWS))}


def _outcomes(run: ImportRun) -> list[dict[str, Any]]:
    counts = outcome_counts(run.counts)
    shown = []
    for outcome in Outcome:
        reasons = [
            {"text": REASONS[reason][1], "count": count}
            for reason, count in sorted(run.counts.items(), key=lambda pair: -pair[1])
            if REASONS[reason][0] == outcome
        ]
        if counts[outcome]:
            shown.append(
                {
                    "label": OUTCOME_LABELS[outcome],
                    "tone": _TONES[outcome],
                    "count": counts[outcome],
                    "reasons": reasons,
                }
            )
    return shown


def _detail(detail: dict[str, Any]) -> dict[str, Any]:
    reason = detail.get("reason", "")
    text = detail.get("message") or (REASONS[reason][1] if reason in REASONS else reason)
    where = detail.get("row") or detail.get("receipt", "")
    return {"where": where, "text": text, "value": detail.get("text", "")}


def _not_imported(run: ImportRun) -> Iterator[tuple[object, ...]]:
    left_out = [
        (row, reason)
        for reason, packed in run.rows.items()
        if REASONS[reason][0] not in (Outcome.IMPORTED, Outcome.CANCELLED_MATCHED)
        for row in unpack_rows(packed)
    ]
    for row, reason in sorted(left_out):
        outcome, text = REASONS[reason]
        yield row, OUTCOME_LABELS[outcome], text
