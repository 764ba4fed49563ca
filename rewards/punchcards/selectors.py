"""Reads about punch cards. All in the programme in scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from loyalty.common.clock import now as clock_now
from loyalty.common.errors import NotFound
from loyalty.engine.models import AppliedEffect
from loyalty.engine.selectors import counting_rules, open_successor
from loyalty.ledger.selectors import balances, first_expiries
from members.profiles.models import Member
from rewards.punchcards.models import PunchCard
from rewards.punchcards.rules import CardTerms, Picture, picture


@dataclass(frozen=True, kw_only=True)
class CardProgress:
    """A card before one member: its picture, when it dies, what it gives, how many were filled."""

    card: PunchCard
    terms: CardTerms
    picture: Picture
    expires_at: datetime | None
    completed: int
    reward_name: str
    interim_names: dict[int, str]


def counting_cards() -> list[CardTerms]:
    """Every card version that may stamp a sale, by priority, newest version of a family first."""
    rows = counting_rules(PunchCard)
    terms = [row.terms() for row in sorted(rows, key=lambda row: (-row.priority, -row.pk))]
    return [one for one in terms if one.reward]


def cards(*, states: tuple[str, ...] = ()) -> QuerySet[PunchCard]:
    """Cards with their rewards, newest first."""
    rows: QuerySet[PunchCard] = PunchCard.objects.select_related("reward__terms", "reward__draft")
    if states:
        rows = rows.filter(state__in=states)
    return rows.order_by("-priority", "-id")


def access_card(public_id: str) -> PunchCard:
    """A card of the programme. Raises ``NotFound``."""
    found = cards().filter(public_id=public_id).first()
    if found is None:
        raise NotFound("card_not_found", _("There is no such punch card."), field="card")
    return found


def card_progress(member: Member, *, at: datetime | None = None) -> list[CardProgress]:
    """Every live card before a member, also those without a stamp yet."""
    at = at or clock_now()
    rows = [
        row
        for row in cards(states=(PunchCard.State.LIVE, PunchCard.State.PILOT))
        if (row.starts_at is None or row.starts_at <= at)
        and (row.ends_at is None or row.ends_at > at)
    ]
    if not rows:
        return []
    known = {one.asset: one for one in balances(holder_id=member.holder_id, at=at)}
    terms = {row.pk: row.terms() for row in rows}
    assets = [one.asset for one in terms.values()]
    dying = first_expiries(holder_id=member.holder_id, assets=assets, at=at)
    filled = _completed(member, assets)
    names = _interim_names(list(terms.values()))
    return [
        _progress(row, terms[row.pk], known.get(terms[row.pk].asset), dying, filled, names)
        for row in rows
    ]


def _progress(
    row: PunchCard,
    terms: CardTerms,
    account: Any,
    dying: dict[str, datetime],
    filled: dict[str, int],
    names: dict[str, str],
) -> CardProgress:
    return CardProgress(
        card=row,
        terms=terms,
        picture=picture(
            terms,
            balance=account.balance if account else 0,
            spent=account.spent if account else 0,
        ),
        expires_at=dying.get(terms.asset),
        completed=filled.get(terms.asset, 0),
        reward_name=str(row.reward) if row.reward else "",
        interim_names={
            **{one.position: names.get(one.reward, "") for one in terms.interims},
            terms.needed: str(row.reward) if row.reward else "",
        },
    )


def _completed(member: Member, assets: list[str]) -> dict[str, int]:
    rows = AppliedEffect.objects.filter(
        member__holder=member.holder_id,
        kind="complete_card",
        asset__in=assets,
        undone__lt=F("amount"),
    )
    return {row["asset"]: row["n"] for row in rows.values("asset").annotate(n=Count("id"))}


def _interim_names(terms: list[CardTerms]) -> dict[str, str]:
    wanted = {one.reward for card in terms for one in card.interims}
    if not wanted:
        return {}
    rewards: Any = PunchCard._meta.get_field("reward").related_model
    rows = rewards.objects.select_related("terms", "draft").filter(public_id__in=wanted)
    return {row.public_id: str(row) for row in rows}


def reward_choices() -> list[tuple[str, str]]:
    """The rewards a card can give: public ids and names, those on offer first."""
    rewards: Any = PunchCard._meta.get_field("reward").related_model
    rows = rewards.objects.select_related("terms", "draft").exclude(state="ended")
    return [(row.public_id, str(row)) for row in rows.order_by("-state", "position", "id")]


def card_figures(card: PunchCard) -> dict[str, int]:
    """How many of a card's family were begun and filled, and how many stamps were given."""
    asset = card.terms().asset
    rows = AppliedEffect.objects.filter(asset=asset, undone__lt=F("amount"))
    found = rows.aggregate(
        stamps=Sum(F("amount") - F("undone"), filter=Q(kind="stamp_card")),
        filled=Count("id", filter=Q(kind="complete_card")),
        members=Count("member", distinct=True),
    )
    return {name: value or 0 for name, value in found.items()}


def shown_cards() -> list[PunchCard]:
    """The cards of the list: the newest version of each, drafts of edits beside them."""
    rows = list(cards())
    replaced = {row.replaces_id for row in rows if row.published_at and row.replaces_id}
    return [row for row in rows if row.pk not in replaced]


def positions(card: PunchCard) -> dict[int, str]:
    """The names of a card's rewards by the place they stand on, for its picture."""
    terms = card.terms()
    names = _interim_names([terms])
    found = {one.position: names.get(one.reward, "") for one in terms.interims}
    return {**found, terms.needed: str(card.reward) if card.reward else ""}


def open_edit(card: PunchCard) -> PunchCard | None:
    """The draft that will replace a card, if one is being written."""
    found = open_successor(card)
    assert found is None or isinstance(found, PunchCard)
    return found
