"""Shapes of the API about what a member has and why."""

from __future__ import annotations

from loyalty.web.api import Query, Text


class LedgerQuery(Query):
    """Filters of a member's ledger."""

    asset = Text(maximum=60, required=False, help_text="Code of an asset, such as `points`.")
