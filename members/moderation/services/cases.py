"""The queue: what is held back or reported, and what staff decide. Checks of pace and words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Call, Context, command
from loyalty.common.clock import now
from loyalty.common.errors import Conflict, Invalid, Refused, TooMany
from loyalty.outbox.services import publish
from members.moderation import selectors
from members.moderation.models import Block, Case, Pace, Report
from members.moderation.rules import HOUR, Links, Manners, has_link, has_listed_word, wait_seconds
from members.profiles.models import Member
from members.profiles.rules.names import clean_text
from members.profiles.selectors import member_to_lock

_VERDICTS = (selectors.KEEP, selectors.REMOVE, selectors.HOLD)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """A report that staff will look at."""

    report: str
    case: str


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A case that was decided."""

    case: str
    verdict: str


def check_pace(ctx: Context, member: Member, manners: Manners) -> None:
    """Count one more text of a (locked) member. Raises ``TooMany`` (``too_many_posts``)."""
    row = Pace.objects.filter(member=member).first()
    if row is None:
        Pace.objects.create(programme=ctx.programme, member=member, since=ctx.now, count=1)
        return
    if row.since + HOUR <= ctx.now:
        row.since, row.count = ctx.now, 0
    if row.count >= manners.per_hour:
        seconds = wait_seconds(since=row.since, now=ctx.now)
        raise TooMany(
            "too_many_posts",
            _("You have sent a lot in a short time. Please go on in %(minutes)s minutes.")
            % {"minutes": -(-seconds // 60)},
            params={"wait_seconds": seconds, "maximum": manners.per_hour},
        )
    row.count += 1
    row.save(update_fields=["since", "count"])


def check_text(text: str, manners: Manners, *, field: str = "text") -> str:
    """Why a text must be looked at first (a ``Case.Why``), empty where it need not be.

    Raises ``Invalid`` (``no_links``) where links are refused.
    """
    linked = has_link(text)
    if linked and manners.links == Links.REFUSE:
        raise Invalid("no_links", _("Please leave out the link."), field=field)
    if has_listed_word(text, manners.words):
        return str(Case.Why.WORDS)
    return str(Case.Why.LINKS) if linked and manners.links == Links.HOLD else ""


def open_case(ctx: Context, *, kind: str, subject: str, author: Member, why: str) -> Case:
    """Put something into the queue, unless it stands there already."""
    found = Case.objects.filter(kind=kind, subject=subject, state=Case.State.OPEN).first()
    if found is not None:
        return found
    return Case.objects.create(
        programme=ctx.programme,
        kind=kind,
        subject=subject,
        author=author,
        why=why,
        opened_at=ctx.now,
    )


def close_cases(ctx: Context, *, kind: str, subject: str, state: str, reason: str = "") -> None:
    """Whatever is open about a thing is decided (or its author took it away)."""
    rows = Case.objects.filter(kind=kind, subject=subject, state=Case.State.OPEN)
    rows.update(
        state=state, decided_at=ctx.now, decided_by=ctx.actor.label[:200], reason=reason[:200]
    )


def drop_cases(subjects: Iterable[str]) -> None:
    """What these cases were about is gone with a person who is forgotten."""
    rows = Case.objects.filter(subject__in=list(subjects), state=Case.State.OPEN)
    rows.update(state=Case.State.GONE, decided_at=now())


@command(
    "moderation.report_thing",
    label=_("Something reported"),
    permission=("moderation:write", "self:report"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def report_thing(
    ctx: Context, *, member: str, kind: str, subject: str, reason: str, note: str = ""
) -> Reported:
    """Tell staff that something another member wrote is not right.

    Raises ``NotFound``, ``Invalid`` (``reason``, ``note``), ``Refused`` (one's own) and ``Conflict``
    (reported before).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    thing = selectors.thing_of(kind, subject)
    author = Member.objects.get(public_id=thing.author)
    if author.pk in selectors.cards_of(row):
        raise Refused("ones_own", _("This is your own."), field="subject")
    if reason not in Report.Reason.values:
        raise Invalid(
            "unknown_choice",
            _("Use one of: %(choices)s.") % {"choices": ", ".join(Report.Reason.values)},
            field="reason",
        )
    if Report.objects.filter(member=row, kind=kind, subject=subject).exists():
        raise Conflict("reported_before", _("You reported this before. Thank you."))
    check_pace(ctx, row, selectors.manners())
    case = open_case(ctx, kind=kind, subject=subject, author=author, why=Case.Why.REPORTED)
    report = Report.objects.create(
        programme=ctx.programme,
        case=case,
        member=row,
        kind=kind,
        subject=subject,
        reason=reason,
        note=clean_text(note, field="note", longest=500),
        reported_at=ctx.now,
    )
    Case.objects.filter(pk=case.pk).update(reports=F("reports") + 1)
    told = {"case": case.public_id, "kind": kind, "subject": subject}
    publish(ctx, "content.reported", subject=author.public_id, data=told)
    ctx.about(row.public_id, case=case.public_id, kind=kind, about=subject)
    return Reported(report=report.public_id, case=case.public_id)


def decide(call: Call, *, case: str, verdict: str, reason: str = "") -> Decided:
    """Carry a verdict out: the app that holds the thing does, and closes its cases.

    Raises ``NotFound``, ``Invalid`` (``verdict``) and what the app refuses.
    """
    if verdict not in _VERDICTS:
        raise Invalid(
            "unknown_choice",
            _("Use one of: %(choices)s.") % {"choices": ", ".join(_VERDICTS)},
            field="verdict",
        )
    row = selectors.access_case(case)
    selectors.kind_of(row.kind).decide(call, row.subject, verdict, reason)
    return Decided(case=row.public_id, verdict=verdict)


def forget_of(member: Member) -> dict[str, Any]:
    """A person is forgotten: whom they blocked, and what they wrote in reports."""
    Block.objects.filter(member=member).delete()
    Block.objects.filter(other=member).delete()
    Pace.objects.filter(member=member).delete()
    Report.objects.filter(member=member).update(note="")
    return {}
