"""Newsletters: written, started once, sent by the worker in batches, each letter at most once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import DomainError, Invalid, NotFound, Outdated, Refused, Several
from loyalty.outbox.services import publish
from members.messaging import selectors
from members.messaging.models import Delivery, Newsletter
from members.messaging.results import NewsletterView, newsletter_view
from members.messaging.rules import clean_body, clean_subject, clean_topics

State = Newsletter.State


def _lock(*, newsletter: str, **_rest: Any) -> Lock:
    return Lock(rows=Newsletter.objects.filter(public_id=newsletter))


@command("newsletters.write", label=_("Newsletter written"), permission="messaging:write")
def write_newsletter(ctx: Context, *, values: Mapping[str, Any]) -> NewsletterView:
    """Write a draft. Raises ``Invalid`` or ``Several`` by field."""
    row = Newsletter(programme=ctx.programme, created_at=ctx.now, written_by=ctx.actor.label[:200])
    _fill(row, values)
    row.save(force_insert=True)
    ctx.about(row.public_id, title=row.subject_vi)
    return newsletter_view(row)


@command(
    "newsletters.edit", label=_("Newsletter changed"), permission="messaging:write", lock=_lock
)
def edit_newsletter(
    ctx: Context, *, newsletter: str, values: Mapping[str, Any], revision: int | None = None
) -> NewsletterView:
    """Change a draft. Raises ``NotFound``, ``Invalid``, ``Outdated``, ``Refused`` (``not_a_draft``)."""
    row = _draft(ctx)
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    _fill(row, values)
    row.revision += 1
    row.save()
    ctx.about(row.public_id, fields=sorted(values))
    return newsletter_view(row)


@command("newsletters.send", label=_("Newsletter sent"), permission="messaging:write", lock=_lock)
def send_newsletter(ctx: Context, *, newsletter: str) -> NewsletterView:
    """Start sending: a row for everyone it is for now. The worker sends; nobody gets it twice.

    Raises ``NotFound``, ``Refused`` (``not_a_draft``, ``nobody_to_write_to``).
    """
    row = _draft(ctx)
    people = selectors.recipients(row, programme=ctx.programme, at=ctx.now)
    if not people:
        raise Refused(
            "nobody_to_write_to",
            _("Nobody in the e-mail club is meant by this. Choose another group or topic."),
            field="audience",
        )
    Delivery.objects.bulk_create(
        (Delivery(programme=ctx.programme, newsletter=row, member_id=one) for one in people),
        batch_size=500,
    )
    row.state, row.started_at = State.SENDING, ctx.now
    row.save(update_fields=["state", "started_at"])
    told = {"newsletter": row.public_id, "recipients": len(people)}
    publish(ctx, "newsletter.started", subject=row.public_id, data=told)
    ctx.about(row.public_id, recipients=len(people))
    return newsletter_view(row, recipients=len(people))


@command(
    "newsletters.stop", label=_("Newsletter stopped"), permission="messaging:write", lock=_lock
)
def stop_newsletter(ctx: Context, *, newsletter: str) -> NewsletterView:
    """Send what is left to nobody. Raises ``NotFound``, ``Refused`` (``not_sending``)."""
    row = _the(ctx)
    if row.state != State.SENDING:
        raise Refused("not_sending", _("It is not on its way."), field="newsletter")
    row.deliveries.filter(state=Delivery.State.WAITING).update(
        state=Delivery.State.SKIPPED, why="stopped"
    )
    row.state, row.finished_at = State.STOPPED, ctx.now
    row.save(update_fields=["state", "finished_at"])
    ctx.about(row.public_id)
    return newsletter_view(row)


@command(
    "newsletters.claim",
    label=_("Letters taken out of the queue"),
    permission="messaging:write",
    lock=_lock,
)
def claim_batch(ctx: Context, *, newsletter: str, limit: int) -> tuple[str, ...]:
    """Take the next letters out of the queue, before they are handed to the mail server.

    A letter taken is never taken again: if the worker dies now it counts as failed, not as unsent.
    Whoever left, changed their address or had three today is left out. Answers the letters' ids.
    """
    row = _the(ctx)
    stale = row.deliveries.filter(
        state=Delivery.State.SENDING, claimed_at__lt=ctx.now - selectors.STALE
    )
    stale.update(state=Delivery.State.FAILED, why="interrupted")
    if row.state != State.SENDING:
        return ()
    waiting = row.deliveries.filter(state=Delivery.State.WAITING).order_by("id")
    batch = list(waiting[:limit])
    out = selectors.why_not(batch, topic=row.topic, at=ctx.now)
    for one in batch:
        why = out.get(one.pk, "")
        one.state = Delivery.State.SKIPPED if why else Delivery.State.SENDING
        one.why, one.claimed_at = why, ctx.now
    Delivery.objects.bulk_update(batch, ["state", "why", "claimed_at"])
    left = row.deliveries.filter(state__in=(Delivery.State.WAITING, Delivery.State.SENDING))
    if not batch and not left.exists():
        row.state, row.finished_at = State.SENT, ctx.now
        row.save(update_fields=["state", "finished_at"])
        publish(ctx, "newsletter.sent", subject=row.public_id, data={"newsletter": row.public_id})
    ctx.about(row.public_id, claimed=len(batch))
    return tuple(one.public_id for one in batch if one.pk not in out)


@command(
    "newsletters.note",
    label=_("What became of letters noted"),
    permission="messaging:write",
    lock=_lock,
)
def note_results(
    ctx: Context, *, newsletter: str, sent: Sequence[str], failed: Mapping[str, str]
) -> int:
    """Keep what became of claimed letters; ``failed`` with the reason by id."""
    row = _the(ctx)
    rows = row.deliveries.filter(state=Delivery.State.SENDING)
    done = rows.filter(public_id__in=list(sent)).update(state=Delivery.State.SENT, sent_at=ctx.now)
    for one, why in failed.items():
        rows.filter(public_id=one).update(state=Delivery.State.FAILED, why=why[:60])
    return done


def _fill(row: Newsletter, values: Mapping[str, Any]) -> None:
    faults: list[DomainError] = []
    for name, value in values.items():
        try:
            setattr(row, name, _cleaned(name, value))
        except Several as error:
            faults += error.errors
        except DomainError as error:
            faults.append(error)
    for name in ("subject_vi", "body_vi"):
        if not getattr(row, name) and not any(one.field == name for one in faults):
            faults.append(Invalid("required", _("Write a subject and a text."), field=name))
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise Several(faults)


def _cleaned(name: str, value: Any) -> Any:
    if name in ("subject_vi", "subject_en"):
        return clean_subject(value, field=name)
    if name in ("body_vi", "body_en"):
        return clean_body(value, field=name)
    if name == "topic":
        return clean_topics([value])[0]
    if name == "audience":
        faults = selectors.audience_faults(value)
        if faults:
            raise Several(faults)
        return list(value)
    raise Invalid("unknown_field", _("A newsletter has no such field."), field=name)


def _the(ctx: Context) -> Newsletter:
    if not ctx.locked:
        raise NotFound(
            "newsletter_not_found", _("There is no such newsletter."), field="newsletter"
        )
    return ctx.the_locked(Newsletter, code="newsletter_not_found", field="newsletter")


def _draft(ctx: Context) -> Newsletter:
    row = _the(ctx)
    if row.state != State.DRAFT:
        raise Refused("not_a_draft", _("It is sent already. Write a new one."), field="newsletter")
    return row
