"""Partners are written down, changed, and given a key of their own for their systems."""

from __future__ import annotations

import re
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Partner, PartnerKey
from campaigns.partners.services.presenting import partner_view
from campaigns.partners.services.results import PartnerView
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, Invalid, NotFound, Outdated, Refused
from loyalty.outbox.services import publish
from loyalty.tenancy.models import ApiKey

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LONGEST = {"about_vi": 1_000, "about_en": 1_000, "website": 200, "contact_email": 254}
MAX_VOID_MINUTES = 7 * 24 * 60
# What a key that is a partner's own may do: nothing about members.
KEY_SCOPES = frozenset({"partner_codes:write", "partner_codes:read", "partner_transactions:write"})


def partner_to_lock(partner: str) -> Lock:
    """The lock of commands about one partner."""
    return Lock(rows=Partner.objects.filter(public_id=partner))


def _code_taken(call: Call, error: IntegrityError, **_rest: Any) -> PartnerView:
    raise Conflict(
        "code_taken", _("There is a partner of this short name already."), field="code"
    ) from error


@command(
    "partners.add_partner",
    label=_("Partner added"),
    permission="partners:write",
    recover=_code_taken,
)
def add_partner(
    ctx: Context,
    *,
    code: str,
    name: str,
    about_vi: str = "",
    about_en: str = "",
    website: str = "",
    contact_email: str = "",
    void_minutes: int = 30,
) -> PartnerView:
    """Write a partner down.

    Args:
        code: short name; card payments carry it as the category ``partner-<code>``.
        void_minutes: how long its desks may take a redemption back.

    Raises ``Invalid`` by field, ``Conflict`` (``code_taken``).
    """
    if not _CODE.fullmatch(code):
        text = _("Use small letters, digits and -, such as “bookshop”.")
        raise Invalid("bad_code", text, field="code")
    row = Partner(
        programme=ctx.programme,
        code=code,
        name=name.strip(),
        about_vi=about_vi,
        about_en=about_en,
        website=website,
        contact_email=contact_email,
        void_minutes=void_minutes,
        created_at=ctx.now,
    )
    _check(row)
    row.save(force_insert=True)
    ctx.about(row.public_id, code=code, name=row.name)
    return partner_view(row)


@command(
    "partners.provide_partner",
    label=_("Partner provided"),
    permission="partners:write",
    recover=_code_taken,
)
def provide_partner(ctx: Context, *, code: str, name: str) -> PartnerView:
    """The partner of this short name, written down now where there was none. Raises ``Invalid``."""
    row = Partner.objects.filter(code=code).first()
    return partner_view(row) if row else add_partner.within(ctx, code=code, name=name)


@command(
    "partners.change_partner",
    label=_("Partner changed"),
    permission="partners:write",
    lock=lambda *, partner, **_rest: partner_to_lock(partner),
)
def change_partner(
    ctx: Context,
    *,
    partner: str,
    revision: int | None = None,
    name: str | None = None,
    about_vi: str | None = None,
    about_en: str | None = None,
    website: str | None = None,
    contact_email: str | None = None,
    void_minutes: int | None = None,
    is_active: bool | None = None,
) -> PartnerView:
    """Change a partner; without ``is_active`` its desks and offers rest. Codes stay promised.

    Raises ``NotFound``, ``Invalid`` by field, ``Outdated``.
    """
    row = ctx.the_locked(Partner, code="partner_not_found", field="partner")
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    given = {
        "name": name.strip() if name is not None else None,
        "about_vi": about_vi,
        "about_en": about_en,
        "website": website,
        "contact_email": contact_email,
        "void_minutes": void_minutes,
        "is_active": is_active,
    }
    changed = {field: value for field, value in given.items() if value is not None}
    for field, value in changed.items():
        setattr(row, field, value)
    _check(row)
    row.revision += 1
    row.save()
    # Offers and bonuses carry its name, and whether it takes part at all.
    ctx.rules_changed()
    publish(ctx, "partner.changed", subject=row.public_id, data={"partner": row.public_id})
    ctx.about(row.public_id, changed=sorted(changed))
    return partner_view(row)


def _check(row: Partner) -> None:
    if not 1 <= len(row.name) <= 120:
        raise Invalid("required", _("Give it a name."), field="name")
    if not 0 <= row.void_minutes <= MAX_VOID_MINUTES:
        params = {"minimum": 0, "maximum": MAX_VOID_MINUTES}
        text = _("Give a number from %(minimum)s to %(maximum)s.") % params
        raise Invalid("out_of_range", text, field="void_minutes", params=params)
    if row.website and not row.website.startswith(("https://", "http://")):
        raise Invalid("bad_address", _("Give an address that begins https://"), field="website")
    for field, limit in _LONGEST.items():
        if len(getattr(row, field)) > limit:
            too_long = _("Give at most %(n)s characters.") % {"n": limit}
            raise Invalid("too_long", too_long, field=field)


@command(
    "partners.bind_key",
    label=_("API key given to a partner"),
    permission="keys:write",
    lock=lambda *, partner, **_rest: partner_to_lock(partner),
)
def bind_key(ctx: Context, *, partner: str, api_key: str) -> str:
    """Make an API key a partner's own: from now on it reaches that partner's codes alone.

    Raises ``NotFound`` (partner, key), ``Refused`` (``key_too_wide``, ``key_bound``).
    """
    row = ctx.the_locked(Partner, code="partner_not_found", field="partner")
    key = ApiKey.objects.filter(public_id=api_key, revoked_at__isnull=True).first()
    if key is None:
        raise NotFound("key_not_found", _("There is no such API key."), field="api_key")
    if not key.scopes or not set(key.scopes) <= KEY_SCOPES:
        raise Refused(
            "key_too_wide",
            _("A partner's key may only have these scopes: %(scopes)s.")
            % {"scopes": ", ".join(sorted(KEY_SCOPES))},
            field="api_key",
        )
    bound = PartnerKey.objects.filter(api_key=key).first()
    if bound is not None and bound.partner_id != row.pk:
        raise Refused("key_bound", _("This key is another partner's."), field="api_key")
    if bound is None:
        PartnerKey.objects.create(programme=ctx.programme, api_key=key, partner=row)
    ctx.about(row.public_id, api_key=api_key)
    return api_key
