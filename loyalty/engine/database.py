"""The live world: facts, counters and vouchers from the database, written in few statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context
from loyalty.common.errors import Conflict
from loyalty.engine.activity import PURCHASE
from loyalty.engine.agreement import agree, moves_of
from loyalty.engine.effects import EFFECTS, Applied, Undone
from loyalty.engine.models import Activity, AppliedEffect, RuleBudget
from loyalty.engine.ports import bought_by, live_grants
from loyalty.engine.status import Status
from loyalty.engine.statuses import load_statuses, write_statuses
from loyalty.engine.usage import usage_of
from loyalty.engine.world import Bought, MemberView, Terms, Usage, World
from loyalty.ledger.states import EntryState
from loyalty.ledger.store import StoredBook, open_book, stored_entries
from loyalty.ledger.writing import write_books
from loyalty.outbox.services import publish
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.models import Programme
from members.profiles.models import Member

_EFFECTS = Insert(
    AppliedEffect,
    "activity_id member_id kind mechanic rule rule_name asset amount undone reason details basis "
    "memo entry_id happened_at",
)


def terms_of(programme: Programme) -> Terms:
    """The policies of a programme, as plain values."""
    return Terms(
        programme_id=programme.pk,
        currency=programme.currency,
        timezone=programme.timezone,
        language=programme.language,
        refund_policy=programme.refund_policy,
        spent_points_policy=programme.spent_points_policy,
        partial_refund_policy=programme.partial_refund_policy,
        multiplier_stacking=programme.multiplier_stacking,
        earn_on_tax=programme.earn_on_tax,
        rules_version=programme.rules_version,
    )


def member_view(member: Member) -> MemberView:
    """What rules may know of a member."""
    return MemberView(
        public_id=member.public_id,
        joined_at=member.joined_at,
        birthday=member.birthday,
        gender=member.gender,
        language=member.language,
        tags=tuple(member.tags),
        state=member.state,
        timezone=member.timezone,
    )


class DatabaseWorld(World):
    """The world of one locked member inside one command."""

    def __init__(
        self,
        *,
        programme: Programme,
        member: Member,
        now: datetime,
        stored: StoredBook | None = None,
        merchant_id: int | None = None,
        location_id: int | None = None,
        command_id: int | None = None,
        cards: Sequence[Member] = (),
    ) -> None:
        self.programme = programme
        self.member_row = member
        # Whose statuses these are: of a merged card, the one it was merged into (see ``cards``).
        self.stands_as = cards[-1] if cards else member
        self.stored = stored or open_book(holder_id=member.holder_id, now=now)
        self.stored.member_id = member.pk
        self.stored.merchant_id, self.stored.location_id = merchant_id, location_id
        self.stored.command_id = command_id
        self.row: Activity | None = None
        self._noted: list[tuple[Activity | None, datetime, Applied]] = []
        self._known: dict[int, Applied] = {}
        self._counted: dict[tuple[str, datetime | None], int] = {}
        super().__init__(
            terms=terms_of(programme),
            member=member_view(self.stands_as),
            book=self.stored.book,
            grants=live_grants(member=member, merchant_id=merchant_id, now=now),
            now=now,
        )
        if cards:
            self.cards = frozenset(card.public_id for card in cards)

    @classmethod
    def within(
        cls,
        ctx: Context,
        member: Member,
        *,
        location_id: int | None = None,
        merchant_id: int | None = None,
        cards: Sequence[Member] = (),
    ) -> DatabaseWorld:
        """The world of the member a command has locked, where the actor works unless told.

        Args:
            cards: the member and the cards it was merged into, as far as they stand as one by now.
        """
        return cls(
            programme=ctx.programme,
            member=member,
            now=ctx.now,
            merchant_id=merchant_id or ctx.actor.merchant_id,
            location_id=location_id or ctx.actor.location_id,
            command_id=ctx.command.pk,
            cards=cards,
        )

    def about(self, cause: str, happened_at: datetime) -> None:
        super().about(cause, happened_at)
        self._counted = {}

    def load_bought(self) -> Mapping[int, Bought]:
        return bought_by([self.member_row.pk], at=self.happened_at)[self.member_row.pk]

    def know(
        self, *, statuses: dict[str, Status], bought: Mapping[int, Bought], purchases: int
    ) -> None:
        """Take in what was loaded for many members at once."""
        self.know_statuses(statuses)
        self._bought = bought
        self._counted[PURCHASE, None] = purchases

    def load_statuses(self) -> dict[str, Status]:
        return load_statuses([self.stands_as.pk])[self.stands_as.pk]

    def know_statuses(self, statuses: dict[str, Status]) -> None:
        """Take in what was loaded for several members at once."""
        if self._statuses is None:
            self._statuses = statuses

    def take_changed_statuses(self) -> dict[str, Status]:
        """The statuses that changed since this was last asked."""
        changed, self._changed_statuses = self._changed_statuses, set()
        return {name: (self._statuses or {})[name] for name in sorted(changed)}

    def used(self, *rules: str, since: datetime | None) -> Usage:
        fresh = ((at, one) for _row, at, one in self._noted)
        return self._usage(rules, since, fresh, member=self.member_row.pk)

    def used_by_all(self, *rules: str, since: datetime | None) -> Usage:
        return self._usage(rules, since, self.unwritten())

    def budget_left(self, rule: str) -> int | None:
        row = RuleBudget.objects.filter(rule=rule).first()
        if row is None:
            return None
        fresh = (one for _at, one in self.unwritten() if one.rule == rule)
        return row.maximum - row.spent - sum(o.amount for o in fresh if o.details.get("budgeted"))

    def unwritten(self) -> Iterable[tuple[datetime, Applied]]:
        """What was applied by now and has no row yet, of all members of this command."""
        return ((at, one) for _row, at, one in self._noted)

    def _usage(
        self,
        rules: tuple[str, ...],
        since: datetime | None,
        fresh: Iterable[tuple[datetime, Applied]],
        **member: int,
    ) -> Usage:
        when = {} if since is None else {"since": since}
        named = {f"rule_{number}": rule for number, rule in enumerate(rules)}
        count, amount = usage_of(len(rules), *when, *member)(**named, **when, **member)
        waiting = [
            one
            for at, one in fresh
            if one.rule in rules and EFFECTS[one.kind].counts and (since is None or at >= since)
        ]
        return Usage(
            count + len(waiting),
            amount + sum(one.amount - one.undone for one in waiting),
        )

    def activities(self, type: str, *, since: datetime | None) -> int:
        if (type, since) not in self._counted:
            self._counted[type, since] = self._count(type, since)
        return self._counted[type, since]

    def _count(self, type: str, since: datetime | None) -> int:
        rows = Activity.objects.filter(member=self.member_row, type=type)
        if self.row is not None and self.row.pk:
            rows = rows.exclude(pk=self.row.pk)
        if since is not None:
            rows = rows.filter(happened_at__gte=since)
        return rows.count()

    def note(self, applied: Applied, *, at: datetime) -> None:
        self._noted.append((self.row, at, applied))

    def standing(self, *, kind: str, asset: str) -> list[Applied]:
        fresh = [one for _row, _at, one in reversed(self._noted)]
        rows = AppliedEffect.objects.filter(
            member__holder=self.member_row.holder_id, kind=kind, asset=asset, undone__lt=F("amount")
        )
        return [
            one
            for one in fresh + self.records(rows.order_by("-id"))
            if (one.kind, one.asset) == (kind, asset) and one.undone < one.amount
        ]

    def granted(self, voucher: str) -> Applied | None:
        rows = AppliedEffect.objects.filter(
            member__holder=self.member_row.holder_id, memo__voucher=voucher
        )
        return next(iter(self.records(rows.order_by("id")[:1])), None)

    def records(self, rows: Iterable[AppliedEffect]) -> list[Applied]:
        """Stored effects with their entries, the same object each time. Two queries."""
        rows = list(rows)
        new = [row for row in rows if row.pk not in self._known]
        entries = stored_entries(self.stored, [row.entry_id for row in new if row.entry_id])
        for row in new:
            entry = entries[row.entry_id] if row.entry_id else None
            self._known[row.pk] = applied_of(row, entry)
        return [self._known[row.pk] for row in rows]

    def write(self, ctx: Context) -> None:
        """Write the book, vouchers and effects of this world, and tell what moved."""
        write_worlds([self], programme=ctx.programme, recorded_at=ctx.now)
        publish_moves(ctx, self)
        news, self.news = [*self.grants.take_news(), *self.news], []
        for event, data in news:
            told = {"member": self.member.public_id, **data}
            publish(ctx, event, subject=self.member.public_id, data=told)


def write_worlds(
    worlds: Iterable[DatabaseWorld], *, programme: Programme, recorded_at: datetime
) -> None:
    """Write several worlds in few statements; budgets come last, each one conditional update."""
    worlds = list(worlds)
    moving = moves_of(worlds, programme, recorded_at)
    write_books((world.stored for world in worlds), recorded_at=recorded_at)
    for world in worlds:
        flush = getattr(world.grants, "flush", None)
        if flush is not None:
            flush()
    noted = [
        (world, activity, at, applied) for world in worlds for activity, at, applied in world._noted
    ]
    keys = _EFFECTS([_effect_row(*one) for one in noted])
    for (*_rest, applied), key in zip(noted, keys, strict=True):
        applied.id = key
    _spend_budgets(applied for *_rest, applied in noted)
    changed = [(world.stands_as, world.take_changed_statuses()) for world in worlds]
    write_statuses(changed, at=recorded_at)
    for world in worlds:
        world._noted = []
    agree(programme, moving)


def _effect_row(
    world: DatabaseWorld, activity: Activity | None, at: datetime, applied: Applied
) -> tuple[Any, ...]:
    assert activity is not None, "An effect has an activity."
    return (
        activity.pk,
        world.member_row.pk,
        applied.kind,
        applied.mechanic,
        applied.rule,
        applied.rule_name,
        applied.asset,
        applied.amount,
        applied.undone,
        applied.reason,
        dict(applied.details),
        applied.basis,
        applied.memo,
        applied.entry.id if applied.entry else None,
        at,
    )


def applied_of(row: AppliedEffect, entry: EntryState | None) -> Applied:
    """A stored effect as the record it was written from."""
    return Applied(
        row.kind,
        row.mechanic,
        row.rule,
        row.rule_name,
        row.amount,
        row.asset,
        row.reason,
        row.details,
        tuple((line, weight) for line, weight in row.basis),
        row.memo,
        entry,
        row.undone,
        row.pk,
    )


def _spend_budgets(applied: Iterable[Applied]) -> None:
    spent: dict[str, int] = {}
    for one in applied:
        if one.details.get("budgeted"):
            spent[one.rule] = spent.get(one.rule, 0) + one.amount
    for rule, amount in sorted(spent.items()):
        if not spend_from_budget(rule, amount):
            raise Conflict(
                "budget_exhausted",
                _("The budget of a rule ran out while this was recorded. Please try again."),
            )


def spend_from_budget(rule: str, amount: int) -> bool:
    """Take from a rule's budget by one conditional update; ``False``: so much is not left.

    For rules whose budget no effect spends, such as places in a plan. Ask only where there is one.
    """
    rows = RuleBudget.objects.filter(rule=rule, spent__lte=F("maximum") - amount)
    return bool(rows.update(spent=F("spent") + amount))


def save_undone(undone: Iterable[Undone]) -> None:
    """Keep how much of applied effects is undone by now; what a budget gave goes back into it."""
    undone = list(undone)
    AppliedEffect.objects.bulk_update(
        [AppliedEffect(pk=one.applied.id, undone=one.applied.undone) for one in undone],
        ["undone"],
    )
    given: dict[str, int] = {}
    for one in undone:
        if one.applied.details.get("budgeted"):
            given[one.applied.rule] = given.get(one.applied.rule, 0) + one.amount
    for rule, amount in sorted(given.items()):
        return_to_budget(rule, amount)


def return_to_budget(rule: str, amount: int) -> None:
    """Into the budget it came from, and into those that took over what it had spent."""
    while rule:
        rows = RuleBudget.objects.filter(rule=rule)
        rows.update(spent=Greatest(F("spent") - amount, Value(0)))
        rule = rows.values_list("carried_to", flat=True).first() or ""


def publish_moves(ctx: Context, world: DatabaseWorld) -> None:
    """One ``balance.changed`` event with everything that moved in this command, and one
    ``balance.available`` with what became available by itself.
    """
    _publish_ripened(ctx, world)
    moves: list[dict[str, Any]] = []
    for row in world.stored.written:
        moves.append({"transaction": row.public_id, "kind": row.kind, "cause": row.cause})
    if not moves:
        return
    balances = {
        account.asset: {"balance": account.balance, "available": account.available}
        for account in world.book.accounts.values()
    }
    publish(
        ctx,
        "balance.changed",
        subject=world.member.public_id,
        data={
            "member": world.member.public_id,
            "transactions": moves,
            "balances": balances,
        },
    )
    world.stored.written = []


def _publish_ripened(ctx: Context, world: DatabaseWorld) -> None:
    ripened = [
        {"asset": one.asset, "amount": one.amount, "at": one.at.isoformat()}
        for one in world.book.ripened
        if one.amount
    ]
    world.book.ripened = []
    if ripened:
        data = {"member": world.member.public_id, "lots": ripened}
        publish(ctx, "balance.available", subject=world.member.public_id, data=data)
