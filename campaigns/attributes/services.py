"""What is written about attributes: their declarations, and what is known of a member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from campaigns.attributes import selectors
from campaigns.attributes.models import Attribute
from campaigns.attributes.rules import (
    MAX_ATTRIBUTES,
    STATUS,
    AttributeTerms,
    definition_problems,
    kept,
    value_problems,
)
from loyalty.commands.decorator import Call, Context, Lock, command
from loyalty.common.errors import Conflict, DomainError, Invalid, Outdated, Refused, Several
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.status import Status
from loyalty.outbox.services import publish
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock


@dataclass(frozen=True, kw_only=True)
class AttributeView:
    """A declared attribute. Rules ask for it by ``fact``."""

    id: str
    code: str
    fact: str
    kind: str
    name_vi: str
    name_en: str
    options: tuple[str, ...]
    is_told: bool
    is_retired: bool
    revision: int


@dataclass(frozen=True, kw_only=True)
class AttributeValues:
    """What is known of a member, by code of the attribute."""

    member: str
    values: dict[str, Any]
    changed_at: datetime | None


def view_of(row: Attribute) -> AttributeView:
    """An attribute as a value."""
    return AttributeView(
        id=row.public_id,
        code=row.code,
        fact=selectors.terms_of(row).fact,
        kind=str(row.kind),
        name_vi=row.name_vi,
        name_en=row.name_en,
        options=tuple(row.options),
        is_told=row.is_told,
        is_retired=row.is_retired,
        revision=row.revision,
    )


def _code_taken(call: Call, error: IntegrityError, **_rest: Any) -> AttributeView:
    raise Conflict(
        "code_taken", _("There is an attribute of this code already."), field="code"
    ) from error


@command(
    "attributes.declare",
    label=_("Attribute declared"),
    permission="attributes:write",
    recover=_code_taken,
)
def declare(
    ctx: Context,
    *,
    code: str,
    kind: str,
    name_vi: str = "",
    name_en: str = "",
    options: tuple[str, ...] = (),
    is_told: bool = False,
) -> AttributeView:
    """Declare something that may be known of members; rules ask for ``attribute.<code>``.

    Raises ``Invalid`` by field, ``Conflict`` (``code_taken``), ``Refused`` (``too_many``).
    """
    _complain(definition_problems(code=code, kind=kind, names=(name_vi, name_en), options=options))
    if Attribute.objects.count() >= MAX_ATTRIBUTES:
        raise Refused(
            "too_many", _("At most %(n)s attributes.") % {"n": MAX_ATTRIBUTES}, field="code"
        )
    row = Attribute.objects.create(
        programme=ctx.programme,
        code=code,
        kind=kind,
        name_vi=name_vi or name_en,
        name_en=name_en,
        options=list(options),
        is_told=is_told,
        created_at=ctx.now,
    )
    ctx.rules_changed()
    ctx.about(row.public_id, code=code)
    return view_of(row)


@command(
    "attributes.provide",
    label=_("Attribute provided"),
    permission="attributes:write",
    recover=_code_taken,
)
def provide(
    ctx: Context,
    *,
    code: str,
    kind: str,
    name_vi: str,
    name_en: str,
    options: tuple[str, ...] = (),
    is_told: bool = False,
) -> AttributeView:
    """The attribute of this code, declared now where there was none. Raises ``Invalid``."""
    row = Attribute.objects.filter(code=code).first()
    if row is not None:
        return view_of(row)
    return declare.within(
        ctx,
        code=code,
        kind=kind,
        name_vi=name_vi,
        name_en=name_en,
        options=options,
        is_told=is_told,
    )


@command(
    "attributes.rename",
    label=_("Attribute changed"),
    permission="attributes:write",
    lock=lambda *, attribute, **_rest: Lock(rows=Attribute.objects.filter(public_id=attribute)),
)
def change(
    ctx: Context,
    *,
    attribute: str,
    revision: int | None = None,
    name_vi: str | None = None,
    name_en: str | None = None,
    options: tuple[str, ...] | None = None,
    is_told: bool | None = None,
    is_retired: bool | None = None,
) -> AttributeView:
    """Change how it is called and which texts it can be; code and kind never change.

    Put away (``is_retired``) nobody sets it any more; what is known stays, for the rules that ask.

    Raises ``NotFound``, ``Invalid`` by field, ``Outdated``.
    """
    row = ctx.the_locked(Attribute, code="attribute_not_found", field="attribute")
    if revision is not None and revision != row.revision:
        raise Outdated("changed_meanwhile", _("It was changed meanwhile. Read it again."))
    given = {
        "name_vi": name_vi,
        "name_en": name_en,
        "is_told": is_told,
        "is_retired": is_retired,
    }
    for name, value in given.items():
        if value is not None:
            setattr(row, name, value)
    if options is not None:
        row.options = list(options)
    names = (row.name_vi, row.name_en)
    problems = definition_problems(
        code=row.code, kind=str(row.kind), names=names, options=tuple(row.options)
    )
    _complain(problems)
    row.revision += 1
    row.save()
    ctx.rules_changed()
    ctx.about(row.public_id, code=row.code)
    return view_of(row)


@command(
    "attributes.set_values",
    label=_("Attributes of a member set"),
    permission=("attributes:write", "member_attributes:write"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def set_values(ctx: Context, *, member: str, values: Mapping[str, Any]) -> AttributeValues:
    """Say what is known of a member; what is left out stays, ``null`` forgets.

    Raises ``NotFound``, ``Invalid`` (``unknown_attribute``, ``wrong_type``) by ``values.<code>``,
    ``Refused`` (member not active).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state in (Member.State.MERGED, Member.State.ERASED):
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    if not values:
        raise Invalid("required", _("Give at least one value."), field="values")
    known = {one.code: one for one in _declared()}
    _complain(value_problems(values, known))
    world = DatabaseWorld.within(ctx, row)
    status = world.status(STATUS)
    before = dict(status.data) if status else {}
    after = kept(before, values)
    if after != before:
        world.set_status(STATUS, Status(value="known", since=ctx.now, data=after))
        world.write(ctx)
        changed = sorted({*values} & {c for c in values if before.get(c) != after.get(c)})
        told = {"member": row.public_id, "changed": changed}
        publish(ctx, "member.attributes_changed", subject=row.public_id, data=told)
        ctx.about(row.public_id, changed=changed)
    return AttributeValues(member=row.public_id, values=after, changed_at=ctx.now)


def _declared() -> list[AttributeTerms]:
    return [selectors.terms_of(row) for row in selectors.attributes(in_use=True)]


def _complain(problems: list[DomainError]) -> None:
    if problems:
        raise problems[0] if len(problems) == 1 else Several(problems)
