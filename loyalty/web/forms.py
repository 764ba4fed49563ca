"""What forms of the dashboard, the till and the portal share: the hidden key, and refusals on fields."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.common.errors import DomainError, Several
from loyalty.common.money import MAX_MINOR, exponent
from loyalty.web.formats import money_text, number_text, quantity_text
from loyalty.web.photos import MOST_BYTES, KeptPhoto, keep_photo

KEY_FIELD = "idempotency_key"
# What the books can hold is no bound to tell people: it only guards them.
_NO_BOUND = 1_000_000_000_000
_CODE = re.compile(r'\s*("(?:[^"]|"")*"|[^,\n]*)\s*(?:[,\n]|$)')
_PLAIN = re.compile(r"[+-]?\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,\s])\d{3}(?:\1\d{3})*")
_AWKWARD = re.compile(r'[,\n]|^\s|\s$|^"')


class WholeField(forms.IntegerField):
    """A whole number as people write it: ``1.000`` and ``1,000`` are a thousand, ``1.5`` is none.

    Django would quietly read ``1.000`` as one.
    """

    default_error_messages = {"invalid": gettext_lazy("Give a whole number.")}

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = value.strip()
            if _GROUPED.fullmatch(value):
                value = re.sub(r"[^\d+-]", "", value)
            elif value and not _PLAIN.fullmatch(value):
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        found: int | None = super().to_python(value)
        return found


class RatioField(forms.DecimalField):
    """A number with a fraction as people write it: ``1,5`` and ``1.5`` are the same.

    Args:
        scale: how many of the domain's units one is (10,000 for a factor, 100 for a percentage), so
            that the bounds of a refusal are told as people type them.
    """

    def __init__(self, *, scale: int = 1, **kwargs: Any) -> None:
        self.scale = scale
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.count(",") == 1 and "." not in value:
            value = value.replace(",", ".")
        return super().to_python(value)


class MinorField(WholeField):
    """An amount of money: people see digit groups, the server gets whole minor units.

    Where the page's script did not run, ``4.99`` is understood too.
    """

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        self.places, self.currency = exponent(currency), currency
        attrs = {"data-money": "", "data-precision": str(self.places), "inputmode": "decimal"}
        kwargs.setdefault("widget", forms.TextInput(attrs={**attrs, "autocomplete": "off"}))
        super().__init__(**{"min_value": 0, "max_value": MAX_MINOR, **kwargs})

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and self.places:
            found = re.fullmatch(rf"([+-]?\d+)[.,](\d{{{self.places}}})", value.strip())
            value = "".join(found.groups()) if found else value
        return super().to_python(value)


class PictureField(forms.FileField):
    """One picture of the shop's own, beside a thing it tells members of."""

    def __init__(self, **kwargs: Any) -> None:
        kinds = {"accept": "image/jpeg,image/png,image/webp"}
        given = {
            "label": gettext_lazy("Picture"),
            "required": False,
            "help_text": gettext_lazy("JPEG, PNG or WebP. Where it was taken is not kept."),
            "widget": forms.FileInput(attrs=kinds),
        }
        super().__init__(**{**given, **kwargs})


def take_pictures(form: forms.Form, most: int) -> None:
    """Let the field ``photos`` of a form say how many there may be; it goes where there are none."""
    form.fields["photos"].help_text = _("At most %(most)s, JPEG, PNG or WebP.") % {"most": most}
    if not most:
        del form.fields["photos"]


def picture_of(form: forms.Form) -> KeptPhoto | None:
    """The picture a checked form brings in its field ``picture``, looked at and kept.

    Raises ``Invalid`` (``picture``) where it is none: do this before anything is written.
    """
    file = form.cleaned_data.get("picture")
    raw = bytes(file.read()) if file else b""
    return keep_photo(raw, field="picture") if raw else None


class _Pictures(forms.ClearableFileInput):
    """Several files at once; phones offer the camera."""

    allow_multiple_selected = True


class PicturesField(forms.FileField):
    """Several pictures; the answer is a list of their bytes, looked at by ``loyalty.web.photos``."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"accept": "image/jpeg,image/png,image/webp", "multiple": True}
        kwargs.setdefault("widget", _Pictures(attrs=attrs))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:
        """Bytes of each file. Raises ``ValidationError`` for more than a picture may have."""
        found = []
        for file in data if isinstance(data, list | tuple) else [data]:
            clean = super().clean(file, initial)
            if clean is None:
                continue
            if clean.size > MOST_BYTES:
                raise forms.ValidationError(_("Each picture may have at most 8 MB."))
            found.append(clean.read())
        return found


def codes_text(codes: Iterable[str]) -> str:
    """A list of codes as people type it: with commas, a code that holds one in quotation marks."""
    return ", ".join(
        '"' + code.replace('"', '""') + '"' if _AWKWARD.search(code) else code for code in codes
    )


def read_codes(text: str) -> list[str]:
    """Codes typed with commas or on lines of their own, each once, in their order."""
    found = (_unquoted(part) for part in _CODE.findall(text))
    return list(dict.fromkeys(code for code in found if code))


def _unquoted(part: str) -> str:
    if len(part) > 1 and part[0] == part[-1] == '"':
        return part[1:-1].replace('""', '"')
    return part.strip()


def fresh_key() -> str:
    """A key for one submission of one form; whoever sends it twice is answered once."""
    return f"web-{secrets.token_urlsafe(18)}"


def needed_where_shown(field: forms.Field) -> forms.Field:
    """A field that a choice beside it asks for or does away with: a form without it may be right, so
    it is not required; but no “optional” stands at it.
    """
    field.is_needed = True  # type: ignore[attr-defined]
    return field


def show_errors(form: forms.Form, error: DomainError) -> None:
    """Put a refusal of the domain where it belongs: on its field, else above the form."""
    for one in error.errors if isinstance(error, Several) else [error]:
        field = _field_of(form, one.field)
        text = _bounds(form.fields.get(field or ""), one) or str(one.message)
        if one.code == "idempotency_key_reused":
            text = _("This form was sent before with other values. Check what was saved.")
        form.add_error(field, text)


def _bounds(field: forms.Field | None, error: DomainError) -> str:
    """Bounds in the units of the field they are told at."""
    least, most = error.params.get("minimum"), error.params.get("maximum")
    if not isinstance(least, int) or not isinstance(most, int):
        return ""
    if isinstance(field, RatioField):
        shown = [quantity_text(int(Decimal(bound) * 1000 / field.scale)) for bound in (least, most)]
    elif error.code == "out_of_range":
        currency = field.currency if isinstance(field, MinorField) else ""
        shown = [
            money_text(bound, currency=currency) if currency else number_text(bound)
            for bound in (least, most)
        ]
    else:
        return ""
    if most >= _NO_BOUND:
        return _("Give at least %(minimum)s.") % {"minimum": shown[0]}
    return _("Give a number from %(minimum)s to %(maximum)s.") % {
        "minimum": shown[0],
        "maximum": shown[1],
    }


def _field_of(form: forms.Form, path: str) -> str | None:
    """``use.points`` -> the field ``use_points``, ``points`` or ``use``, whichever there is; rows one
    can add to are ``steps-0-points``.
    """
    parts = path.split(".")
    for name in (path, path.replace(".", "_"), path.replace(".", "-"), parts[-1], parts[0]):
        if name in form.fields:
            # What nobody sees has no place of its own to tell it at.
            return None if form.fields[name].widget.is_hidden else name
    return None
