"""Reads about partners: who they are, their counters, and whom an actor speaks for."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.partners.models import Desk, Partner, PartnerKey
from campaigns.partners.rules.codes import digest, plain_code
from loyalty.commands.actor import Actor
from loyalty.common.errors import NotFound

DESK = "desk"


def partners(*, active_only: bool = False) -> QuerySet[Partner]:
    """All partners, by name."""
    rows: QuerySet[Partner] = Partner.objects.order_by("-is_active", "name", "id")
    return rows.filter(is_active=True) if active_only else rows


def access_partner(partner: str) -> Partner:
    """A partner by public id or short name. Raises ``NotFound``."""
    found: Partner | None = Partner.objects.filter(Q(public_id=partner) | Q(code=partner)).first()
    if found is None:
        raise NotFound("partner_not_found", _("There is no such partner."), field="partner")
    return found


def desks_of(partner: Partner) -> QuerySet[Desk]:
    """The counters of a partner, newest first."""
    rows: QuerySet[Desk] = Desk.objects.filter(partner=partner)
    return rows.order_by("-id")


def access_desk(desk: str) -> Desk:
    """A counter by public id. Raises ``NotFound``."""
    found: Desk | None = Desk.objects.select_related("partner").filter(public_id=desk).first()
    if found is None:
        raise NotFound("desk_not_found", _("There is no such counter."), field="desk")
    return found


def desk_of_token(token: str) -> Desk | None:
    """The counter a device is bound to, while both it and its partner are active."""
    if not token:
        return None
    rows: QuerySet[Desk] = Desk.objects.select_related("partner", "programme")
    return rows.filter(
        token=digest(token), state=Desk.State.ACTIVE, partner__is_active=True
    ).first()


def desk_of_invitation(code: str, *, at: datetime) -> Desk | None:
    """The counter an invitation is for, while it can be taken."""
    rows: QuerySet[Desk] = Desk.objects.select_related("partner", "programme")
    return rows.filter(
        invitation=digest(plain_code(code)),
        state=Desk.State.INVITED,
        invited_until__gt=at,
        partner__is_active=True,
    ).first()


def partner_of(actor: Actor) -> Partner | None:
    """The one partner an actor speaks for; ``None`` for our own people and integrators."""
    if actor.kind == DESK:
        return access_desk(actor.id).partner
    if actor.kind == "api_key":
        bound = PartnerKey.objects.select_related("partner").filter(api_key__public_id=actor.id)
        key: PartnerKey | None = bound.first()
        return key.partner if key else None
    return None


def meant_partner(actor: Actor, partner: str) -> Partner | None:
    """The partner a call is about: the actor's own, else the one named; ``None`` for any.

    Raises ``NotFound`` for another one than the actor's own.
    """
    own = partner_of(actor)
    if not partner:
        return own
    named = access_partner(partner)
    if own is not None and named.pk != own.pk:
        raise NotFound("partner_not_found", _("There is no such partner."), field="partner")
    return named


def keys_of(partner: Partner) -> list[PartnerKey]:
    """The API keys that are a partner's own, newest first."""
    return list(
        PartnerKey.objects.select_related("api_key").filter(partner=partner).order_by("-id")
    )
