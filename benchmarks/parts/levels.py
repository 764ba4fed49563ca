"""A level review of many members costs, for each of them, what it costs where there are few.

A hundred thousand are due at once. Their review is measured where it begins and, taken up again by
another worker, where it ends, each time beside a small one; those between are put down as reviewed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from statistics import median
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.figures import Figure, report
from benchmarks.shop import QUICK
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import played_at
from loyalty.engine.models import MemberStatus
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.models import Account, Asset, Entry, Lot, Transaction
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Holder, Member
from tiers.levels.services import review_level
from tiers.levels.tasks import BATCH, Review

FEW, MANY = (200, 2_000) if QUICK else (2_000, 100_000)
# So many are reviewed at either end.
MEASURED = MANY // 10
MOST_RATIO = 1.2
MOST_QUERIES = 30
_JOINED = datetime(2024, 3, 1, tzinfo=UTC)
_BOUGHT = datetime(2025, 5, 1, tzinfo=UTC)
_DUE = datetime(2026, 1, 1, tzinfo=UTC)
_AT = datetime(2026, 1, 1, 3, tzinfo=UTC)
_LOTS = 3
_CHUNK = 2_000
_LEVELS = [
    {"code": "green", "name_en": "Green"},
    {
        "code": "gold",
        "name_en": "Gold",
        "enter": [{"spend_minor": 1_000_000}],
        "keep": [{"spend_minor": 500_000}],
    },
]


def main() -> None:
    """Print the figures. Both are reviewed in turns, as whatever else the machine does falls on both."""
    _queries(_shop("one", members=2))
    many = _shop("many", members=MANY)
    small_ones = {place: _shop(f"few-{place}", members=FEW) for place in ("first", "last")}
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
    for place, few in small_ones.items():
        if place == "last":
            _review_all_but_the_last(many)
        small, large = _measured(few, many)
        report(
            Figure(
                name=f"a review for each of the {place} of {MANY:,} members to each of {FEW:,}",
                value=large / small,
                at_most=MOST_RATIO,
                note=f"{large / BATCH * 1000:.2f} ms and {small / BATCH * 1000:.2f} ms",
            )
        )
    with in_programme(many):
        assert MemberStatus.objects.filter(value="green").count() == MEASURED


def _measured(few: Programme, many: Programme) -> tuple[float, float]:
    """What a batch of the small shop takes, reviewed whole, and one of the large shop."""
    with played_at(_AT):
        small, large = Review(few), Review(many)
        times: tuple[list[float], list[float]] = ([], [])
        while _step(small, times[0]):
            for _time in range(MEASURED // FEW):
                _step(large, times[1])
    assert (small.done, large.done) == (FEW, MEASURED), (small.done, large.done)
    with in_programme(few):
        assert MemberStatus.objects.filter(value="green").count() == FEW // 2
    return median(times[0]), median(times[1])


def _review_all_but_the_last(programme: Programme) -> None:
    """As if the first worker had got so far, and stopped."""
    with in_programme(programme):
        due = MemberStatus.objects.filter(due_at=_DUE).order_by("pk")
        last = list(due.values_list("pk", flat=True)[MANY - 2 * MEASURED :])
        assert len(last) == MEASURED, len(last)
        due.filter(pk__lt=last[0]).update(due_at=_DUE.replace(year=2027))


def _step(review: Review, times: list[float]) -> bool:
    started = time.perf_counter()
    found = review.step()
    if found:
        times.append(time.perf_counter() - started)
    return found


def _queries(programme: Programme) -> None:
    with in_programme(programme):
        members = list(Member.objects.values_list("public_id", flat=True))
    found = 0
    for number, member in enumerate(members):  # the second, as in any running worker
        call = Call(job_actor(programme, "bench"), f"queries-{number}")
        with played_at(_AT), CaptureQueriesContext(connection) as queries:
            review_level(call, member=member)
        found = len(queries)
    report(
        Figure(
            name=f"queries of the review of a member with {_LOTS} lots that die with it",
            value=found,
            at_most=MOST_QUERIES,
        )
    )


def _shop(slug: str, *, members: int) -> Programme:
    """Everybody is gold; every other one spent enough to stay."""
    programme = Programme.objects.create(slug=slug, name=slug, currency="VND", timezone="UTC")
    with in_programme(programme):
        Asset.objects.create(code="points", kind="points", name_vi="điểm", name_en="points")
    with played_at(_JOINED):
        actor = job_actor(programme, "bench")
        values = {"name": "Levels", "levels": _LEVELS}
        draft = create_rule(Call(actor, f"{slug}-1"), kind="levels.ladder", values=values)
        rule = publish_rule(Call(actor, f"{slug}-2"), rule=draft.rule).rule
    programme.refresh_from_db()
    with in_programme(programme):
        asset = Asset.objects.get(code=f"level_spend:{rule}")
        for first in range(0, members, _CHUNK):
            _people(programme, asset, rule, range(first, min(first + _CHUNK, members)))
    return programme


def _people(programme: Programme, asset: Asset, rule: str, numbers: range) -> None:
    holders = Holder.objects.bulk_create(Holder(programme=programme) for _ in numbers)
    people = Member.objects.bulk_create(
        Member(programme=programme, holder=holder, name=f"Member {number}", joined_at=_JOINED)
        for number, holder in zip(numbers, holders, strict=True)
    )
    status: dict[str, Any] = {
        "ladder": rule,
        "rank": 2,
        "secured": "gold",
        "secured_at": "2025-01-01T00:00:00+00:00",
        "before": "gold",
        "review_at": _DUE.isoformat(),
    }
    MemberStatus.objects.bulk_create(
        MemberStatus(
            programme=programme,
            member=person,
            name="level",
            value="gold",
            since=_BOUGHT,
            due_at=_DUE,
            data=status,
            changed_at=_BOUGHT,
        )
        for person in people
    )
    _lots(programme, asset, holders, numbers)


def _lots(programme: Programme, asset: Asset, holders: list[Holder], numbers: range) -> None:
    each = {
        holder.pk: 200_000 if number % 2 else 100_000
        for number, holder in zip(numbers, holders, strict=True)
    }
    accounts = Account.objects.bulk_create(
        Account(
            programme=programme,
            holder=holder,
            asset=asset,
            balance=each[holder.pk] * _LOTS,
            earned=each[holder.pk] * _LOTS,
            due_at=_DUE,
            moved_at=_BOUGHT,
            chain_sequence=1,
            chain_head="0" * 64,
        )
        for holder in holders
    )
    moves = Transaction.objects.bulk_create(
        Transaction(
            programme=programme,
            holder=holder,
            kind="accrual",
            happened_at=_BOUGHT,
            recorded_at=_BOUGHT,
            sequence=1,
            hash="0" * 64,
        )
        for holder in holders
    )
    entries = Entry.objects.bulk_create(
        Entry(
            programme=programme,
            transaction=move,
            account=account,
            amount=each[account.holder_id],
            pot="issued",
            reason="counts_for_level",
            balance_after=each[account.holder_id] * (part + 1),
        )
        for move, account in zip(moves, accounts, strict=True)
        for part in range(_LOTS)
    )
    Lot.objects.bulk_create(
        Lot(
            programme=programme,
            account=entry.account,
            entry=entry,
            amount=entry.amount,
            remaining=entry.amount,
            opened_at=_BOUGHT,
            expires_at=_DUE,
        )
        for entry in entries
    )
