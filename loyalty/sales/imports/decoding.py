"""From bytes to lines of text: encodings, compression, damage.

One pass over the file decides its encoding before the first row is read, so that a letter late in
the file cannot change how the earlier ones were understood. Bytes that do not fit the encoding are
kept as surrogates and refused row by row; they are never guessed. Memory stays constant.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from django.utils.translation import gettext_lazy as _

from loyalty.sales.imports.problems import FileProblem

CHUNK_BYTES = 1 << 20
LINE_LIMIT = 1 << 20

_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f]")
_HIGH = re.compile(rb"[\x80-\xff]")
# In cp1258 these bytes are tone marks that stand after their vowel; in cp1252 they are letters.
_TONE = re.compile(rb"[\xcc\xd2\xde\xec\xf2]")
_TONE_AFTER_VOWEL = re.compile(
    rb"[aeiouyAEIOUY\xc2\xca\xd4\xc3\xd5\xdd\xe2\xea\xf4\xe3\xf5\xfd][\xcc\xd2\xde\xec\xf2]"
)


@dataclass(frozen=True, slots=True)
class TextFacts:
    """What one pass over the file told: `lines` counts physical lines, `digest` is SHA-256."""

    encoding: str
    lines: int
    digest: str
    has_bad_bytes: bool
    ends_early: bool


def is_spreadsheet(path: Path) -> bool:
    """True for XLSX, XLSM, ODS (zip) and XLS (OLE) by their first bytes, whatever the name says."""
    with path.open("rb") as source:
        head = source.read(8)
    return head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def inspect_text(path: Path, *, encoding: str | None = None) -> TextFacts:
    """Read the whole file once. `encoding` overrules the guess.

    Raises FileProblem for an empty file, a file that is not text, and damaged compression.
    """
    counts = _Counts()
    digest = hashlib.sha256()
    ends_early = False
    head = b""
    with _open_binary(path) as source:
        try:
            while True:
                chunk = source.read(CHUNK_BYTES)
                chunk += source.readline(LINE_LIMIT)
                if not chunk:
                    break
                if not head:
                    head = chunk[:8192]
                digest.update(chunk)
                counts.add(chunk)
        except EOFError:
            ends_early = True
        except (OSError, zlib.error) as error:
            raise FileProblem(
                code="file_damaged",
                message=_("The compressed file is damaged. Export it again, or unpack it first."),
            ) from error
    if not counts.total and not ends_early:
        raise FileProblem(code="file_empty", message=_("The file is empty."))
    chosen = encoding or _guess(head, counts)
    bad = chosen.startswith("utf-8") and counts.high > counts.covered
    return TextFacts(
        encoding=chosen,
        lines=counts.newlines,
        digest=digest.hexdigest(),
        has_bad_bytes=bad,
        ends_early=ends_early,
    )


def iterate_lines(path: Path, facts: TextFacts) -> Iterator[str]:
    """Yield physical lines with their line end (a line feed, whatever the file uses).

    Undecodable bytes come through as lone surrogates, so that the row can be refused alone.
    """
    errors = "replace" if facts.encoding.startswith("utf-16") else "surrogateescape"
    with (
        _open_binary(path) as source,
        io.TextIOWrapper(source, encoding=facts.encoding, errors=errors, newline=None) as text,
    ):
        while True:
            try:
                line = text.readline(LINE_LIMIT)
            except EOFError:
                yield ""  # stands for the row the compressed file breaks off in
                return
            if not line:
                return
            if len(line) >= LINE_LIMIT:
                raise FileProblem(
                    code="file_not_text",
                    message=_("The file has a line of over a million characters: is it a table?"),
                )
            yield line


class _Counts:
    """Running counts that tell the encodings apart."""

    def __init__(self) -> None:
        self.total = self.newlines = self.high = self.covered = 0
        self.tones = self.tones_after_vowel = 0

    def add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        self.newlines += chunk.count(b"\n") or chunk.count(b"\r")
        if chunk.isascii():
            return
        self.high += len(_HIGH.findall(chunk))
        self.covered += sum(len(part) for part in _MULTIBYTE.findall(chunk))
        self.tones += len(_TONE.findall(chunk))
        self.tones_after_vowel += len(_TONE_AFTER_VOWEL.findall(chunk))


def _guess(head: bytes, counts: _Counts) -> str:
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        return _guess_wide(head)
    if counts.high == 0 or counts.covered * 2 >= counts.high:
        # Mostly well-formed: the rest is damage in a UTF-8 file, refused row by row.
        return "utf-8"
    if counts.tones and counts.tones_after_vowel * 10 >= counts.tones * 9:
        return "cp1258"
    return "cp1252"


def _guess_wide(head: bytes) -> str:
    """UTF-16 without a mark has its zero bytes on one side; anything else is not a text file."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and even < odd // 10:
        return "utf-16-le"
    if even > len(head) // 4 and odd < even // 10:
        return "utf-16-be"
    if len(_CONTROL.findall(head)) > len(head) // 100 + 8:
        raise FileProblem(
            code="file_not_text",
            message=_("This is not a CSV or spreadsheet file. Export the sales as CSV or XLSX."),
        )
    return "utf-8"


def _open_binary(path: Path) -> IO[bytes]:
    with path.open("rb") as source:
        packed = source.read(2) == b"\x1f\x8b"
    if packed:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return path.open("rb")
