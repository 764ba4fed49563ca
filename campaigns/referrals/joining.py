"""Joining by a code: what the people who enrol members are told, and what becomes of a code given."""

from __future__ import annotations

from campaigns.referrals import selectors
from campaigns.referrals.services import accept_code
from loyalty.commands.decorator import Context
from members.profiles.models import Member


def takes_codes() -> bool:
    """Is there anything a code could be for now?"""
    return selectors.is_running()


def knows_code(code: str) -> bool:
    """Is it one of ours?"""
    return selectors.code_row(code) is not None


def joined(ctx: Context, *, member: Member, code: str, device: str) -> None:
    """Somebody joined with a code of ours. Raises ``DomainError``: then nobody joins by this call."""
    accept_code(ctx, friend=member, code=code, device=device)
