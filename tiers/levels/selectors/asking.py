"""The level as a question over all members at once, for counts of segments and audiences.

It answers by what is kept; a review that is due this very minute is not in it yet.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from loyalty.engine.matching import Moment, as_number, as_text
from loyalty.engine.models import MemberStatus
from tiers.levels.rules.keeping import STATUS
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.selectors import ladders_in_force


def level_where(op: str, value: Any, moment: Moment) -> Q | None:
    """The fact ``level`` in the database; ``None`` where more than one ladder may be a member's."""
    ladder = _only_ladder(moment)
    return as_text(lambda _moment: _code(ladder))(op, value, moment) if ladder else None


def rank_where(op: str, value: Any, moment: Moment) -> Q | None:
    """The fact ``level_rank`` in the database."""
    ladder = _only_ladder(moment)
    return as_number(lambda _moment: _rank(ladder))(op, value, moment) if ladder else None


def _only_ladder(moment: Moment) -> LadderTerms | None:
    found = ladders_in_force(at=moment.at)
    if len(found) != 1 or found[0].audience or found[0].pilot or found[0].holdout_bp:
        return None
    return found[0]


def _code(ladder: LadderTerms) -> Any:
    codes = [one.code for one in ladder.levels]
    rows = MemberStatus.objects.filter(
        member=OuterRef("pk"), name=STATUS, value__in=codes, data__ladder=ladder.family
    )
    return Coalesce(Subquery(rows.values("value")[:1]), Value(ladder.code(ladder.ground)))


def _rank(ladder: LadderTerms) -> Any:
    ranks = [
        When(level_code=one.code, then=Value(rank))
        for rank, one in enumerate(ladder.levels, start=1)
    ]
    rows = MemberStatus.objects.filter(
        member=OuterRef("pk"), name=STATUS, data__ladder=ladder.family
    ).annotate(level_code=F("value"))
    ranked = rows.annotate(rank=Case(*ranks, output_field=IntegerField())).values("rank")[:1]
    return Coalesce(Subquery(ranked), Value(ladder.ground))
