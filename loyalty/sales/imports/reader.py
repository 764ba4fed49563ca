"""Rows out of CSV, TSV and spreadsheets, streamed, with the numbers a spreadsheet would show.

The header is row 1 (row 2 after a `sep=` line), blank lines are counted but are not rows, and a
quoted field that spans lines is one row. A row that cannot be read is yielded as `BadRow`, never
dropped and never merged into its neighbour: an unclosed quotation mark refuses its own line only.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from loyalty.sales.imports.decoding import (
    TextFacts,
    inspect_text,
    is_spreadsheet,
    iterate_lines,
)
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.spreadsheet import inspect_sheet, iterate_sheet

DELIMITERS = ",;\t|"
SNIFF_LINES = 30
QUOTE_SPAN_LINES = 50  # a quoted field over more lines than this is an unclosed quotation mark
_SURROGATES = range(0xDC80, 0xDD00)


@dataclass(frozen=True, slots=True)
class Row:
    """One readable row: as many values as the header has names, stripped, NFC."""

    number: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot be read. `values` is what could be told apart, for the cut-off check."""

    number: int
    reason: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that has been looked at once. `digest` names its content; `lines` is for progress."""

    path: Path
    header: tuple[str, ...]
    digest: str
    lines: int
    delimiter: str
    facts: TextFacts | None

    @property
    def encoding(self) -> str:
        return self.facts.encoding if self.facts else "spreadsheet"

    @property
    def ends_early(self) -> bool:
        return bool(self.facts and self.facts.ends_early)


def open_source(path: Path, *, encoding: str | None = None, delimiter: str | None = None) -> Source:
    """Look at the whole file once and read its header.

    Raises FileProblem: empty, not a table, damaged, no header.
    """
    if is_spreadsheet(path):
        sheet = inspect_sheet(path)
        return Source(
            path=path,
            header=_clean_header(sheet.header),
            digest=sheet.digest,
            lines=sheet.rows,
            delimiter="",
            facts=None,
        )
    facts = inspect_text(path, encoding=encoding)
    sample = list(islice(iterate_lines(path, facts), SNIFF_LINES))
    mark = delimiter or _sniff(sample)
    records = _records(iter(sample), mark)
    for _number, values, reason, _is_open in records:
        if _is_sep_line(values):
            continue
        if reason or not any(values):
            break
        return Source(
            path=path,
            header=_clean_header(values),
            digest=facts.digest,
            lines=facts.lines,
            delimiter=mark,
            facts=facts,
        )
    raise FileProblem(
        code="header_missing",
        message=_("The first line must name the columns; it cannot be read."),
    )


def iterate_rows(source: Source) -> Iterator[Row | BadRow]:
    """Yield every row after the header, in file order, in constant memory."""
    if source.facts is None:
        yield from _sheet_rows(source)
        return
    width = len(source.header)
    wide = source.facts.encoding.startswith("utf-16")
    suspicious = source.facts.has_bad_bytes or not source.facts.encoding.startswith("utf-8")
    lines = iterate_lines(source.path, source.facts)
    records = _records(lines, source.delimiter, ends_early=source.ends_early)
    header_seen = False
    for number, values, reason, is_open in records:
        if not header_seen:
            header_seen = not _is_sep_line(values)
            continue
        if reason is None and not any(values):
            continue
        if reason is not None:
            yield BadRow(number, reason, values)
            continue
        row = _checked(number, values, width=width, suspicious=suspicious, wide=wide)
        if is_open and isinstance(row, BadRow) and len(values) < width:
            row = BadRow(number, "cut_off", values)
        yield row


def _checked(
    number: int, values: tuple[str, ...], *, width: int, suspicious: bool, wide: bool
) -> Row | BadRow:
    if len(values) > width and not any(values[width:]):
        values = values[:width]
    joined = "".join(values)
    if not joined.isascii():
        if (suspicious and any(ord(letter) in _SURROGATES for letter in joined)) or (
            wide and "\ufffd" in joined
        ):
            return BadRow(number, "bad_encoding")
        values = tuple(unicodedata.normalize("NFC", value) for value in values)
    if "\0" in joined:
        return BadRow(number, "nul_byte")
    if len(values) != width:
        return BadRow(number, "wrong_column_count", values)
    return Row(number, tuple([value.strip() for value in values]))


def _records(
    lines: Iterator[str], delimiter: str, *, ends_early: bool = False
) -> Iterator[tuple[int, tuple[str, ...], str | None, bool]]:
    """(row number, values, reason it is bad, whether it is the last and has no line end).

    Joins quoted lines; restarts after a stray quotation mark.
    """
    number = 0
    waiting: list[str] = []
    source = lines
    while True:
        line = waiting.pop(0) if waiting else next(source, None)
        if line is None:
            return
        number += 1
        whole, reason = line, None
        if '"' in line and _leaves_quote_open(line, delimiter):
            taken = _take_until_closed(line, delimiter, waiting, source)
            if taken is None:
                reason = "unbalanced_quote"
            else:
                whole = taken
        is_open = not waiting and not whole.endswith("\n")
        values = _split(whole, delimiter) if reason is None else (line.rstrip("\n"),)
        if is_open and (ends_early or reason is not None):
            reason = "cut_off"
        yield number, values, reason, is_open


def _take_until_closed(
    line: str, delimiter: str, waiting: list[str], source: Iterator[str]
) -> str | None:
    """The whole record when its quotation mark closes soon; else None, with the lines put back."""
    gathered = [line]
    while len(gathered) <= QUOTE_SPAN_LINES:
        following = waiting.pop(0) if waiting else next(source, None)
        if following is None:
            break
        gathered.append(following)
        if '"' in following and not _leaves_quote_open("".join(gathered), delimiter):
            return "".join(gathered)
    waiting[:0] = gathered[1:]
    return None


def _leaves_quote_open(text: str, delimiter: str) -> bool:
    """True when a field that begins with a quotation mark is still open at the end of `text`."""
    position, end = 0, len(text)
    while position < end:
        if text[position] != '"':
            found = text.find(delimiter, position)
            if found < 0:
                return False
            position = found + 1
            continue
        position += 1
        while True:
            close = text.find('"', position)
            if close < 0:
                return True
            if text[close + 1 : close + 2] != '"':
                break
            position = close + 2
        found = text.find(delimiter, close)
        if found < 0:
            return False
        position = found + 1
    return False


def _split(text: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in text:
        return tuple(text.rstrip("\n").split(delimiter))
    try:
        return tuple(next(csv.reader([text], delimiter=delimiter), ()))
    except csv.Error:
        return tuple(text.rstrip("\n").split(delimiter))


def _sniff(sample: list[str]) -> str:
    """The delimiter that splits the first lines most evenly; `sep=;` of Excel decides alone."""
    if sample and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        return sample[0].strip()[4]
    scores: dict[str, tuple[int, int]] = {}
    for mark in DELIMITERS:
        widths = [len(_split(line, mark)) for line in sample if line.strip()]
        if not widths:
            continue
        scores[mark] = (sum(width == widths[0] for width in widths) * (widths[0] > 1), widths[0])
    best = max(scores, key=lambda mark: scores[mark], default=",")
    return best if scores and scores[best][0] else ","


def _is_sep_line(values: Iterable[str]) -> bool:
    cells = [value for value in values if value]
    return len(cells) <= 1 and "".join(cells).lower().startswith("sep=")


def _clean_header(values: Iterable[str]) -> tuple[str, ...]:
    """Names stripped and made unique: a second `Amount` becomes `Amount (2)`."""
    names: list[str] = []
    for position, value in enumerate(values, start=1):
        name = unicodedata.normalize("NFC", value.strip()) or f"Column {position}"
        copy = 2
        unique = name
        while unique in names:
            unique = f"{name} ({copy})"
            copy += 1
        names.append(unique)
    while len(names) > 1 and names[-1] == f"Column {len(names)}":
        names.pop()
    return tuple(names)


def _sheet_rows(source: Source) -> Iterator[Row | BadRow]:
    width = len(source.header)
    for number, values in iterate_sheet(source.path):
        if any(values):
            yield _checked(number, values, width=width, suspicious=False, wide=False)
