"""A member list from an older scheme: people enrol, their balances come along as opening balances.

Every person goes through the same doors as at the till: ``enrol_member``, then one activity for the
points and one per punch card, whose keys make them count once. Consents are not imported: what
people agreed to elsewhere was said elsewhere. A second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import end_of_day, now, start_of_day
from loyalty.common.errors import DomainError, Invalid
from loyalty.common.public_ids import new_id
from loyalty.engine.models import Activity
from loyalty.engine.selectors import live_cards
from loyalty.engine.services import record_activity
from loyalty.sales.imports.member_rows import (
    MemberParser,
    MemberRow,
    MembersMapping,
    members_mapping,
    members_mapping_data,
    settle_styles,
)
from loyalty.sales.imports.outcomes import Tally
from loyalty.sales.imports.problems import FileProblem
from loyalty.sales.imports.reader import BadRow, Row, Source, iterate_rows, open_source
from loyalty.sales.imports.runs import finish_import, remembered_mapping, start_import
from loyalty.sales.imports.sales_run import KEPT_DETAILS, SAMPLE_ROWS, Progress
from loyalty.sales.imports.values import ValueProblem, detect_date_order, detect_decimal_mark
from loyalty.sales.models import ImportRun
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.rules.cards import card_number
from members.profiles.selectors import identifier_owner
from members.profiles.services import NewMember, enrol_member
from members.profiles.services.enrolment import identifiers

OPENING = "member.opening"
STAMPS_GIVEN = "stamps.given"
_BAD = {"phone": "bad_phone", "email": "bad_email", "birthday": "bad_birthday", "name": "bad_name"}


@dataclass(frozen=True)
class _Opening:
    """One balance brought along: an activity that counts once."""

    type: str
    key: str
    data: dict[str, Any]


@dataclass
class _Work:
    actor: Actor
    run: ImportRun
    cards: Mapping[str, str]
    dry_run: bool
    tally: Tally = field(default_factory=Tally)
    details: list[dict[str, Any]] = field(default_factory=list)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)
    totals: dict[str, int] = field(
        default_factory=lambda: {"members": 0, "balances": 0, "points": 0, "stamps": 0}
    )

    def judge(self, row: int, reason: str, **detail: Any) -> None:
        self.tally.judge(row, reason)
        if detail and len(self.details) < KEPT_DETAILS:
            self.details.append({"row": row, "reason": reason, **detail})


def import_members(
    *,
    actor: Actor,
    path: Path,
    mapping: MembersMapping | None = None,
    file_name: str = "",
    dry_run: bool = False,
    progress: Progress = lambda _phase, _done, _total: None,
    run: ImportRun | None = None,
) -> ImportRun:
    """Import a member list; answers the finished run, which holds the report.

    Args:
        run: the run of an uploaded file; by default one is begun, or taken up.

    Raises ``FileProblem`` where the file as a whole cannot be read, and ``Forbidden``.
    """
    actor.require("imports:write")
    source = open_source(path)
    with in_programme(actor.programme):
        if mapping is None:
            known = remembered_mapping(ImportRun.Kind.MEMBERS, source.header)
            mapping = members_mapping(source.header, known)
        mapping = _settled(source, mapping)
        run = run or start_import(
            actor,
            kind=ImportRun.Kind.MEMBERS,
            file_name=file_name or path.name,
            digest=source.digest,
            header=source.header,
            mapping=members_mapping_data(mapping),
            preset="",
            dry_run=dry_run,
        )
        work = _Work(actor=actor, run=run, cards=_cards(mapping), dry_run=dry_run)
        parser = MemberParser(header=source.header, mapping=mapping)
        for count, row in enumerate(iterate_rows(source), start=1):
            work.tally.read(row.number)
            _one_row(work, parser, row)
            if count % 20 == 0:
                progress("recording", count, max(source.lines - 1, 1))
        return finish_import(
            actor, run=run, tally=work.tally, details=work.details, totals=work.totals
        )


def _settled(source: Source, mapping: MembersMapping) -> MembersMapping:
    rows = (row for row in iterate_rows(source) if isinstance(row, Row))
    sample = list(islice(rows, SAMPLE_ROWS))
    header = source.header

    def texts(names: list[str]) -> list[str]:
        indexes = [header.index(name) for name in names]
        return [row.values[index] for row in sample for index in indexes]

    columns = mapping.columns
    amounts = [columns[name] for name in ("points",) if name in columns] + list(mapping.stamps)
    days = [columns[name] for name in ("birthday_on", "joined_on") if name in columns]
    return settle_styles(
        mapping,
        decimal_mark=detect_decimal_mark(texts(amounts), exponent=0),
        date_order=detect_date_order(texts(days)),
    )


def _cards(mapping: MembersMapping) -> dict[str, str]:
    """The punch card (by its id) each column of stamps means. Raises FileProblem."""
    known = live_cards() if mapping.stamps else {}
    found: dict[str, str] = {}
    for card in mapping.stamps.values():
        fitting = [
            family
            for family, name in known.items()
            if not card or name.casefold() == card.casefold()
        ]
        if len(fitting) != 1:
            raise FileProblem(
                code="card_unknown",
                message=_("Which punch card is “%(card)s”? The programme has: %(known)s.")
                % {"card": card or _("stamps"), "known": ", ".join(known.values()) or "-"},
            )
        found[card] = fitting[0]
    return found


def _one_row(work: _Work, parser: MemberParser, row: Row | BadRow) -> None:
    if isinstance(row, BadRow):
        work.judge(row.number, row.reason)
        return
    try:
        person = parser.parse(row)
        new = _new_member(work, person)
        known_by = identifiers(new, programme=work.actor.programme)
    except ValueProblem as problem:
        work.judge(row.number, problem.reason, field=problem.field)
        return
    except DomainError as error:
        work.judge(row.number, _BAD.get(error.field, "not_accepted"), message=str(error.message))
        return
    earlier = [work.seen[one] for one in known_by if one in work.seen]
    if earlier:
        work.judge(row.number, "person_repeated", first=min(earlier))
        return
    work.seen.update(dict.fromkeys(known_by, row.number))
    if person.member and Member.objects.filter(public_id=person.member).exists():
        # Our own list came back: what is in it is in the ledger already, and must not come twice.
        work.judge(row.number, "already_member")
        return
    owners = {
        owner.pk: owner
        for kind, value in known_by
        if (owner := identifier_owner(kind, value)) is not None
    }
    if len(owners) > 1:
        work.judge(row.number, "two_members")
        return
    try:
        # A row comes in whole or not at all; a dry run does everything and rolls back.
        with transaction.atomic():
            reason, brought = _bring_in(work, person, new, next(iter(owners.values()), None))
            transaction.set_rollback(work.dry_run)
    except DomainError as error:
        work.judge(
            row.number,
            _BAD.get(error.field, "not_accepted"),
            field=error.field,
            message=str(error.message),
        )
        return
    work.judge(row.number, reason)
    work.totals["members"] += reason == "new_member"
    for opening in brought:
        work.totals["balances"] += 1
        work.totals["points"] += opening.data.get("points", 0)
        work.totals["stamps"] += opening.data.get("stamps", 0)


def _new_member(work: _Work, person: MemberRow) -> NewMember:
    """As ``enrol_member`` wants it. A card number that is not one of ours is an outside id."""
    zone = work.actor.programme.timezone
    joined_at = start_of_day(person.joined_on, zone) if person.joined_on else None
    if joined_at is not None and joined_at > now():
        raise ValueProblem("date_in_future", field="joined_on")
    ours = card_number(person.card_number) or ""
    foreign = "" if ours else person.card_number
    if foreign and person.external and foreign != person.external:
        raise ValueProblem("two_outside_ids", field="card_number")
    return NewMember(
        name=person.name,
        phone=person.phone,
        email=person.email,
        card=ours,
        external=person.external or foreign or person.member,
        birthday=person.birthday_on,
        language=person.language if person.language in ("vi", "en") else "",
        channel="import",
        joined_at=joined_at,
    )


def _bring_in(
    work: _Work, person: MemberRow, new: NewMember, owner: Member | None
) -> tuple[str, list[_Opening]]:
    """Enrol who is new, then add the balances that were not added before."""
    if owner is None:
        member = enrol_member(Call(work.actor, new_id("key")), person=new).member
    else:
        while owner.merged_into_id:
            owner = Member.objects.get(pk=owner.merged_into_id)
        member = owner.public_id
    added = [
        opening
        for opening in _openings(work, person, member)
        if owner is None or not _is_there(opening)
    ]
    for opening in added:
        _record(work, member, opening)
    if owner is None:
        return "new_member", added
    return ("balance_added" if added else "already_member"), added


def _openings(work: _Work, person: MemberRow, member: str) -> list[_Opening]:
    openings = []
    if person.points:
        data: dict[str, Any] = {"points": person.points}
        if person.points_expire_on:
            ends = end_of_day(person.points_expire_on, work.actor.programme.timezone)
            data["expires_at"] = ends.isoformat()
        openings.append(_Opening(OPENING, member, data))
    for card, stamps in person.stamps:
        family = work.cards[card]
        text = _("Brought along from before")
        openings.append(
            _Opening(
                STAMPS_GIVEN,
                f"opening:{member}:{family}",
                {"card": family, "stamps": stamps, "text": text},
            )
        )
    return openings


def _is_there(opening: _Opening) -> bool:
    """Was this balance brought along before? Another amount under the same name is refused."""
    earlier = Activity.objects.filter(type=opening.type, key=opening.key).first()
    if earlier is None:
        return False
    amounts = ("points", "stamps")
    if any(earlier.data.get(name) != opening.data.get(name) for name in amounts):
        raise Invalid(
            "opening_balance_differs",
            _("Another balance was brought along for this member before."),
            field="points",
        )
    return True


def _record(work: _Work, member: str, opening: _Opening) -> None:
    """Raises ``Invalid`` where no rule of the programme takes the balance (a card not live)."""
    answer = record_activity(
        Call(work.actor, new_id("key")),
        member=member,
        type=opening.type,
        key=opening.key,
        data=opening.data,
    )
    if not answer.effects:
        raise Invalid(
            "balance_not_taken",
            _("No live rule of the programme takes this balance: is the punch card live?"),
            field="stamps" if opening.type == STAMPS_GIVEN else "points",
        )
