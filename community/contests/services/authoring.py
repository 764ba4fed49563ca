"""Contests as staff writes them: drafted, published, called off, decided."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from community.contests import selectors
from community.contests.models import Contest, Entry
from community.contests.rules import ContestInput, winners
from community.contests.services.entering import end_open_cases
from community.contests.services.keeping import (
    ContestResult,
    contest_to_lock,
    must_be,
)
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Invalid, Outdated, Refused
from loyalty.engine.ports import reward_names
from loyalty.engine.rule_values import complain, condition_faults
from loyalty.outbox.services import publish
from loyalty.web.photos import KeptPhoto
from members.moderation.services import put_picture, show_photos
from members.profiles.rules.names import clean_name, clean_text


@command("contests.create_contest", label=_("Contest drafted"), permission="contests:write")
def create_contest(
    ctx: Context, *, contest: ContestInput, picture: KeptPhoto | None = None
) -> ContestResult:
    """Draft a contest; nobody sees it yet. Raises ``Invalid`` or ``Several`` by field."""
    row = Contest(programme=ctx.programme, created_at=ctx.now, **_checked(ctx, contest))
    row.save(force_insert=True)
    if picture is not None:
        _put_picture(ctx, row, picture)
    ctx.about(row.public_id, title=row.title_vi or row.title_en)
    return _result(row)


@command(
    "contests.edit_contest",
    label=_("Contest changed"),
    permission="contests:write",
    lock=lambda *, contest, **_rest: contest_to_lock(contest),
)
def edit_contest(
    ctx: Context,
    *,
    contest: str,
    values: ContestInput,
    revision: int | None = None,
    picture: KeptPhoto | None = None,
) -> ContestResult:
    """Write a draft anew; without a ``picture`` the one there is stays. Published rules stand.

    Raises ``NotFound``, ``Outdated``, ``Invalid``, ``Refused`` (``contest_live`` …).
    """
    row = _the_contest(ctx, contest)
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    must_be(row, Contest.State.DRAFT)
    for name, value in _checked(ctx, values).items():
        setattr(row, name, value)
    if picture is not None:
        _put_picture(ctx, row, picture)
    row.revision += 1
    row.save()
    ctx.about(row.public_id, title=row.title_vi or row.title_en)
    return _result(row)


@command(
    "contests.set_picture",
    label=_("Picture of a contest set"),
    permission="contests:write",
    lock=lambda *, contest, **_rest: contest_to_lock(contest),
)
def set_picture(ctx: Context, *, contest: str, picture: KeptPhoto | None) -> ContestResult:
    """Give a contest a picture instead of the one it has; ``None`` takes it away. Raises ``NotFound``.

    It is no part of the rules: a published contest may get another one.
    """
    row = _the_contest(ctx, contest)
    _put_picture(ctx, row, picture)
    ctx.about(row.public_id, has_picture=picture is not None)
    return _result(row)


@command(
    "contests.publish_contest",
    label=_("Contest published"),
    permission="contests:write",
    lock=lambda *, contest: contest_to_lock(contest),
)
def publish_contest(ctx: Context, *, contest: str) -> ContestResult:
    """Open a drafted contest; from now on its rules stand. Raises ``NotFound``, ``Invalid``, ``Refused``."""
    row = _the_contest(ctx, contest)
    must_be(row, Contest.State.DRAFT)
    if row.entries_until <= ctx.now:
        text = _("Give people time to enter: this is before it opens, or over.")
        raise Invalid("end_before_start", text, field="entries_until")
    row.state, row.published_at = Contest.State.LIVE, ctx.now
    show_photos(row.public_id, shown=True)
    return _moved(ctx, row, "contest.published")


@command(
    "contests.cancel_contest",
    label=_("Contest cancelled"),
    permission="contests:write",
    lock=lambda *, contest, **_rest: contest_to_lock(contest),
)
def cancel_contest(ctx: Context, *, contest: str, reason: str = "") -> ContestResult:
    """Call a contest off: nobody wins. Raises ``NotFound``, ``Refused`` (``contest_decided`` …)."""
    row = _the_contest(ctx, contest)
    must_be(row, Contest.State.DRAFT, Contest.State.LIVE)
    row.cancel_reason = clean_name(reason, field="reason", longest=300)
    row.state = Contest.State.CANCELLED
    end_open_cases(ctx, row)
    return _moved(ctx, row, "contest.cancelled")


@command(
    "contests.decide_contest",
    label=_("Contest decided"),
    permission="contests:write",
    lock=lambda *, contest, **_rest: contest_to_lock(contest),
)
def decide_contest(ctx: Context, *, contest: str, picks: tuple[str, ...] = ()) -> ContestResult:
    """Say who won, once voting is over. By votes the rules decide; a jury picks, the first place first.

    Raises ``NotFound``, ``Invalid`` (``picks``), ``Refused`` (``votes_not_over``, ``contest_decided``).
    """
    row = _the_contest(ctx, contest)
    must_be(row, Contest.State.LIVE)
    by_jury = row.judging == Contest.Judging.JURY
    over_at = row.entries_until if by_jury else row.votes_until
    if ctx.now < over_at:
        text = _("It is still open. Decide when its time is over.")
        raise Refused("votes_not_over", text, field="contest")
    found = (
        _picked(row, picks)
        if by_jury
        else winners(selectors.standings(row), places=len(row.prizes))
    )
    if picks and not by_jury:
        raise Invalid("members_decide", _("Here the votes decide."), field="picks")
    for rank, entry in enumerate(found, start=1):
        Entry.objects.filter(public_id=entry).update(rank=rank)
    row.state, row.decided_at = Contest.State.DECIDED, ctx.now
    end_open_cases(ctx, row)
    return _moved(ctx, row, "contest.decided", winners=tuple(found))


def _picked(row: Contest, picks: tuple[str, ...]) -> list[str]:
    shown = {one.entry for one in selectors.standings(row)}
    if len(set(picks)) != len(picks) or not set(picks) <= shown:
        raise Invalid("bad_picks", _("Pick entries of this contest, each once."), field="picks")
    if not 1 <= len(picks) <= len(row.prizes):
        text = _("Pick from 1 to %(most)s entries.") % {"most": len(row.prizes)}
        raise Invalid("bad_picks", text, field="picks")
    return list(picks)


def _checked(ctx: Context, contest: ContestInput) -> dict[str, Any]:
    clean: dict[str, Any] = {
        name: clean_name(getattr(contest, name), field=name, longest=120)
        for name in ("title_vi", "title_en")
    }
    clean |= {
        name: clean_text(getattr(contest, name), field=name) for name in ("rules_vi", "rules_en")
    }
    contest = replace(contest, **clean)
    complain(contest.problems(now=ctx.now))
    complain(condition_faults(contest.audience, field="audience"))
    wanted = [one.reward for one in contest.prizes if one.reward]
    known = reward_names(wanted) if wanted else {}
    for number, one in enumerate(contest.prizes):
        if one.reward and one.reward not in known:
            text = _("There is no such reward.")
            raise Invalid("unknown_reward", text, field=f"prizes.{number}.reward")
    values = {name: getattr(contest, name) for name in ContestInput.__dataclass_fields__}
    return values | {
        "audience": [dict(one) for one in contest.audience],
        "prizes": [asdict(one) for one in contest.prizes],
    }


def _put_picture(ctx: Context, row: Contest, picture: KeptPhoto | None) -> None:
    shown = row.state != Contest.State.DRAFT
    put_picture(ctx, kind="contest", subject=row.public_id, picture=picture, shown=shown)


def _the_contest(ctx: Context, contest: str) -> Contest:
    return ctx.locked[0] if ctx.locked else selectors.access_contest(contest)


def _moved(
    ctx: Context, row: Contest, event: str, *, winners: tuple[str, ...] = ()
) -> ContestResult:
    row.revision += 1
    row.save()
    data = {"contest": row.public_id, "state": str(row.state), "winners": list(winners)}
    publish(ctx, event, subject=row.public_id, data=data)
    ctx.rules_changed()
    ctx.about(row.public_id, title=row.title_vi or row.title_en)
    return _result(row, winners)


def _result(row: Contest, winners: tuple[str, ...] = ()) -> ContestResult:
    return ContestResult(
        contest=row.public_id, state=str(row.state), revision=row.revision, winners=winners
    )
