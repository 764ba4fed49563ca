"""Periodic work of segments: takings go on, live ones are counted. One command for each stretch."""

from __future__ import annotations

from celery import shared_task

from campaigns.segments.selectors import segments, under_way
from campaigns.segments.services import count_segment, go_on_taking
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import local_day
from loyalty.common.clock import now as clock_now
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme

schedule = {
    "segment-lists": {"task": "campaigns.segments.tasks.take_lists", "schedule": 60},
    "segment-counts": {"task": "campaigns.segments.tasks.count_segments", "schedule": 3600},
}


@shared_task
def take_lists() -> int:
    """Take every list that is under way to its end; answers how many stretches that took."""
    return sum(_take(programme) for programme in Programme.objects.all())


@shared_task
def count_segments() -> int:
    """Count the live segments once a day; answers how many were counted."""
    return sum(_count(programme) for programme in Programme.objects.all())


def _take(programme: Programme) -> int:
    actor, done = job_actor(programme, "segment-lists"), 0
    with in_programme(programme):
        rows = under_way()
    for row in rows:
        after, taking = row.after, row.taking
        while after is not None:
            call = Call(actor, f"segment:{row.public_id}:{taking}:{after}")
            go_on_taking(call, segment=row.public_id)
            done += 1
            with in_programme(programme):
                row.refresh_from_db(fields=["after"])
            # A stretch that was taken by somebody else meanwhile is replayed, not taken twice.
            after = row.after if row.after != after else None
    return done


def _count(programme: Programme) -> int:
    today = local_day(clock_now(), programme.timezone)
    actor, done = job_actor(programme, "segment-counts"), 0
    with in_programme(programme):
        live = list(segments().filter(kind="live").values_list("public_id", flat=True))
    for segment in live:
        call = Call(actor, f"segment-count:{segment}:{today.isoformat()}")
        count_segment(call, segment=segment)
        done += not call.replayed
    return done
