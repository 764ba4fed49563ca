"""Events as staff writes them: drafted, published, moved, cancelled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from community.events import selectors
from community.events.models import Event, Seat
from community.events.results import EventResult
from community.events.rules import EventInput
from community.events.services.keeping import event_to_lock
from loyalty.commands.decorator import Context, command
from loyalty.common.errors import Conflict, Invalid, Outdated, Refused
from loyalty.engine.ports import reward_names
from loyalty.engine.rule_values import complain, condition_faults
from loyalty.outbox.services import publish
from loyalty.web.photos import KeptPhoto
from members.moderation.services import put_picture, show_photos
from members.profiles.rules.names import clean_name, clean_text

_WORDS = ("title_vi", "title_en", "place")
_TEXTS = ("about_vi", "about_en")
_MOVES = ("starts_at", "ends_at", "place")
_NAMED_AT_MOST = 5


@command("events.create_event", label=_("Event drafted"), permission="events:write")
def create_event(
    ctx: Context, *, event: EventInput, picture: KeptPhoto | None = None
) -> EventResult:
    """Draft an event; nobody sees it yet. Raises ``Invalid`` or ``Several`` by field."""
    values = _checked(ctx, event)
    row = Event(programme=ctx.programme, created_at=ctx.now, **values)
    row.save(force_insert=True)
    if picture is not None:
        _put_picture(ctx, row, picture)
    ctx.about(row.public_id, title=row.title_vi or row.title_en)
    return _result(row)


@command(
    "events.edit_event",
    label=_("Event changed"),
    permission="events:write",
    lock=lambda *, event, **_rest: event_to_lock(event),
)
def edit_event(
    ctx: Context,
    *,
    event: str,
    values: EventInput,
    revision: int | None = None,
    picture: KeptPhoto | None = None,
) -> EventResult:
    """Write an event anew. Published, it changes at once: who comes is told of a new time or place.

    What was paid stays paid: a new price is for who answers from now on. Without a ``picture`` the one
    there is stays.

    Raises ``NotFound``, ``Outdated``, ``Invalid``, ``Refused`` (``event_cancelled``, ``event_over``,
    ``capacity_below_taken`` with the people who came last).
    """
    row = _the_event(ctx, event)
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    if row.state == Event.State.CANCELLED:
        raise Refused("event_cancelled", _("This event was cancelled."), field="event")
    if row.state == Event.State.LIVE and row.ends_at <= ctx.now:
        raise Refused("event_over", _("This event is over."), field="event")
    new = _checked(ctx, values, before=row)
    if values.capacity is not None and values.capacity < row.taken:
        raise _too_few(row, values.capacity)
    before = {name: getattr(row, name) for name in _MOVES}
    for name, value in new.items():
        setattr(row, name, value)
    is_moved = row.state == Event.State.LIVE and any(
        getattr(row, name) != value for name, value in before.items()
    )
    row.moves += int(is_moved)
    row.revision += 1
    row.save()
    if picture is not None:
        _put_picture(ctx, row, picture)
    if is_moved:
        _tell_of_move(ctx, row, before)
    if row.state == Event.State.LIVE:
        publish(ctx, "event.changed", subject=row.public_id, data=_told(row))
        ctx.rules_changed()
    ctx.about(row.public_id, title=row.title_vi or row.title_en, moved=is_moved)
    return _result(row)


@command(
    "events.publish_event",
    label=_("Event published"),
    permission="events:write",
    lock=lambda *, event: event_to_lock(event),
)
def publish_event(ctx: Context, *, event: str) -> EventResult:
    """Show a drafted event to members. Raises ``NotFound``, ``Invalid``, ``Refused`` (``not_a_draft``)."""
    row = _the_event(ctx, event)
    if row.state != Event.State.DRAFT:
        raise Refused("not_a_draft", _("Only drafts can be published."), field="event")
    complain(input_of(row).problems(now=ctx.now))
    complain(condition_faults(row.audience, field="audience"))
    row.state, row.published_at = Event.State.LIVE, ctx.now
    row.revision += 1
    row.save()
    show_photos(row.public_id, shown=True)
    publish(ctx, "event.published", subject=row.public_id, data=_told(row))
    ctx.rules_changed()
    ctx.about(row.public_id, title=row.title_vi or row.title_en)
    return _result(row)


@command(
    "events.cancel_event",
    label=_("Event cancelled"),
    permission="events:write",
    lock=lambda *, event, **_rest: event_to_lock(event),
)
def cancel_event(ctx: Context, *, event: str, reason: str = "") -> EventResult:
    """Call an event off: everybody is told, points and vouchers come back, tickets are void.

    Raises ``NotFound``, ``Conflict`` (``event_cancelled``), ``Refused`` (``event_over``).
    """
    row = _the_event(ctx, event)
    if row.state == Event.State.CANCELLED:
        raise Conflict("event_cancelled", _("This event was cancelled."), field="event")
    if row.state == Event.State.LIVE and row.ends_at <= ctx.now:
        raise Refused("event_over", _("This event is over."), field="event")
    row.cancel_reason = clean_name(reason, field="reason", longest=300)
    row.state, row.cancelled_at = Event.State.CANCELLED, ctx.now
    row.revision += 1
    row.save()
    publish(ctx, "event.cancelled", subject=row.public_id, data=_told(row))
    ctx.rules_changed()
    ctx.about(row.public_id, title=row.title_vi or row.title_en, reason=row.cancel_reason)
    return _result(row)


@command(
    "events.set_picture",
    label=_("Picture of an event set"),
    permission="events:write",
    lock=lambda *, event, **_rest: event_to_lock(event),
)
def set_picture(ctx: Context, *, event: str, picture: KeptPhoto | None) -> EventResult:
    """Give an event a picture instead of the one it has; ``None`` takes it away. Raises ``NotFound``."""
    row = _the_event(ctx, event)
    _put_picture(ctx, row, picture)
    ctx.about(row.public_id, has_picture=picture is not None)
    return _result(row)


def input_of(row: Event) -> EventInput:
    """An event as it would be written anew."""
    names = EventInput.__dataclass_fields__
    return EventInput(
        **{name: getattr(row, name) for name in names if name != "audience"},
        audience=tuple(row.audience),
    )


def _checked(ctx: Context, event: EventInput, *, before: Event | None = None) -> dict[str, Any]:
    clean: dict[str, Any] = {name: clean_name(getattr(event, name), field=name) for name in _WORDS}
    clean |= {name: clean_text(getattr(event, name), field=name) for name in _TEXTS}
    for name in ("title_vi", "title_en"):
        clean_name(clean[name], field=name, longest=120)
    event = replace(event, **clean, link=event.link.strip())
    starts = before.starts_at if before else None
    complain(event.problems(now=ctx.now, starts_before=starts))
    complain(condition_faults(event.audience, field="audience"))
    known = before.reward if before else ""
    if event.reward and event.reward != known and not reward_names([event.reward]):
        raise Invalid("unknown_reward", _("There is no such reward."), field="reward")
    values = {name: getattr(event, name) for name in EventInput.__dataclass_fields__}
    return values | {"audience": [dict(one) for one in event.audience]}


def _put_picture(ctx: Context, row: Event, picture: KeptPhoto | None) -> None:
    shown = row.state != Event.State.DRAFT
    put_picture(ctx, kind="event", subject=row.public_id, picture=picture, shown=shown)


def _the_event(ctx: Context, event: str) -> Event:
    if not ctx.locked:
        return selectors.access_event(event)
    row: Event = ctx.locked[0]
    return row


def _too_few(row: Event, capacity: int) -> Refused:
    last = selectors.guests(row).filter(state__in=selectors.HAS_PLACE).order_by("-answered_at")
    named, over = [], row.taken - capacity
    for seat in last[:200]:
        if over <= 0:
            break
        named.append(seat)
        over -= seat.party
    names = [selectors.owner_of(seat).name or seat.public_id for seat in named[:_NAMED_AT_MOST]]
    text = _(
        "%(taken)s people have a place already. Nobody is thrown out: take back places first. "
        "The last to answer: %(names)s."
    )
    return Refused(
        "capacity_below_taken",
        text % {"taken": row.taken, "names": ", ".join(names)},
        field="capacity",
        params={"taken": row.taken, "seats": [seat.public_id for seat in named]},
    )


def _tell_of_move(ctx: Context, row: Event, before: dict[str, Any]) -> None:
    was = {f"was_{name}": _plain(value) for name, value in before.items()}
    publish(ctx, "event.moved", subject=row.public_id, data={**_told(row), **was})
    standing = Seat.objects.filter(event=row, state__in=selectors.STANDS)
    owners = standing.annotate(
        owner=F("member__public_id"), kept=F("member__merged_into__public_id")
    )
    for seat, owner, kept in owners.values_list("public_id", "owner", "kept"):
        data = {"event": row.public_id, "seat": seat, "member": kept or owner}
        publish(ctx, "seat.event_moved", subject=kept or owner, data={**data, **was})


def _told(row: Event) -> dict[str, Any]:
    return {
        "event": row.public_id,
        "state": str(row.state),
        "title_vi": row.title_vi,
        "title_en": row.title_en,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else value.isoformat()


def _result(row: Event) -> EventResult:
    return EventResult(
        event=row.public_id,
        state=str(row.state),
        revision=row.revision,
        taken=row.taken,
        waiting=row.waiting,
    )
