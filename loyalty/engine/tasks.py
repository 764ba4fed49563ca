"""Periodic work of the engine: what is due is found as rows, and each holder has one command.

Keys are natural (the holder and since when it is due; the member and the year), so a worker killed
in between loses nothing and does nothing twice.
"""

from __future__ import annotations

from datetime import date

import structlog
from celery import shared_task
from django.db.models import Q, QuerySet

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.engine.due import member_of_each, settle
from loyalty.engine.services import record_activity
from loyalty.ledger.lots import accounts_due
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member

log = structlog.get_logger(__name__)

BATCH = 500
BIRTHDAY = "member.birthday"

schedule = {
    "settle-due": {"task": "loyalty.engine.tasks.settle_due", "schedule": 300},
    "birthdays": {"task": "loyalty.engine.tasks.celebrate_birthdays", "schedule": 3600},
}


@shared_task
def settle_due() -> int:
    """Settle every holder in whom something is due; answers how many."""
    return sum(_settle_programme(programme) for programme in Programme.objects.all())


def _settle_programme(programme: Programme) -> int:
    at, done = clock_now(), 0
    actor = job_actor(programme, "settle-due")
    while True:
        with in_programme(programme):
            due = accounts_due(at=at, limit=BATCH)
            people = member_of_each([holder_id for holder_id, _due_at in due])
        settled = 0
        for holder_id, due_at in due:
            if holder_id in people:
                key = f"settle:{people[holder_id]}:{due_at.isoformat()}"
                call = Call(actor, key)
                settle(call, member=people[holder_id])
                settled += not call.replayed
        done += settled
        if len(due) < BATCH or not settled:
            return done


@shared_task
def celebrate_birthdays() -> int:
    """A ``member.birthday`` activity for everyone whose day it is, once a year."""
    done = 0
    for programme in Programme.objects.all():
        today = local_day(clock_now(), programme.timezone)
        actor = job_actor(programme, "birthdays")
        with in_programme(programme):
            people = list(_born_on(today).values_list("public_id", flat=True))
        for member in people:
            done += _congratulate(Call(actor, f"birthday:{member}:{today.year}"), member, today)
    return done


def _congratulate(call: Call, member: str, today: date) -> int:
    try:
        result = record_activity(
            call, member=member, type=BIRTHDAY, key=f"{member}:{today.year}", data={}
        )
    except DomainError as refusal:  # one card that cannot is no reason to stop for the others
        log.warning("birthday_refused", member=member, code=refusal.code)
        return 0
    return 0 if call.replayed or result.duplicate else 1


def _born_on(today: date) -> QuerySet[Member]:
    day = Q(birthday__month=today.month, birthday__day=today.day)
    if (today.month, today.day) == (2, 28) and not _is_leap(today.year):
        day |= Q(birthday__month=2, birthday__day=29)
    return Member.objects.filter(day, state=Member.State.ACTIVE).order_by("id")


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
