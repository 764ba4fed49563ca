"""Shapes of the segments API: what comes in as serializers, what goes out as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.segments.models import Segment
from campaigns.segments.results import Counted, Moved
from campaigns.segments.rules import MOST_CONDITIONS
from loyalty.commands.actor import Actor
from loyalty.engine.models import Rule
from loyalty.engine.plug import Reserved
from loyalty.engine.selectors import kind_of
from loyalty.engine.sent import Conditions
from loyalty.web.api import Body, Choice, Query, Text
from members.profiles.models import Member

_CONDITIONS = "Each is `fact`, `op` and `value`; all must hold."


class NewSegmentBody(Body):
    """A new segment."""

    code = Text(maximum=40, help_text="What rules ask for it by. It never changes.")
    name = Text(maximum=120)
    conditions = Conditions(maximum=MOST_CONDITIONS, minimum=1, help_text=_CONDITIONS)
    kind = Choice(choices=Segment.Kind.values, required=False)
    told_vi = Text(maximum=120, required=False, help_text="What members read of it, if anything.")
    told_en = Text(maximum=120, required=False)


class SegmentBody(Body):
    """What to change of a segment."""

    name = Text(maximum=120, required=False, allow_blank=False)
    conditions = Conditions(
        maximum=MOST_CONDITIONS,
        minimum=1,
        required=False,
        help_text=_CONDITIONS,
    )
    told_vi = Text(maximum=120, required=False)
    told_en = Text(maximum=120, required=False)


class LookBody(Body):
    """Conditions to be looked at, before anything is written."""

    conditions = Conditions(maximum=MOST_CONDITIONS, minimum=1, help_text=_CONDITIONS)
    segment = Text(maximum=40, required=False, help_text="The segment whose place they would take.")


class SegmentQuery(Query):
    """Which segments."""

    archived = Choice(
        choices=("true", "false"), required=False, help_text="`true` shows those put away too."
    )


@dataclass(frozen=True, kw_only=True)
class SegmentMemberView:
    """A member of a segment. The name is there for those who may read members."""

    member: str
    name: str


@dataclass(frozen=True, kw_only=True)
class AskingRule:
    """A rule that asks for a segment, or something else that is for it (``catalog.reward``)."""

    rule: str
    kind: str
    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class LookView:
    """What conditions would mean: how many, who for example, and who would come and go."""

    count: Counted
    sample: list[SegmentMemberView]
    moved: Moved | None
    rules: list[AskingRule]


def present_members(members: Sequence[Member], *, actor: Actor) -> list[SegmentMemberView]:
    """Members for the API, by name for those who may read members."""
    sees = actor.may("members:read")
    return [
        SegmentMemberView(member=row.public_id, name=row.name if sees else "") for row in members
    ]


def present_rules(rows: Sequence[Rule], reserved: Sequence[Reserved]) -> list[AskingRule]:
    """What asks for a segment."""
    return [
        *(
            AskingRule(
                rule=row.public_id, kind=kind_of(row).name, name=row.name, state=str(row.state)
            )
            for row in rows
        ),
        *(
            AskingRule(rule=one.public_id, kind=one.kind, name=one.name, state="live")
            for one in reserved
        ),
    ]
