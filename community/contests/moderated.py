"""Entries of contests wait, are reported and decided like everything members write."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.models import Entry
from community.contests.services import hold_entry, judge_entry
from community.contests.services.keeping import KIND
from loyalty.commands.decorator import Call
from loyalty.common.errors import Invalid
from members.moderation.selectors import HOLD, KEEP, Moderated, Thing


def _find(subjects: Collection[str]) -> Mapping[str, Thing]:
    rows = selectors.entries().filter(public_id__in=subjects)
    return {
        row.public_id: Thing(
            subject=row.public_id,
            author=selectors.owner_of(row).public_id,
            author_name="",  # others see entries without names
            title=row.contest.title,
            text=row.text,
            written_at=row.entered_at,
            is_shown=row.state == Entry.State.SHOWN,
            route=("contest", row.contest.public_id),
        )
        for row in rows.exclude(state=Entry.State.WITHDRAWN)
    }


def _decide(call: Call, subject: str, verdict: str, reason: str) -> Any:
    if verdict == HOLD:
        return hold_entry(call, entry=subject)
    if verdict != KEEP and not reason.strip():
        text = _("Say why it is removed; its author reads it.")
        raise Invalid("required", text, field="reason")
    return judge_entry(call, entry=subject, show=verdict == KEEP, reason=reason)


MODERATED = (Moderated(kind=KIND, label=_("Contest entry"), find=_find, decide=_decide),)
