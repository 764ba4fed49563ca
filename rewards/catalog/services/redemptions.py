"""Points become a voucher: at once, or reserved first and then captured or released.

Reserving takes the points, so that nobody spends them twice; releasing gives them back to the very
lots they came from. Stock is one conditional UPDATE, done last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, Lock, command
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.common.public_ids import new_id
from loyalty.engine.database import DatabaseWorld
from loyalty.engine.facts import Facts
from loyalty.ledger.selectors import Balance
from loyalty.ledger.states import EntryState
from loyalty.ledger.store import stored_entries
from loyalty.outbox.services import publish
from loyalty.tenancy.inserts import Insert
from members.profiles.models import Member
from members.profiles.selectors import member_to_lock
from rewards.catalog import selectors
from rewards.catalog.effects.grants import hand_out_codes
from rewards.catalog.models import Reward, RewardKind, RewardTerms, Voucher
from rewards.catalog.rules import RESERVE_MINUTES, Cost, expires_at, new_code, shown_code

_VOUCHERS = Insert(Voucher)


@dataclass(frozen=True, kw_only=True)
class RedemptionResult:
    """A voucher after a command, and the balances after it. ``cost_amount`` in units of its asset."""

    voucher: str
    code: str
    state: str
    reward: str
    name: str
    kind: str
    member: str
    cost_asset: str
    cost_amount: int
    reserved_until: datetime | None
    expires_at: datetime | None
    external_code: str
    balances: tuple[Balance, ...]


def voucher_to_lock(*, voucher: str = "", code: str = "") -> Lock:
    """The lock of commands about one voucher: its member and their holder."""
    known = Q(vouchers__public_id=voucher) if voucher else Q(vouchers__code=code or "-")
    rows = Member.objects.select_related("holder").filter(known)
    return Lock(rows=rows, of=("self", "holder"))


@command(
    "catalog.redeem_reward",
    label=_("Reward redeemed"),
    permission=("redemptions:write", "self:redeem"),
    lock=lambda *, member, **_rest: member_to_lock(member),
)
def redeem_reward(
    ctx: Context,
    *,
    member: str,
    reward: str,
    asset: str = "",
    reserve: bool = False,
    hand_over: bool = False,
) -> RedemptionResult:
    """Pay for a reward with points (or another asset it costs) and get its voucher.

    Args:
        asset: which of the reward's prices is paid; the first where none is named.
        reserve: hold it for 15 minutes; ``capture_redemption`` makes it usable.
        hand_over: the thing is handed over now: the voucher is used at once.

    Raises ``NotFound`` (member, reward), ``Refused`` (``reward_not_offered``, ``out_of_stock``,
    ``member_limit``, ``reward_reserved``, ``insufficient_balance``, ``member_not_active``).
    """
    row = ctx.the_locked(Member, code="member_not_found", field="member")
    if row.state != Member.State.ACTIVE:
        raise Refused(
            "member_not_active",
            _("This card is not active: %(state)s.") % {"state": row.get_state_display()},
            field="member",
        )
    if hand_over and (reserve or ctx.actor.kind == "member"):
        raise Invalid("bad_hand_over", _("Only the till hands a reward over."), field="hand_over")
    wanted = selectors.access_reward(reward)
    terms = _offered(wanted, row)
    cost = _cost(terms, asset)
    voucher = _voucher(ctx, row, wanted, terms, cost, reserve=reserve, hand_over=hand_over)
    world = DatabaseWorld.within(ctx, row)
    _is_for(terms, world)
    world.about(voucher.public_id, ctx.now)
    entry = world.book.debit(
        world.transaction("redemption"),
        cost.asset,
        cost.amount,
        reason="reward_redeemed",
        details={"reward": terms.name},
        field="reward",
    )
    world.write(ctx)
    voucher.cost_entry_id = entry.id
    _VOUCHERS.keep([voucher])
    if hand_out_codes([voucher]) == 0 and terms.kind == RewardKind.EXTERNAL_CODE:
        raise _out_of_stock()
    _take_one(wanted)
    _tell(ctx, voucher, "reward.reserved" if reserve else "reward.redeemed")
    return redemption_result(voucher, world)


@command(
    "catalog.capture_redemption",
    label=_("Reserved reward handed over"),
    permission=("redemptions:write", "self:redeem"),
    lock=lambda *, voucher: voucher_to_lock(voucher=voucher),
)
def capture_redemption(ctx: Context, *, voucher: str) -> RedemptionResult:
    """Make a reserved voucher usable. Raises ``Refused`` where its time is over."""
    member = ctx.the_locked(Member, code="voucher_not_found", field="voucher")
    row = selectors.access_voucher(public_id=voucher)
    if row.state != Voucher.State.RESERVED or (row.reserved_until or ctx.now) < ctx.now:
        raise _not_reserved(row)
    change(row, to=Voucher.State.ISSUED, reserved_until=None)
    _tell(ctx, row, "reward.captured")
    return redemption_result(row, DatabaseWorld.within(ctx, member))


@command(
    "catalog.release_redemption",
    label=_("Reserved reward given back"),
    permission=("redemptions:write", "self:redeem"),
    lock=lambda *, voucher: voucher_to_lock(voucher=voucher),
)
def release_redemption(ctx: Context, *, voucher: str) -> RedemptionResult:
    """Let a reserved voucher go: the points return to their lots with their dates."""
    member = ctx.the_locked(Member, code="voucher_not_found", field="voucher")
    row = selectors.access_voucher(public_id=voucher)
    if row.state != Voucher.State.RESERVED:
        raise _not_reserved(row)
    world = DatabaseWorld.within(ctx, member)
    cancel(ctx, world, row, reason="redemption_released")
    _tell(ctx, row, "reward.released")
    return redemption_result(row, world)


def cancel(ctx: Context, world: DatabaseWorld, row: Voucher, *, reason: str) -> None:
    """Void a voucher and give back what it cost, to the original lots with their dates."""
    if row.cost_entry_id is not None:
        world.about(row.public_id, ctx.now)
        entry: EntryState = stored_entries(world.stored, [row.cost_entry_id])[row.cost_entry_id]
        world.book.give_back(
            world.transaction("restore"),
            entry,
            row.cost_amount,
            reason=reason,
            details={"reward": row.terms.name},
        )
        world.write(ctx)
    change(row, to=Voucher.State.VOID, void_reason=reason, ended_at=ctx.now)
    back = Reward.objects.filter(pk=row.reward_id, stock_left__isnull=False)
    back.update(stock_left=F("stock_left") + 1)


def change(row: Voucher, *, to: Voucher.State, **values: object) -> None:
    """Move a voucher to another state, by one conditional UPDATE from the one it was read in."""
    written = Voucher.objects.filter(pk=row.pk, state=row.state).update(state=to, **values)
    if not written:
        raise Refused(
            "voucher_changed",
            _("Somebody used or changed this voucher meanwhile."),
            field="voucher",
        )
    row.state = to
    for name, value in values.items():
        setattr(row, name, value)


def redemption_result(row: Voucher, world: DatabaseWorld) -> RedemptionResult:
    """What a till or a portal shows of a voucher."""
    outside = ""
    if row.terms.kind == RewardKind.EXTERNAL_CODE and row.state != Voucher.State.RESERVED:
        outside = selectors.external_code_of(row)
    return RedemptionResult(
        voucher=row.public_id,
        code=shown_code(row.code),
        state=str(row.state),
        reward=row.reward.public_id,
        name=row.terms.name,
        kind=row.terms.kind,
        member=world.member.public_id,
        cost_asset=row.cost_asset,
        cost_amount=row.cost_amount,
        reserved_until=row.reserved_until,
        expires_at=row.expires_at,
        external_code=outside,
        balances=_balances(world),
    )


def _offered(reward: Reward, member: Member) -> RewardTerms:
    terms = reward.terms
    if reward.state != Reward.State.LIVE or terms is None or not terms.costs:
        raise Refused("reward_not_offered", _("This reward is not on offer."), field="reward")
    if reward.stock_left == 0:
        raise _out_of_stock()
    if terms.per_member is not None and selectors.held(reward, member) >= terms.per_member:
        raise Refused(
            "member_limit",
            _("At most %(maximum)s of “%(reward)s” per member.")
            % {"maximum": terms.per_member, "reward": terms.name},
            field="reward",
            params={"maximum": terms.per_member},
        )
    return terms


def _is_for(terms: RewardTerms, world: DatabaseWorld) -> None:
    if terms.audience and not selectors.is_for(terms, Facts(world)):
        raise Refused(
            "reward_reserved",
            _("“%(reward)s” is reserved: %(whom)s.")
            % {"reward": terms.name, "whom": selectors.reserved_for(terms)},
            field="reward",
        )


def _cost(terms: RewardTerms, asset: str) -> Cost:
    costs = [Cost(asset=one["asset"], amount=one["amount"]) for one in terms.costs]
    for cost in costs:
        if asset in ("", cost.asset):
            return cost
    raise NotFound("no_such_price", _("This reward is not paid with that."), field="asset")


def _voucher(
    ctx: Context,
    member: Member,
    reward: Reward,
    terms: RewardTerms,
    cost: Cost,
    *,
    reserve: bool,
    hand_over: bool,
) -> Voucher:
    until = ctx.now + timedelta(minutes=RESERVE_MINUTES) if reserve else None
    state = Voucher.State.RESERVED if reserve else Voucher.State.ISSUED
    public_id = new_id("vou")
    return Voucher(
        programme=ctx.programme,
        public_id=public_id,
        code=new_code(),
        reward=reward,
        terms=terms,
        member=member,
        state=Voucher.State.USED if hand_over else state,
        cost_asset=cost.asset,
        cost_amount=cost.amount,
        merchant_id=ctx.actor.merchant_id,
        issued_at=ctx.now,
        reserved_until=until,
        expires_at=expires_at(
            validity=terms.validity,
            days=terms.valid_days,
            until=terms.valid_until_on,
            now=ctx.now,
            zone=ctx.programme.timezone,
        ),
        used_at=ctx.now if hand_over else None,
        used_cause=public_id if hand_over else "",
        used_by=ctx.actor.label[:200] if hand_over else "",
    )


def _take_one(reward: Reward) -> None:
    if reward.stock_left is None:
        return
    rows = Reward.objects.filter(pk=reward.pk, stock_left__gte=1)
    if not rows.update(stock_left=F("stock_left") - 1):
        raise _out_of_stock()


def _out_of_stock() -> Refused:
    return Refused("out_of_stock", _("This reward is gone for now."), field="reward")


def _not_reserved(row: Voucher) -> Refused:
    return Refused(
        "not_reserved",
        _("This redemption is not reserved (any more): %(state)s.")
        % {"state": row.get_state_display()},
        field="voucher",
        params={"state": str(row.state)},
    )


def _tell(ctx: Context, row: Voucher, type: str) -> None:
    publish(
        ctx,
        type,
        subject=row.member.public_id,
        data={
            "voucher": row.public_id,
            "reward": row.reward.public_id,
            "member": row.member.public_id,
            "cost": {"asset": row.cost_asset, "amount": row.cost_amount},
        },
    )
    ctx.about(row.public_id, reward=row.reward.public_id, state=str(row.state))


def _balances(world: DatabaseWorld) -> tuple[Balance, ...]:
    for asset in list(world.book.accounts):
        world.book.settle(asset)
    return tuple(
        Balance(
            asset=one.asset,
            balance=one.balance,
            available=one.available,
            pending=one.pending,
            debt=one.debt,
            earned=one.earned,
            spent=one.spent,
        )
        for one in sorted(world.book.accounts.values(), key=lambda one: one.asset)
    )
