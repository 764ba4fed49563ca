"""Filters and tags every page is built from: `{% load than %}`.

Filters write values (money, points, instants), tags render components from
`templates/components/`. Everything here is presentation: no query, no rule.
What is not a value of the right kind (None, a name the page does not know) shows as a dash. How to use each is in
docs/design-system.md, and /dev/styleguide/ shows them all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zlib import crc32

from babel.numbers import get_currency_symbol
from django import template
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.templatetags.static import static
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString

from loyalty.common import clock
from loyalty.common.money import exponent
from loyalty.web import charts, controls, formats, pictures, states
from loyalty.web.forms import KEY_FIELD, fresh_key
from loyalty.web.navigation import ShownColumn

register = template.Library()
SPRITE = "vendor/icons/sprite.svg"
_DECORATIVE = SafeString('aria-hidden="true"')


@register.filter
def money(amount_minor: int | None, currency: str) -> str:
    """`{{ purchase.total_minor|money:programme.currency }}` -> `125.000 ₫`."""
    if not isinstance(amount_minor, int):
        return formats.NOTHING
    return formats.money_text(amount_minor, currency=currency)


@register.filter
def signed_money(amount_minor: int | None, currency: str) -> str:
    """Like `money`, with + or − in front."""
    if not isinstance(amount_minor, int):
        return formats.NOTHING
    return formats.money_text(amount_minor, currency=currency, signed=True)


@register.filter
def decimals(currency: str) -> int:
    """Decimals of a currency, for `data-precision`: VND 0, USD 2."""
    return exponent(currency)


@register.filter
def currency_sign(currency: str) -> str:
    """`₫`, `$`: the sign beside an amount being typed."""
    return get_currency_symbol(currency, locale=formats.locale())


@register.filter
def receipt(sale: Any) -> str:
    """A sale's receipt number; a sale without one shows the end of its id."""
    return f"…{sale.public_id[-6:]}" if sale.receipt == sale.public_id else str(sale.receipt)


@register.filter
def quantity(milli: int) -> str:
    """Thousandths of a unit: 2000 -> `2`, 1500 -> `1.5`."""
    return formats.quantity_text(milli)


@register.filter
def as_json(value: Any) -> str:
    """Plain data as JSON, indented, letters as they are: what webhooks and the API send."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


@register.filter
def at(values: Mapping[Any, Any], key: Any) -> Any:
    """`{{ contacts|at:member.pk }}`: one value of a mapping, empty where there is none."""
    return values.get(key, "")


@register.filter
def cell(column: ShownColumn, row: Any) -> str:
    """The cell of a column another app adds to a list."""
    return column.cells.get(row.pk, formats.NOTHING)


@register.filter
def may(actor: Any, permission: str) -> bool:
    """`{% if actor|may:"rewards:write" %}`: show what one may do, hide what would be refused."""
    return bool(actor.may(permission))


@register.filter
def points(value: int | None, unit: str = "") -> str:
    """`{{ balance|points }}` -> `1,250 points`; `|points:"stars"` names another unit."""
    if not isinstance(value, int):
        return formats.NOTHING
    return formats.points_text(value, unit=unit)


@register.filter
def units(value: int | None, unit: formats.Unit) -> str:
    """`{{ gain.amount|units:gain.unit }}` -> `3 stars`, or of store credit `12.000 ₫`."""
    return unit.text(value) if isinstance(value, int) else formats.NOTHING


@register.filter
def signed_units(value: int | None, unit: formats.Unit) -> str:
    """The same with a sign: `+3 stars`."""
    return unit.text(value, signed=True) if isinstance(value, int) else formats.NOTHING


@register.filter
def number(value: int | None) -> str:
    """A count with digit groups."""
    if not isinstance(value, int):
        return formats.NOTHING
    return formats.number_text(value)


@register.filter
def signed(value: int | None) -> str:
    """`+1,250`, `−300`, `0`."""
    if not isinstance(value, int):
        return formats.NOTHING
    return formats.number_text(value, signed=True)


@register.filter
def percent_bp(basis_points: int | None) -> str:
    """1250 -> `12.5%`."""
    if not isinstance(basis_points, int):
        return formats.NOTHING
    return formats.percent_text(basis_points)


@register.filter
def when(at: datetime | None) -> str:
    """A `<time>`: near instants in relation to now, the full local time on hover."""
    if not isinstance(at, datetime):
        return formats.NOTHING
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        formats.instant_text(at),
        formats.relative_text(at, now=clock.now()),
    )


@register.filter
def moment(at: datetime | None) -> str:
    """A `<time>` with the full local date and time."""
    if not isinstance(at, datetime):
        return formats.NOTHING
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), formats.instant_text(at))


@register.filter
def day(on: date | datetime | None) -> str:
    """A `<time>` with the calendar day."""
    if not isinstance(on, date):
        return formats.NOTHING
    return format_html('<time datetime="{}">{}</time>', on.isoformat(), formats.day_text(on))


@register.filter
def initials(name: str) -> str:
    """`Nguyễn Thị Hoa` -> `NH`, for avatars."""
    words = name.split()
    return "".join(w[0] for w in ([words[0], words[-1]] if len(words) > 1 else words)).upper()


@register.filter
def hue(text: object) -> int:
    """A stable number 0-7 that gives an avatar its colour."""
    return crc32(str(text).encode()) % 8


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """`{% icon "gift" %}`; decorative unless a label is given."""
    aria = format_html('role="img" aria-label="{}"', label) if label else _DECORATIVE
    return format_html(
        '<svg class="icon {}" {} focusable="false"><use href="{}#{}"></use></svg>',
        css,
        aria,
        static(SPRITE),
        name,
    )


@register.simple_tag
def badge(state: str, label: str = "") -> SafeString:
    """A state as a coloured word: `{% badge rule.state %}`."""
    return format_html(
        '<span class="than-badge than-badge--{}">{}</span>',
        states.tone_of(str(state)),
        label or states.label_of(str(state)),
    )


@register.simple_tag
def tag(text: str, tone: str = "calm", icon_name: str = "") -> SafeString:
    """A free label in a tone: calm, good, busy, warn, bad, brand."""
    picture = icon(icon_name) if icon_name else ""
    return format_html('<span class="than-badge than-badge--{}">{}{}</span>', tone, picture, text)


@register.simple_tag
def qr(data: str, label: str = "") -> SafeString:
    """A QR code as inline SVG that prints and scans in light and dark alike."""
    return pictures.qr_svg(data, label=label)


@register.simple_tag
def form_key() -> SafeString:
    """The hidden key that makes sending a form twice act once; in every form that changes things."""
    return format_html('<input type="hidden" name="{}" value="{}">', KEY_FIELD, fresh_key())


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """One form field with label, hint and errors tied to it."""
    return bound.as_field_group()


@register.filter
def field_kind(bound: BoundField) -> str:
    """Which layout a field takes; used by the field template."""
    return controls.field_kind(bound)


@register.filter
def is_long(bound: BoundField) -> bool:
    """Would a choice of a select be cut off in half a row? Used by the field template."""
    return controls.is_long(bound)


@register.filter
def choices(bound: BoundField) -> list[BoundWidget]:
    """The single controls of a radio or checkbox group; used by the field template."""
    return controls.choice_widgets(bound)


@register.simple_tag
def widget(bound: BoundField) -> SafeString:
    """The bare control of a field with our classes; used by the field template."""
    return controls.styled_widget(bound)


@register.simple_tag
def spark(values: Iterable[int], label: str = "") -> SafeString:
    """A tiny line of past values, inline SVG, no script."""
    return pictures.sparkline_svg(list(values), label=label)


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: object, **options: Any) -> dict[str, Any]:
    """A figure tile. Options: hint, icon, url, delta_bp (change), good="up|down", values."""
    delta_bp = options.get("delta_bp")
    up_is_good = options.pop("good", "up") == "up"
    tone = "calm" if not delta_bp else ("good" if (delta_bp > 0) == up_is_good else "bad")
    delta = formats.percent_text(delta_bp, signed=True) if isinstance(delta_bp, int) else ""
    return {"label": label, "value": value, "delta": delta, "delta_tone": tone, **options}


@register.inclusion_tag("components/empty.html")
def empty(title: str, **options: Any) -> dict[str, Any]:
    """What stands where nothing is yet. Options: text, icon, url, action."""
    return {"title": title, **options}


@register.inclusion_tag("components/progress.html")
def progress(value: int, total: int, **options: Any) -> dict[str, Any]:
    """A bar towards a goal. Options: label, text, size="lg", tone."""
    return {"value": min(max(value, 0), total), "total": max(total, 1), **options}


@register.inclusion_tag("components/ring.html")
def ring(value: int, total: int, **options: Any) -> dict[str, Any]:
    """A ring towards a goal, with text inside. Options: text, sub, label."""
    share = 100 * min(max(value, 0), total) // max(total, 1)
    return {"value": value, "total": total, "share": share, **options}


@register.inclusion_tag("components/stamp_card.html")
def stamp_card(total: int, filled: int, **options: Any) -> dict[str, Any]:
    """A punch card. Options: title, head_start, rewards ({position: text}), note, icon, compact."""
    rewards: Mapping[int, str] = options.pop("rewards", None) or {}
    head_start = int(options.pop("head_start", 0) or 0)
    stamps = [
        {
            "position": n,
            "filled": n <= filled,
            "head_start": n <= head_start,
            "reward": rewards.get(n, ""),
            "next": n == filled + 1,
        }
        for n in range(1, total + 1)
    ]
    return {"stamps": stamps, "total": total, "filled": min(filled, total), **options}


@register.inclusion_tag("components/member_card.html")
def member_card(**options: Any) -> dict[str, Any]:
    """The member's card: programme, name, number, qr, balance, balance_unit, worth, tier."""
    balance = options.get("balance") or 0
    options["balance_unit"] = formats.unit_of(balance, options.get("balance_unit") or "")
    return {"long": abs(balance) >= 1_000_000, **options}


@register.inclusion_tag("components/timeline_entry.html")
def timeline_entry(title: str, at: datetime, **options: Any) -> dict[str, Any]:
    """One line of history. Options: amount (ready text), sign, reason, icon, url, state, meta."""
    return {"title": title, "at": at, **options}


@register.inclusion_tag("components/copy.html")
def copy(value: str, label: str = "") -> dict[str, Any]:
    """A value with a button that copies it."""
    return {"value": value, "label": label}


@register.inclusion_tag("components/secret.html")
def secret_once(value: str, label: str, hint: str = "") -> dict[str, Any]:
    """A secret shown this one time, with a copy button and the warning."""
    return {"value": value, "label": label, "hint": hint}


@register.inclusion_tag("components/pager.html")
def pager(next_url: str = "", previous_url: str = "", **options: Any) -> dict[str, Any]:
    """Newer/older links of a keyset page. Options: shown, total, target (htmx)."""
    return {"next_url": next_url, "previous_url": previous_url, **options}


@register.inclusion_tag("components/chart.html")
def chart(data: charts.Chart, height: str = "md") -> dict[str, Any]:
    """A chart with its data table behind it; `data` is a `loyalty.web.charts.Chart`."""
    return {"chart": data, "payload": charts.payload(data), "height": height}


@register.inclusion_tag("components/scanner.html")
def scanner(target: str, **options: Any) -> dict[str, Any]:
    """Camera button that puts a scanned code into the field with id `target`."""
    return {"target": target, **options}


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: Any) -> dict[str, Any]:
    """The summary above a form that did not go through, linking to each field."""
    return {"form": form, "fields": [f for f in form if f.errors] if form.is_bound else []}


@register.simple_block_tag
def card(content: str, title: str = "", css: str = "", icon_name: str = "") -> SafeString:
    """`{% card title="…" %} … {% endcard %}`: a titled surface."""
    head = (
        format_html(
            '<header class="card-header"><h2 class="card-title">{}{}</h2></header>',
            icon(icon_name) if icon_name else "",
            title,
        )
        if title
        else ""
    )
    return format_html('<section class="card {}">{}{}</section>', css, head, SafeString(content))


@register.simple_tag
def script_texts() -> SafeString:
    """The translated sentences our scripts say, as a JSON block they read."""
    return json_script(controls.script_texts(), "than-texts")
