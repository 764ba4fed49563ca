"""An audience over all members of a programme: what the database can answer alone, and the rest by the
very facts that rules read, many members at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from loyalty.engine.activity import PURCHASE
from loyalty.engine.conditions import Condition
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.fact_info import fact_infos
from loyalty.engine.facts import Facts
from loyalty.engine.matching import Moment
from loyalty.engine.models import Activity
from loyalty.engine.ports import bought_by
from loyalty.engine.statuses import load_statuses
from loyalty.ledger.store import open_books
from loyalty.tenancy.models import Programme
from members.profiles.models import Member


def asked(condition: Condition, moment: Moment) -> Q | None:
    """A condition as a question over members; ``None`` where only Python can tell."""
    info = fact_infos().get(condition.fact)
    if info is None or info.where is None:
        return None
    return info.where(condition.op, condition.value, moment)


def narrowed(
    conditions: Iterable[Condition], moment: Moment
) -> tuple[QuerySet[Member], tuple[Condition, ...]]:
    """Active members for whom what the database can tell holds, and the conditions that are left."""
    rows: QuerySet[Member] = Member.objects.filter(state=Member.State.ACTIVE)
    rest = []
    for one in conditions:
        question = asked(one, moment)
        if question is None:
            rest.append(one)
        else:
            rows = rows.filter(question)
    return rows, tuple(rest)


def holding(
    members: Sequence[Member],
    conditions: Sequence[Condition],
    *,
    programme: Programme,
    at: datetime,
) -> Iterator[Member]:
    """Those of the members for whom all conditions hold at an instant. Four queries for all of them.

    A fact of a kind that no batch can load ahead asks for each member by itself.
    """
    keys = [member.pk for member in members]
    books = open_books(holder_ids={member.holder_id for member in members}, now=at)
    statuses, bought = load_statuses(keys), bought_by(keys, at=at)
    done = Activity.objects.filter(member__in=keys, type=PURCHASE).order_by().values("member")
    purchases = dict(done.annotate(n=Count("pk")).values_list("member", "n"))
    for member in members:
        world = DatabaseWorld(
            programme=programme, member=member, now=at, stored=books[member.holder_id]
        )
        world.know(
            statuses=statuses[member.pk],
            bought=bought[member.pk],
            purchases=purchases.get(member.pk, 0),
        )
        facts = Facts(world)
        if all(one.holds(facts.__getitem__) for one in conditions):
            yield member
