"""The first sheet of an XLSX, XLS or ODS file as text, so that one set of parsers serves all files.

Numbers become their shortest exact decimal text (no float arithmetic is ever done on them), dates
become ISO. A sheet holds at most 1,048,576 rows by its format; one that unpacks to more than
`UNPACKED_LIMIT_BYTES` is refused before it is opened.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from loyalty.sales.imports.problems import FileProblem

UNPACKED_LIMIT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What one look told: `rows` counts rows of the sheet, `digest` is SHA-256 of the file."""

    header: tuple[str, ...]
    rows: int
    digest: str


def inspect_sheet(path: Path) -> SheetFacts:
    """Raises FileProblem: damaged, too large when unpacked, no rows."""
    _check_size(path)
    sheet = _first_sheet(path)
    first = next(_texts(sheet), None)
    if first is None:
        raise FileProblem(code="file_empty", message=_("The file is empty."))
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
    return SheetFacts(header=first[1], rows=sheet.height, digest=digest)


def iterate_sheet(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (row number as the spreadsheet shows it, values) after the header row."""
    rows = _texts(_first_sheet(path))
    next(rows, None)
    yield from rows


def _texts(sheet: CalamineSheet) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Rows from the first one that has content; numbers stay those of the sheet."""
    started = False
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        values = tuple(_text(cell) for cell in cells)
        started = started or any(values)
        if started:
            yield number, values


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else format(Decimal(repr(cell)), "f")
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _check_size(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as packed:
        if sum(part.file_size for part in packed.infolist()) > UNPACKED_LIMIT_BYTES:
            raise FileProblem(
                code="file_too_large",
                message=_("The spreadsheet is too large. Export the sales as CSV."),
            )


def _first_sheet(path: Path) -> CalamineSheet:
    try:
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise FileProblem(
            code="file_damaged",
            message=_("The spreadsheet cannot be opened. Save it again as XLSX or CSV."),
        ) from error
