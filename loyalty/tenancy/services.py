"""Commands about who may enter: API keys are made, rotated and revoked here.

A key's secret is answered once, when it is made, and never kept: neither the stored answer of the
command nor the audit trail has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Conflict, Forbidden, Invalid, NotFound
from loyalty.outbox.services import publish
from loyalty.tenancy.keys import digest, hint, new_key
from loyalty.tenancy.models import ApiKey, Location, Merchant

MAX_OVERLAP_HOURS = 30 * 24
_SCOPE = re.compile(r"^(\*|[a-z_]{1,40}):(\*|[a-z_]{1,40})$")


@dataclass(frozen=True, kw_only=True)
class ApiKeyMade:
    """A new key. ``secret`` is the key itself: shown once, empty in a repeated answer."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    expires_at: datetime | None
    secret: Annotated[str, Field(exclude=True)] = ""


@dataclass(frozen=True, kw_only=True)
class ApiKeyClosed:
    """A key that opens nothing any more."""

    id: str
    revoked_at: datetime


@dataclass(frozen=True, kw_only=True)
class MerchantAdded:
    """A new merchant and its first place."""

    id: str
    location: str


def _key_to_lock(*, api_key: str, **_rest: object) -> Lock:
    return Lock(rows=ApiKey.objects.select_related("merchant").filter(public_id=api_key))


@command("tenancy.create_api_key", label=_("API key made"), permission="keys:write")
def create_api_key(
    ctx: Context,
    *,
    name: str,
    scopes: tuple[str, ...],
    expires_at: datetime | None = None,
    for_all_merchants: bool = False,
) -> ApiKeyMade:
    """Make a key of the actor's merchant. Nobody grants what they do not hold themselves.

    ``for_all_merchants``: in a coalition it reads the sales of all merchants, not its own alone.
    Raises ``Invalid`` (name, scopes, expiry) and ``Forbidden`` (a scope beyond the actor's own).
    """
    wanted = _checked_scopes(ctx.actor, scopes)
    if not name.strip():
        raise Invalid("blank", _("Give the key a name."), field="name")
    if expires_at is not None and expires_at <= ctx.now:
        raise Invalid("in_the_past", _("Give a time in the future."), field="expires_at")
    merchant = Merchant.objects.get(pk=ctx.merchant_id)
    made, secret = _make(
        ctx,
        merchant=merchant,
        name=name.strip()[:100],
        scopes=wanted,
        expires_at=expires_at,
        for_all_merchants=reach_to_give(ctx, wanted=for_all_merchants),
    )
    publish(ctx, "api_key.created", subject=made.public_id, data={"api_key": made.public_id})
    ctx.about(made.public_id, name=made.name, scopes=wanted)
    return _answer(made, secret)


@command(
    "tenancy.rotate_api_key", label=_("API key renewed"), permission="keys:write", lock=_key_to_lock
)
def rotate_api_key(ctx: Context, *, api_key: str, overlap_hours: int = 24) -> ApiKeyMade:
    """Make the successor of a key; the old one works for the overlap and then expires.

    Raises ``NotFound``, ``Invalid`` (overlap), ``Conflict`` (the key is closed already).
    """
    row = _own(ctx)
    if not 0 <= overlap_hours <= MAX_OVERLAP_HOURS:
        raise Invalid(
            "out_of_range",
            _("Give from 0 to %(maximum)s hours.") % {"maximum": MAX_OVERLAP_HOURS},
            field="overlap_hours",
        )
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= ctx.now):
        raise Conflict("key_closed", _("This key opens nothing any more. Make a new one."))
    life = row.expires_at - row.created_at if row.expires_at else None
    made, secret = _make(
        ctx,
        merchant=row.merchant,
        name=row.name,
        scopes=_checked_scopes(ctx.actor, tuple(row.scopes)),
        expires_at=ctx.now + life if life else None,
        for_all_merchants=row.for_all_merchants,
    )
    ends = ctx.now + timedelta(hours=overlap_hours)
    row.expires_at = min(row.expires_at, ends) if row.expires_at else ends
    row.save(update_fields=["expires_at"])
    data = {"api_key": made.public_id, "replaces": row.public_id}
    publish(ctx, "api_key.rotated", subject=made.public_id, data=data)
    ctx.about(row.public_id, successor=made.public_id, expires_at=row.expires_at.isoformat())
    return _answer(made, secret)


@command(
    "tenancy.revoke_api_key", label=_("API key revoked"), permission="keys:write", lock=_key_to_lock
)
def revoke_api_key(ctx: Context, *, api_key: str) -> ApiKeyClosed:
    """Close a key at once; closing a closed one changes nothing. Raises ``NotFound``."""
    row = _own(ctx)
    if row.revoked_at is None:
        row.revoked_at = ctx.now
        row.save(update_fields=["revoked_at"])
        publish(ctx, "api_key.revoked", subject=row.public_id, data={"api_key": row.public_id})
    ctx.about(row.public_id, name=row.name)
    return ApiKeyClosed(id=row.public_id, revoked_at=row.revoked_at)


@command("tenancy.add_merchant", label=_("Merchant added"), permission="merchants:write")
def add_merchant(ctx: Context, *, name: str, location: str = "") -> MerchantAdded:
    """Another business in the programme, with its first place. From now on it is a coalition.

    Whoever works for one merchant then sees that merchant's business only; owners keep seeing all.
    Raises ``Invalid`` (name) and ``Conflict`` (a merchant of this name).
    """
    name = name.strip()[:200]
    if not name:
        raise Invalid("blank", _("Give the merchant a name."), field="name")
    if Merchant.objects.filter(name=name).exists():
        raise Conflict("merchant_exists", _("There is a merchant of this name."), field="name")
    row = Merchant(programme=ctx.programme, name=name)
    row.save(force_insert=True)
    place = Location(programme=ctx.programme, merchant=row, name=location.strip()[:200] or name)
    place.save(force_insert=True)
    if not ctx.programme.has_several_merchants:
        ctx.programme.has_several_merchants = True
        ctx.programme.save(update_fields=["has_several_merchants"])
    publish(ctx, "merchant.added", subject=row.public_id, data={"merchant": row.public_id})
    ctx.about(row.public_id, name=name)
    return MerchantAdded(id=row.public_id, location=place.public_id)


def reach_to_give(ctx: Context, *, wanted: bool) -> bool:
    """Whether somebody (or a key) may see all merchants, as asked. Nobody gives more than they have.

    Raises ``Forbidden``.
    """
    if wanted and ctx.actor.confined_to is not None:
        raise Forbidden(
            "beyond_your_merchant",
            _("You work for one merchant, so you cannot give access to all."),
            field="for_all_merchants",
        )
    return wanted


def _own(ctx: Context) -> ApiKey:
    """The locked key, of the actor's own merchant: another merchant's keys do not exist."""
    row = ctx.the_locked(ApiKey, code="api_key_not_found", field="api_key")
    if ctx.actor.merchant_id not in (None, row.merchant_id):
        raise NotFound("api_key_not_found", _("Not found in this programme."), field="api_key")
    return row


def _make(
    ctx: Context,
    *,
    merchant: Merchant,
    name: str,
    scopes: list[str],
    expires_at: datetime | None,
    for_all_merchants: bool,
) -> tuple[ApiKey, str]:
    secret = new_key()
    row = ApiKey(
        programme=ctx.programme,
        merchant=merchant,
        name=name,
        hint=hint(secret),
        digest=digest(secret),
        scopes=scopes,
        for_all_merchants=for_all_merchants,
        created_at=ctx.now,
        expires_at=expires_at,
    )
    row.save(force_insert=True)
    return row, secret


def _answer(row: ApiKey, secret: str) -> ApiKeyMade:
    return ApiKeyMade(
        id=row.public_id,
        name=row.name,
        hint=row.hint,
        scopes=list(row.scopes),
        expires_at=row.expires_at,
        secret=secret,
    )


def _checked_scopes(actor: Actor, scopes: tuple[str, ...]) -> list[str]:
    wanted = sorted(set(scopes))
    if not wanted:
        raise Invalid("no_scopes", _("Choose at least one scope."), field="scopes")
    for scope in wanted:
        if not _SCOPE.match(scope):
            raise Invalid(
                "unknown_scope",
                _("“%(scope)s” is no scope. Give scopes such as purchases:write.")
                % {"scope": scope[:80]},
                field="scopes",
            )
        if not actor.may(scope):
            raise Forbidden(
                "scope_beyond_yours",
                _("You cannot grant “%(scope)s”, because you do not hold it.") % {"scope": scope},
                field="scopes",
                params={"scope": scope},
            )
    return wanted
