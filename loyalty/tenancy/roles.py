"""Who may do what: permissions are ``noun:verb`` strings, roles and API scopes are sets of them.

One vocabulary serves staff roles and API keys. A pattern may use ``*`` on either side of the colon,
so a new mechanic's ``challenges:write`` is covered for owners and managers without an edit here.
"""

from __future__ import annotations

from collections.abc import Iterable

OWNER, MANAGER, CASHIER, ANALYST, REDEEMER = (
    "owner",
    "manager",
    "cashier",
    "analyst",
    "redeemer",
)

ROLES: dict[str, frozenset[str]] = {
    OWNER: frozenset({"*:*"}),
    MANAGER: frozenset(
        {"*:read", "*:write", "*:adjust", "*:approve", "*:export", "*:transfer", "*:sell"}
    ),
    CASHIER: frozenset(
        {
            "programme:read",
            "members:read",
            "members:write",
            "purchases:read",
            "purchases:write",
            "refunds:write",
            "ledger:read",
            "rewards:read",
            "redemptions:read",
            "redemptions:write",
            "punchcards:read",
            "levels:read",
            "payments:read",
            "payments:write",
            "memberships:read",
            "memberships:sell",
            "orders:read",
            "orders:write",
        }
    ),
    ANALYST: frozenset({"*:read"}),
    REDEEMER: frozenset({"members:read", "rewards:read", "redemptions:read", "redemptions:write"}),
}

# What each pattern of a role leaves out: only owners hold these.
_OWNERS_ONLY = frozenset(
    {"staff:write", "keys:write", "programme:write", "webhooks:write", "merchants:write"}
)

# What is the business of one merchant of a coalition. Whoever is confined to a merchant reads, and
# of the rest of their role keeps this; rules, rewards and settings are the operator's.
_AT_ONE_MERCHANT = frozenset(
    {
        "*:read",
        "activities:*",
        "challenges:write",
        "imports:*",
        "keys:write",
        "locations:write",
        "members:approve",
        "members:export",
        "members:transfer",
        "members:write",
        "memberships:write",
        "orders:*",
        "payments:*",
        "punchcards:write",
        "purchases:*",
        "redemptions:*",
        "refunds:*",
        "staff:write",
        "subscriptions:*",
        "trials:write",
        "webhooks:write",
    }
)


def within_one_merchant(wanted: str) -> bool:
    """May somebody who is confined to one merchant of a coalition hold this permission?"""
    noun, verb = wanted.split(":")
    patterns = (pattern.split(":") for pattern in _AT_ONE_MERCHANT)
    return any(n in ("*", noun) and v in ("*", verb) for n, v in patterns)


def allows(granted: Iterable[str], wanted: str) -> bool:
    """Does any granted pattern cover the wanted permission?

    Wildcards other than the owner's ``*:*`` never reach what only owners hold.
    """
    noun, verb = wanted.split(":")
    for pattern in granted:
        if pattern in ("*:*", wanted):
            return True
        pattern_noun, pattern_verb = pattern.split(":")
        matches = pattern_noun in ("*", noun) and pattern_verb in ("*", verb)
        if matches and wanted not in _OWNERS_ONLY:
            return True
    return False
