"""Reads about cashback and store credit. All in the programme in scope."""

from __future__ import annotations

from loyalty.engine.selectors import counting_rules
from loyalty.ledger.assets import asset_codes
from loyalty.ledger.lots import expiring_within, ripening_lots
from loyalty.ledger.selectors import balances
from members.profiles.models import Member
from rewards.cashback.models import CashbackRule, SpendingRule
from rewards.cashback.results import CreditPart, StoreCredit
from rewards.cashback.rules import CREDIT, CashbackTerms, SpendingTerms

_SOON_DAYS = 30


def counting_cashback() -> list[CashbackTerms]:
    """Every rule that may give something back. One query."""
    return [row.terms() for row in counting_rules(CashbackRule)]


def counting_spending() -> list[tuple[SpendingTerms, ...]]:
    """The rules of paying, as one value; nothing where store credit was never opened. Two queries."""
    if CREDIT not in asset_codes():
        return []
    return [tuple(row.terms() for row in counting_rules(SpendingRule))]


def is_given() -> bool:
    """Does the shop give cashback now? One query."""
    return CashbackRule.objects.filter(state=CashbackRule.State.LIVE).exists()


def store_credit(member: Member) -> StoreCredit:
    """What a member has, waits for and is about to lose. Three queries."""
    held = next((one for one in balances(holder_id=member.holder_id) if one.asset == CREDIT), None)
    expiring = expiring_within(holder_id=member.holder_id, assets=[CREDIT], days=_SOON_DAYS)
    return StoreCredit(
        member=member.public_id,
        available_minor=max(held.available, 0) if held else 0,
        pending_minor=held.pending if held else 0,
        debt_minor=held.debt if held else 0,
        waiting=tuple(
            CreditPart(amount_minor=amount, at=at)
            for amount, at in ripening_lots(holder_id=member.holder_id, asset=CREDIT)
        ),
        expiring=tuple(
            CreditPart(amount_minor=amount, at=expires_at) for _code, amount, expires_at in expiring
        ),
    )
