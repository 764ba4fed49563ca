"""What all commands about trials share: the lock, who a person is, the status rules read, the events."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models.functions import Coalesce

from loyalty.commands.decorator import Context, Lock
from loyalty.common.clock import end_of_day, local_day
from loyalty.engine.status import Status
from loyalty.engine.statuses import status_of, write_statuses
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from tiers.trials.models import Sign, Taking
from tiers.trials.rules import ACCEPTED, GIVEN, STATUS, Open, with_given, without
from tiers.trials.selectors import access_taking, signs_of


def taking_to_lock(taking: str) -> Lock:
    """The member (with the holder) whose trial it is; of a merged card, the one it lives on in."""
    rows = Taking.objects.filter(public_id=taking)
    owner = Coalesce("member__merged_into__public_id", "member__public_id")
    return member_to_lock(rows.values_list(owner, flat=True).first() or "")


def the_taking(ctx: Context, taking: str) -> Taking:
    """The taking of the locked member, as it is now. Raises ``NotFound``."""
    ctx.the_locked(Member, code="taking_not_found", field="taking")
    return access_taking(taking)


def leave_signs(ctx: Context, row: Taking, member: Member, *, known: Collection[str] = ()) -> None:
    """One for each person: a second card of theirs meets the same signs.

    Args:
        known: signs somebody left already, who had the trial before there was this card's.
    """
    Sign.objects.bulk_create(
        Sign(programme=ctx.programme, taking=row, family=row.family, value=value)
        for value in signs_of(member)
        if value not in known
    )


def give(ctx: Context, row: Taking) -> None:
    """It is theirs from now on: they will be asked, and what they buy of it counts as won."""
    trial = row.trial
    row.state, row.given_at, row.given_by = GIVEN, ctx.now, ctx.actor.label[:200]
    if trial.what == "plan":
        zone = ctx.programme.timezone
        last = local_day(ctx.now, zone) + timedelta(days=trial.plan_days)
        row.plan_until = end_of_day(last, zone)
    row.ask_at = row.due_at = ctx.now + timedelta(days=trial.ask_days)
    row.convert_until = (row.plan_until or ctx.now) + timedelta(days=trial.convert_days)
    entry = Open(
        taking=row.public_id,
        family=row.family,
        code=trial.code,
        name=trial.name,
        sku=trial.sku if trial.what == "product" else "",
        plan=trial.plan if trial.what == "plan" else "",
        since=ctx.now,
        until=row.convert_until,
    )
    person = ctx.the_locked(Member, code="taking_not_found", field="taking")
    _write(ctx, person, with_given(status_of(person, STATUS), entry, at=ctx.now))


def take_out(ctx: Context, row: Taking) -> None:
    """It was never theirs, as far as rules go."""
    person = ctx.the_locked(Member, code="taking_not_found", field="taking")
    _write(ctx, person, without(status_of(person, STATUS), row.public_id, at=ctx.now))


def keep(ctx: Context, row: Taking, *, event: str) -> None:
    """Write the taking and tell what happened."""
    fresh = row.pk is None
    row.revision += 0 if fresh else 1
    row.save(force_insert=fresh)
    data = {
        "taking": row.public_id,
        "member": row.member.public_id,
        "trial": row.trial.public_id,
        "code": row.trial.code,
        "name": row.trial.name,
        "plan": row.trial.plan if row.trial.what == "plan" else "",
        "state": str(row.state),
        "until": row.plan_until.isoformat() if row.plan_until else "",
    }
    publish(ctx, event, subject=row.member.public_id, data=data)
    ctx.about(row.public_id, member=row.member.public_id, state=str(row.state))


def is_standing(row: Taking) -> bool:
    """Is one of what there is with this member?"""
    return row.state in (ACCEPTED, GIVEN)


def _write(ctx: Context, member: Member, status: Status) -> None:
    write_statuses([(member, {STATUS: status})], at=ctx.now)
