"""Sign-up bonuses of joining, and the calendar they count by."""

from __future__ import annotations

from datetime import date

import pytest

from campaigns.partners.rules.bonus import last_day
from tests.campaigns.partners.scheme import Scheme
from tests.world import Shop


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 1, 1), 3, date(2026, 3, 31)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 30), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2026, 2, 14)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 30)),
    ],
)
def test_calendar_months_are_clamped(start: date, months: int, last: date) -> None:
    assert last_day(start, months) == last


def test_spending_here_within_months_of_joining(shop: Shop) -> None:
    scheme = Scheme(shop)
    scheme.rule("partners.signup_bonus", name="Welcome", spend_minor=100_000, months=1, points=500)
    first = scheme.did(
        scheme.api.post("purchases/", {"member": scheme.member, "total_minor": 99_999})
    )
    assert scheme.points() == 0
    scheme.did(scheme.api.post("purchases/", {"member": scheme.member, "total_minor": 1}))
    assert scheme.points() == 500
    scheme.did(scheme.api.post(f"purchases/{first['purchase']}/refunds/", {}))
    assert scheme.points() == 0
    promises = scheme.did(scheme.api.get("rules/?kind=partners.signup_bonus"))
    assert promises["data"][0]["state"] == "live"
