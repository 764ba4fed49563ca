"""The periodic review of levels: who is due is found as rows, each has a command of their own.

A worker killed in between loses nothing: what is still due is still to do, and the key of a review
is the member with its instant, so nobody is reviewed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from celery import shared_task

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now as clock_now
from loyalty.common.errors import DomainError
from loyalty.engine.models import MemberStatus
from loyalty.engine.ports import bought_by
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import in_programme
from tiers.levels import selectors
from tiers.levels.models import ReviewWalk
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.selectors.movers import members_after, moving
from tiers.levels.services import count_past, review_level
from tiers.levels.services.walks import (
    close_walk,
    note_counted,
    note_lifted,
    note_progress,
    open_walk,
)

log = structlog.get_logger(__name__)

BATCH = 200
_MANY = 2_000

schedule = {
    "levels": {"task": "tiers.levels.tasks.review_levels", "schedule": 600},
}


@dataclass
class _Batch:
    """What became of some members."""

    done: int = 0
    rose: int = 0
    fell: int = 0
    failed: int = 0


class Review:
    """The review of one programme, step by step. First it finds whom an edit of a ladder lifts, and
    counts what was bought before a new one.
    """

    def __init__(self, programme: Programme) -> None:
        self.programme, self.at = programme, clock_now()
        self.done, self._after = 0, 0
        with in_programme(programme):
            self._past = selectors.open_walks(ReviewWalk.Kind.PAST)
            for edit in selectors.open_walks(ReviewWalk.Kind.EDIT):
                _lift(edit)
            total = selectors.due_count(at=self.at)
            self._walk = open_walk(programme, due_at=self.at, total=total) if total else None
            self._ranks = _ranks(selectors.counting_ladders()) if total else {}

    def step(self) -> bool:
        """Look at the next members; answers whether there were any."""
        if self._past:
            if not self._count_past(self._past[0]):
                self._past.pop(0)
            return True
        if self._walk is None:
            return False
        with in_programme(self.programme):
            due = selectors.due_members(at=self.at, after=self._after, limit=BATCH)
            if not due:
                close_walk(self._walk, at=clock_now())
                return False
        batch = _review(self.programme, due, self._ranks)
        self.done, self._after = self.done + batch.done, due[-1].pk
        with in_programme(self.programme):
            note_progress(
                self._walk, done=batch.done, rose=batch.rose, fell=batch.fell, failed=batch.failed
            )
        return True

    def _count_past(self, walk: ReviewWalk) -> bool:
        with in_programme(self.programme):
            batch = members_after(walk.cursor, limit=BATCH)
            if not batch:
                close_walk(walk, at=clock_now())
                return False
            bought = bought_by([one.pk for one in batch], at=self.at)
        rose = failed = 0
        actor = job_actor(self.programme, "levels")
        for member in batch:
            if not bought[member.pk][0].count:
                continue
            call = Call(actor, f"level-past:{walk.public_id}:{member.public_id}")
            try:
                found = count_past(call, member=member.public_id)
            except DomainError as refusal:
                log.warning("past_refused", member=member.public_id, code=refusal.code)
                failed += 1
                continue
            rose += found.rank > 1 and found.level != found.before
        walk.cursor = batch[-1].pk
        with in_programme(self.programme):
            note_counted(walk, done=len(batch), rose=rose, failed=failed, cursor=walk.cursor)
        return True


@shared_task
def review_levels() -> int:
    """Do what is due for every member of every programme; answers how many were looked at.

    Programmes take turns, so that a large one makes nobody wait until it is through.
    """
    reviews = [Review(programme) for programme in Programme.objects.all()]
    waiting = reviews
    while waiting:
        waiting = [review for review in waiting if review.step()]
    return sum(review.done for review in reviews)


def _lift(walk: ReviewWalk) -> None:
    """Mark whoever an edited ladder moves; where it was edited again, that walk does it."""
    ladder = next((one for one in selectors.ladders_in_force() if one.public_id == walk.rule), None)
    while ladder is not None and (batch := members_after(walk.cursor, limit=_MANY)):
        walk.cursor = batch[-1].pk
        note_lifted(walk, done=len(batch), rose=moving(ladder, batch), cursor=walk.cursor)
    close_walk(walk, at=clock_now())


def _review(programme: Programme, due: Sequence[MemberStatus], ranks: dict[str, int]) -> _Batch:
    actor, batch = job_actor(programme, "levels"), _Batch()
    for row in due:
        assert row.due_at is not None
        member = row.member.public_id
        call = Call(actor, f"level:{member}:{row.due_at.isoformat()}")
        try:
            found = review_level(call, member=member)
        except DomainError as refusal:  # one card that cannot is no reason to stop for the others
            log.warning("review_refused", member=member, code=refusal.code)
            batch.failed += 1
            continue
        batch.done += 1
        if not call.replayed and found.level != found.before:
            went_up = ranks.get(found.level, 0) > ranks.get(found.before, 0)
            batch.rose += went_up
            batch.fell += not went_up
    return batch


def _ranks(ladders: Sequence[LadderTerms]) -> dict[str, int]:
    return {one.code: n for ladder in ladders for n, one in enumerate(ladder.levels, start=1)}
