"""A programme begun, and its settings changed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass
from zoneinfo import available_timezones

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import staff_actor
from loyalty.commands.decorator import Call, Context, command
from loyalty.commands.models import Command
from loyalty.common.errors import Invalid, Outdated, Refused
from loyalty.common.money import check_currency, check_minor
from loyalty.ledger.assets import AssetView, open_asset
from loyalty.outbox.services import publish
from loyalty.setup import selectors
from loyalty.tenancy.models import Location, Merchant, Programme, Staff, User
from loyalty.tenancy.roles import OWNER
from loyalty.tenancy.scope import every_programme, in_programme
from loyalty.web.brand import is_colour
from members.profiles.rules.names import clean_name

POINTS = "points"
# Words of addresses that no programme may be called.
_RESERVED = {"new", "start", "admin", "api", "static", "media", "accounts"}
_LONGEST_SLUG = 50


@dataclass(frozen=True, kw_only=True)
class NewProgramme:
    """What a shop says of itself in the beginning. ``unit_*`` is what it calls its points."""

    name: str
    currency: str = "VND"
    language: str = "vi"
    country: str = "VN"
    timezone: str = "Asia/Ho_Chi_Minh"
    theme: str = "forest"
    location: str = ""
    unit_vi: str = "điểm"
    unit_en: str = "points"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a programme, all of them."""

    name: str
    currency: str
    timezone: str
    language: str
    theme: str
    contact_email: str
    refund_policy: str
    spent_points_policy: str
    partial_refund_policy: str
    multiplier_stacking: str
    earn_on_tax: bool
    adjust_limit: int
    is_open: bool
    minimum_age: int
    card_policy: str
    card_after_visits: int
    card_within_days: int


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What was made or changed, by its public id (a programme by its short name)."""

    id: str
    revision: int = 0


def start_programme(*, user: User, key: str, new: NewProgramme) -> Programme:
    """A programme with its merchant, first location, points and this person as its owner.

    Sending the same form twice (``key``) answers the programme made first. Raises ``Invalid``.
    """
    with transaction.atomic():
        # The log-in's row is held to the end, so that a twin waits here and finds what was made.
        User.objects.filter(pk=user.pk).update(language=F("language"))
        with every_programme():
            earlier = Command.objects.select_related("programme").filter(
                key=key, name="setup.open_programme"
            )
            made = earlier.filter(actor_label=user.email).first()
        if made is not None:
            found: Programme = made.programme
            return found
        programme = _programme(new)
        with in_programme(programme):
            merchant = Merchant.objects.create(name=programme.name)
            Location.objects.create(
                merchant=merchant, name=clean_name(new.location) or programme.name
            )
            staff = Staff.objects.create(
                user=user, merchant=merchant, role=OWNER, for_all_merchants=True
            )
            _open(Call(staff_actor(staff), key), new=new, email=user.email)
        return programme


@command("setup.open_programme", label=_("Programme opened"), permission="programme:write")
def _open(ctx: Context, *, new: NewProgramme, email: str) -> Changed:
    open_asset(
        AssetView(
            code=POINTS,
            kind="points",
            name_vi=clean_name(new.unit_vi, field="unit", longest=60) or "điểm",
            name_en=clean_name(new.unit_en, field="unit", longest=60) or "points",
            value_minor=0,
            value_units=1,
        )
    )
    ctx.command.actor_label = email
    Command.objects.filter(pk=ctx.command.pk).update(actor_label=email)
    publish(
        ctx,
        "programme.started",
        subject=ctx.programme.public_id,
        data={"programme": ctx.programme.public_id},
    )
    ctx.about(ctx.programme.public_id, name=ctx.programme.name)
    return Changed(id=ctx.programme.slug)


@command(
    "setup.change_settings",
    label=_("Settings of the programme changed"),
    permission="programme:write",
)
def change_settings(ctx: Context, *, changes: Settings, revision: int) -> Changed:
    """Change the settings; sales of the past keep what they brought.

    Raises ``Invalid`` (naming the field), ``Refused`` (the currency once something was sold) and
    ``Outdated`` when ``revision`` is not the present one.
    """
    values = asdict(changes)
    values["name"] = _required(changes.name)
    values["currency"] = check_currency(changes.currency)
    _check_settings(changes)
    if values["currency"] != ctx.programme.currency and selectors.has_sales():
        raise Refused(
            "currency_is_fixed",
            _("Something was sold already: the currency stays as it is."),
            field="currency",
        )
    rows = Programme.objects.filter(pk=ctx.programme.pk, revision=revision)
    before = rows.values(*values).first()
    if before is None or not rows.update(
        **values, revision=F("revision") + 1, rules_version=F("rules_version") + 1
    ):
        raise Outdated(
            "changed_meanwhile",
            _("Somebody changed the settings meanwhile. Load the page again."),
            field="revision",
        )
    changed = {name: value for name, value in values.items() if before[name] != value}
    publish(
        ctx,
        "programme.changed",
        subject=ctx.programme.public_id,
        data={"programme": ctx.programme.public_id, "changed": sorted(changed)},
    )
    ctx.about(ctx.programme.public_id, **changed)
    return Changed(id=ctx.programme.slug, revision=revision + 1)


def _programme(new: NewProgramme) -> Programme:
    name = _required(new.name)
    _check_places(timezone=new.timezone, language=new.language, theme=new.theme)
    programme = Programme(
        name=name,
        currency=check_currency(new.currency),
        language=new.language,
        country=new.country.upper()[:2] or "VN",
        timezone=new.timezone,
        theme=new.theme,
    )
    stem = short_name(name)
    for number in range(1, 1000):
        programme.slug = stem if number == 1 else f"{stem}-{number}"
        if programme.slug in _RESERVED or Programme.objects.filter(slug=programme.slug).exists():
            continue
        try:
            with transaction.atomic():
                programme.save(force_insert=True)
        except IntegrityError:
            continue  # somebody took the name this very moment
        return programme
    raise Invalid("name_taken", _("Choose another name."), field="name")


def short_name(name: str) -> str:
    """A name as it stands in addresses: ``Cà phê Mộc Miên`` -> ``ca-phe-moc-mien``."""
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    ascii_only = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_LONGEST_SLUG].strip("-") or "shop"


def _check_settings(changes: Settings) -> None:
    _check_places(timezone=changes.timezone, language=changes.language, theme=changes.theme)
    for field, choices in (
        ("refund_policy", Programme.RefundPolicy),
        ("spent_points_policy", Programme.SpentPoints),
        ("partial_refund_policy", Programme.PartialRefunds),
        ("multiplier_stacking", Programme.Stacking),
        ("card_policy", Programme.CardPolicy),
    ):
        if getattr(changes, field) not in choices.values:
            raise Invalid("unknown_choice", _("Choose one of the offered ways."), field=field)
    check_minor(changes.adjust_limit, field="adjust_limit")
    check_minor(changes.minimum_age, field="minimum_age", maximum=120)
    check_minor(changes.card_after_visits, field="card_after_visits", minimum=1, maximum=1000)
    check_minor(changes.card_within_days, field="card_within_days", minimum=1, maximum=3650)


def _check_places(*, timezone: str, language: str, theme: str) -> None:
    if timezone not in available_timezones():
        raise Invalid("unknown_time_zone", _("There is no such time zone."), field="timezone")
    if language not in dict(settings.LANGUAGES):
        raise Invalid("unknown_language", _("Choose one of the languages."), field="language")
    if not is_colour(theme):
        raise Invalid("unknown_colour", _("Give a colour such as #0e5c4a."), field="theme")


def _required(text: str) -> str:
    name = clean_name(text)
    if not name:
        raise Invalid("required", _("Give a name."), field="name")
    return name
