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
    MANAGER: frozenset({"*:read", "*:write", "*:adjust", "*:approve", "*:export", "*:transfer"}),
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
            "orders:read",
            "orders:write",
        }
    ),
    ANALYST: frozenset({"*:read"}),
    REDEEMER: frozenset({"members:read", "rewards:read", "redemptions:read", "redemptions:write"}),
}

# What each pattern of a role leaves out: only owners hold these.
_OWNERS_ONLY = frozenset({"staff:write", "keys:write", "programme:write", "webhooks:write"})


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
