"""What causes were given, told quickly and rightly through sales, refunds, retries and merges; my own part."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns.donations import selectors
from loyalty.common.clock import played_at
from loyalty.engine.publishing import edit_rule, publish_rule
from loyalty.insight.services import rebuild, refresh
from loyalty.ledger.figures import keep_totals
from loyalty.ledger.holders import merge_members
from loyalty.ledger.models import Entry, PotTotal
from loyalty.ledger.verification import verify
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from members.profiles.services import NewMember, enrol_member
from tests.campaigns.donations.causes_of import cause, gives
from tests.world import Shop

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _day(db: None) -> Iterator[None]:
    with played_at(NOON):
        yield


def sells(shop: Shop, total: int, *, to: str = "", at: datetime = NOON, key: str = "") -> str:
    with played_at(at):
        call = shop.call(key=key) if key else shop.call()
        sale = SaleInput(total_minor=total)
        return record_purchase(call, member=to or shop.member.public_id, sale=sale).purchase


def given(shop: Shop, library: str) -> int:
    """What the cause was given by the totals; by the entries alone it is the same."""
    with in_programme(shop.programme):
        rows = Entry.objects.filter(pot="donated", account__asset__code__contains=library)
        told = selectors.figures_of(selectors.access_cause(library)).given_minor
        assert told == sum(rows.values_list("amount", flat=True))
        assert verify().findings == []
    return told


def test_totals_are_right_whatever_is_kept_of_them(shop: Shop) -> None:
    library = cause(shop)
    gives(shop, library, "percent", share_bp=1_000)
    first = sells(shop, 100_000, key="till-1")
    sells(shop, 100_000, key="till-1")
    assert given(shop, library) == 10_000, "a retry gives nothing again"
    with in_programme(shop.programme):
        assert not PotTotal.objects.exists(), "before anything is kept entries say it"
    later = NOON + timedelta(hours=1)
    with played_at(later):
        refresh(shop.programme)
    sells(shop, 50_000, at=later)
    assert given(shop, library) == 15_000
    with in_programme(shop.programme):
        kept = PotTotal.objects.get(pot="donated")
        assert kept.amount == 10_000, "what may still be on its way is not kept yet"
    with played_at(later):
        refund_purchase(shop.call(), purchase=first, amount_minor=40_000)
        bo = enrol_member(shop.call(), person=NewMember(name="Bo", phone="0912345678")).member
        bought = sells(shop, 20_000, to=bo, at=later)
        merge_members(shop.call(), survivor=shop.member.public_id, loser=bo)
    assert given(shop, library) == 13_000
    with played_at(later + timedelta(hours=1)):
        while relay_due():
            pass
        refresh(shop.programme)
        refresh(shop.programme)
        assert given(shop, library) == 13_000
        refund_purchase(shop.call(), purchase=bought)
        assert given(shop, library) == 11_000, "of a card that was merged since"
        rebuild(shop.programme)
        assert given(shop, library) == 11_000
    with in_programme(shop.programme):
        PotTotal.objects.filter(pot="donated").update(amount=1)
        assert any("total of donated:" in one for one in verify().findings)
        keep_totals(until=later, anew=True)
        assert verify().findings == []


def test_many_causes_with_many_versions_are_one_page(shop: Shop, other_shop: Shop) -> None:
    def queries(page: str) -> int:
        Client().get(page)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert Client().get(page).status_code == 200
        return len(asked)

    pages = [f"/p/{shop.programme.slug}/{page}" for page in ("", "causes/")]
    library = cause(shop)
    gives(shop, library, "percent", share_bp=1_000)
    sells(shop, 100_000)
    refresh(shop.programme)
    before = [queries(page) for page in pages]
    newest = library
    for number in range(3):
        cause(shop, f"Cause {number}")
        draft = edit_rule(shop.call(), rule=newest, values={"goal_minor": 1_000 * (number + 1)})
        newest = draft.rule
        publish_rule(shop.call(), rule=newest)
    after = [queries(page) for page in pages]
    # One more for the earlier versions, where there are any.
    assert after[1] <= before[1] + 1, (before, after)
    assert after[0] <= before[0] + 1, (before, after)
    assert given(shop, library) == 10_000
    with in_programme(other_shop.programme):
        assert selectors.figures(selectors.causes()) == []


def test_my_gifts_come_page_by_page_with_the_sums_of_all(shop: Shop) -> None:
    library = cause(shop)
    gives(shop, library, "percent", share_bp=1_000)
    for number in range(45):
        sells(shop, 1_000 + number, at=NOON + timedelta(minutes=number))
    sells(shop, 70_000, at=NOON.replace(year=2027))
    with in_programme(shop.programme):
        user = User.objects.create_user("ana@x.example", "a long pass phrase", name="Ana")
        shop.member.user = user
        shop.member.save()
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(user)
    path = f"/p/{shop.programme.slug}/causes/given/"

    def page(query: str) -> Any:
        answer = browser.get(f"{path}{query}")
        assert answer.status_code == 200
        assert answer.context["sums"]["shop"] == (4_580 if "2026" in query else 11_580)
        return answer.context

    seen, query, pages = [], "?year=2026", 0
    while query:
        found = page(query)
        seen += [one.transaction for one in found["page"].lines]
        query, pages = found["next_url"].removeprefix(path), pages + 1
    assert (len(seen), len(set(seen)), pages) == (45, 45, 3)
    assert page("")["years"] == ["2027", "2026"]
    assert page("")["page"].lines[0].amount == 7_000
    for odd in ("?before=x", "?before=-1", "?before=99999999999999999999", "?before=٣"):
        assert len(page(odd)["page"].lines) == 20
    assert page("?before=1")["page"].lines == []
    assert browser.get(f"{path}file/?year=2026")["Content-Type"] == "application/pdf"
