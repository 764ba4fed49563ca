"""Long lists: pages by keyset, and files of them that a spreadsheet opens without danger."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import current_merchant, in_programme

PAGE = 50
# What a spreadsheet would run as a formula when a cell begins with it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_FILE_STEP = 500


@dataclass(frozen=True)
class ListPage:
    """A page of rows, newest first, and the links to its neighbours (empty where there is none)."""

    rows: list[Any]
    next_url: str
    first_url: str

    @property
    def shown(self) -> int:
        """How many rows it has."""
        return len(self.rows)


def newest_first(
    rows: QuerySet[Any], request: HttpRequest, *, limit: int = PAGE, by: str = "public_id"
) -> ListPage:
    """One page of rows, by ``?before=<public id>``. One query, one more on later pages.

    Args:
        by: where a row's public id is, of its own or (``member__public_id``) of what it is about;
            one of the latter stands only once in ``rows``.
    """
    before = request.GET.get("before", "")[:60]
    ordered = rows.order_by("-pk")
    if before:
        own = rows.model._default_manager if by == "public_id" else rows
        last = own.filter(**{by: before}).values_list("pk", flat=True)
        ordered = ordered.filter(pk__lt=last.first() or 0)
    found = list(ordered[: limit + 1])
    read = attrgetter(by.replace("__", "."))
    marks = [read(row) for row in found[:limit]]  # of all, so that a wrong name shows at once
    more = marks[-1] if len(found) > limit else ""
    return ListPage(
        rows=found[:limit],
        next_url=link(request, before=more) if more else "",
        first_url=link(request) if before else "",
    )


def link(request: HttpRequest, **changes: str) -> str:
    """This page's address with other values; the place in the list is forgotten."""
    wanted = request.GET.copy()
    wanted.pop("before", None)
    for name, value in changes.items():
        wanted[name] = value
    return f"{request.path}?{wanted.urlencode()}" if wanted else request.path


def safe_cell(value: object) -> str:
    """A cell no spreadsheet runs as a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_file(
    name: str, *, header: Sequence[str], rows: Iterable[Sequence[object]], programme: Programme
) -> StreamingHttpResponse:
    """A CSV download (UTF-8 with BOM, so that Excel reads Vietnamese), written as it is read."""
    response = StreamingHttpResponse(
        _lines(header, rows, programme, current_merchant()), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _lines(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    programme: Programme,
    merchant_id: int | None,
) -> Iterator[str]:
    """Blocks of lines. The page's scope is closed by now, so it is opened around every block."""
    source = iter(rows)
    yield "\ufeff" + _written([header])
    while True:
        with in_programme(programme, merchant_id=merchant_id):
            block = [row for _step, row in zip(range(_FILE_STEP), source, strict=False)]
        if not block:
            return
        yield _written(block)


def _written(rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue()
