"""Which column means what, and the choices of policy: presets, guesses, remembered mappings.

A mapping is plain data that goes to JSON and back, so that a programme remembers the one it used
for files with the same header. Presets are TOML files in `presets/`; a new one is a new file.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

from django.utils.translation import gettext as _

from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.values import DateOrder, DecimalMark

PRESETS = Path(__file__).parent / "presets"
NOT_PRESETS = frozenset({"column-names"})

CustomerKind = Literal["any", "external", "phone", "email", "card_number"]
CUSTOMER_FIELDS = ("customer", "phone", "email", "card_number")
SALES_FIELDS = (
    "receipt",
    "line_id",
    "product_code",
    "description",
    "category",
    "quantity",
    "unit_price",
    "line_total",
    "line_discount",
    "occurred_at",
    "time_of_day",
    *CUSTOMER_FIELDS,
    "currency",
)


@dataclass(frozen=True, slots=True)
class SalesMapping:
    """How to read one kind of sales file.

    `columns` goes from our field to the header's name. `exclusions` goes from a product code (or a
    prefix ending in `*`) to a reason of `outcomes.REASONS`. `negative_lines`: a negative line of an
    unmarked receipt is a `return`, or is refused. `repeated_lines`: a line that equals an earlier
    one of its receipt in every column is a `duplicate`, or a `second_scan` that counts.
    `zone` and `currency` are empty for the programme's own.
    """

    label: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    decimal_mark: DecimalMark = ""
    date_order: DateOrder = ""
    zone: str = ""
    customer_kind: CustomerKind = "any"
    create_members: bool = False
    cancellation_prefix: str = ""
    entry_prefixes: tuple[str, ...] = ()
    negative_lines: Literal["return", "refuse"] = "return"
    repeated_lines: Literal["duplicate", "second_scan"] = "second_scan"
    exclusions: Mapping[str, str] = field(default_factory=dict)

    def with_options(self, **changes: Any) -> SalesMapping:
        """The same mapping with other choices."""
        return replace(self, **changes)


def preset_names() -> list[str]:
    """Names for `--preset`, sorted."""
    return sorted(path.stem for path in PRESETS.glob("*.toml") if path.stem not in NOT_PRESETS)


def load_preset(name: str) -> SalesMapping:
    """Raises FileProblem `preset_unknown` and names those that exist."""
    if name not in preset_names():
        raise FileProblem(
            code="preset_unknown",
            message=_("There is no preset “%(name)s”. Known: %(known)s.")
            % {"name": name, "known": ", ".join(preset_names())},
        )
    return mapping_from_data(tomllib.loads((PRESETS / f"{name}.toml").read_text("utf-8")))


def mapping_from_data(data: Mapping[str, Any]) -> SalesMapping:
    """The inverse of `mapping_data`; unknown keys are a programming error."""
    values = dict(data)
    values["entry_prefixes"] = tuple(values.get("entry_prefixes", ()))
    return SalesMapping(**values)


def mapping_data(mapping: SalesMapping) -> dict[str, Any]:
    """Plain JSON data; `columns` and `exclusions` keep their order."""
    data = asdict(mapping)
    data["entry_prefixes"] = list(mapping.entry_prefixes)
    return data


def header_fingerprint(header: Iterable[str]) -> str:
    """Names the kind of file, whatever the order of its columns."""
    names = sorted(_plain(name) for name in header)
    return hashlib.sha256("\x1f".join(names).encode()).hexdigest()[:32]


def complete_mapping(mapping: SalesMapping, header: tuple[str, ...]) -> SalesMapping:
    """Guess the columns a mapping leaves open, and check that it can be used with this header.

    Raises FileProblem `columns_missing`, naming what is missing.
    """
    columns = dict(mapping.columns)
    if not columns:
        columns = guess_columns(header, kind="sales")
    absent = [name for name in columns.values() if name not in header]
    if absent:
        raise FileProblem(
            code="columns_missing",
            message=_("The file has no column %(names)s. Its columns are: %(header)s.")
            % {"names": ", ".join(absent), "header": ", ".join(header)},
        )
    wanted = _missing_fields(columns)
    if wanted:
        raise FileProblem(
            code="columns_missing",
            message=_("Say which column holds: %(fields)s. The columns are: %(header)s.")
            % {"fields": ", ".join(wanted), "header": ", ".join(header)},
        )
    return replace(mapping, columns=columns)


def guess_columns(header: tuple[str, ...], *, kind: Literal["sales", "members"]) -> dict[str, str]:
    """Field -> header name, by the names columns usually go by."""
    known = column_names()[kind]
    plain = {_plain(name): name for name in reversed(header)}
    found: dict[str, str] = {}
    for our_field, names in known.items():
        for name in names:
            if name in plain and plain[name] not in found.values():
                found[our_field] = plain[name]
                break
    return found


@cache
def column_names() -> dict[str, dict[str, list[str]]]:
    """Names each of our fields goes by, for sales and for members."""
    data = tomllib.loads((PRESETS / "column-names.toml").read_text("utf-8"))
    return cast("dict[str, dict[str, list[str]]]", data)


def option_names() -> list[str]:
    """Fields of a mapping, for forms and the command's overrides."""
    return [each.name for each in fields(SalesMapping)]


def _missing_fields(columns: Mapping[str, str]) -> list[str]:
    wanted: list[str] = []
    if "receipt" not in columns:
        wanted.append(_("receipt number"))
    if "occurred_at" not in columns:
        wanted.append(_("date"))
    if not any(name in columns for name in CUSTOMER_FIELDS):
        wanted.append(_("customer, phone, e-mail or card number"))
    if "line_total" not in columns and "unit_price" not in columns:
        wanted.append(_("amount or unit price"))
    return wanted


def _plain(name: str) -> str:
    """`Mã hóa đơn:` -> `ma hoa don`."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())
