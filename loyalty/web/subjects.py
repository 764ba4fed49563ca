"""From a public id to the page about it: what an audit line, an event or a ledger line points at."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

# The beginning of a public id -> the dashboard's address of the thing, where there is one.
PAGES = {
    "mem": "member",
    "pur": "purchase",
    "prd": "product",
    "cat": "category",
    "loc": "location",
    "stf": "role",
    "rwd": "reward",
    "vou": "voucher",
    "key": "api_key",
    "whe": "webhook",
}


def subject_url(public_id: str, *, slug: str) -> str:
    """The dashboard's page about a thing; empty where it has none."""
    name = PAGES.get(public_id.partition("_")[0], "")
    if not name:
        return ""
    try:
        return reverse(f"dashboard:{name}", args=[slug, public_id])
    except NoReverseMatch:
        return ""
