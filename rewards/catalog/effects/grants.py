"""The live end of the engine's GRANTS port: vouchers of one locked member inside one command.

Everything is buffered until ``flush``: a quote that only asked leaves no trace. Each change of state
is one conditional UPDATE, so that a voucher is used exactly once whoever else tries.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from loyalty.common.errors import NotFound, Refused
from loyalty.engine.world import VoucherView
from loyalty.tenancy.inserts import Insert
from loyalty.tenancy.scope import current_programme
from members.profiles.models import Member
from rewards.catalog.models import ExternalCode, Reward, RewardKind, Voucher
from rewards.catalog.rules import expires_at, new_code, normal_code
from rewards.catalog.selectors import (
    access_reward,
    bill_view,
    check_usable,
    no_such_voucher,
    owned_by,
)

_VOUCHERS = Insert(Voucher)
_FIELD = "use.vouchers"
# What nobody has had anything of: a refund takes its cause back whole.
_NOT_USED = (Voucher.State.ISSUED, Voucher.State.EXPIRED, Voucher.State.VOID)
_CHANGED = ("state", "used_at", "used_cause", "void_reason", "ended_at")


class DatabaseGrants:
    """Vouchers of a member whose holder is locked."""

    def __init__(self, *, member: Member, merchant_id: int | None, now: datetime) -> None:
        self._member = member
        self._merchant_id = merchant_id
        self._now = now
        self._new: dict[str, Voucher] = {}
        self._known: dict[str, Voucher] = {}
        self._before: dict[str, str] = {}
        self._news: list[tuple[str, dict[str, Any]]] = []

    def issue(self, *, reward: str, rule: str, reason: str, details: Mapping[str, Any]) -> str:
        """A promise once made is kept: stock that ran out or an ended reward do not stop it."""
        row = access_reward(reward)
        terms = row.terms or row.draft
        assert terms is not None
        voucher = Voucher(
            programme=current_programme(),
            code=new_code(),
            reward=row,
            terms=terms,
            member=self._member,
            state=Voucher.State.ISSUED,
            source=rule,
            reason=reason,
            details=dict(details),
            merchant_id=self._merchant_id,
            issued_at=self._now,
            expires_at=expires_at(
                validity=terms.validity,
                days=terms.valid_days,
                until=terms.valid_until_on,
                now=self._now,
                zone=current_programme().timezone,
            ),
        )
        self._new[voucher.public_id] = voucher
        return str(voucher.public_id)

    def unused(self, *, rule: str) -> list[str]:
        rows = Voucher.objects.filter(
            member__holder=self._member.holder_id, source=rule, state__in=_NOT_USED
        )
        stored = [self._remember(row) for row in rows.select_related("terms").order_by("-id")]
        fresh = [row for row in reversed(self._new.values()) if row.source == rule]
        return [row.public_id for row in fresh + stored if row.state in _NOT_USED]

    def revoke(self, voucher: str) -> bool:
        row = self._row(voucher)
        if row.state == Voucher.State.VOID:
            return True  # cancelled by hand before: nobody had anything of it
        if row.state not in (Voucher.State.ISSUED, Voucher.State.EXPIRED):
            return False
        self._change(row, Voucher.State.VOID)
        row.void_reason, row.ended_at = "refund", self._now
        return True

    def find(self, code: str) -> VoucherView:
        stored = normal_code(code) if isinstance(code, str) else ""
        rows = Voucher.objects.select_related("terms", "reward", "member")
        row = rows.filter(code=stored).first() if stored else None
        if row is None:
            raise no_such_voucher(_FIELD)
        mine = self._member
        if mine.holder_id != row.member.holder_id and mine.pk != row.member.merged_into_id:
            raise NotFound(
                "voucher_of_another_member",
                _("This voucher belongs to another card. Choose that member first."),
                field=_FIELD,
            )
        row = self._remember(row)
        check_usable(row, at=self._now, field=_FIELD)
        return bill_view(row)

    def use(self, voucher: str, *, cause: str) -> None:
        row = self._row(voucher)
        check_usable(row, at=self._now, field=_FIELD)
        self._change(row, Voucher.State.USED)
        row.used_at = row.ended_at = self._now
        row.used_cause = cause

    def restore(self, voucher: str) -> None:
        row = self._row(voucher)
        if row.state != Voucher.State.USED:
            return
        lives = row.expires_at is None or row.expires_at > self._now
        self._change(row, Voucher.State.ISSUED if lives else Voucher.State.EXPIRED)
        row.used_at, row.used_cause = None, ""
        row.ended_at = None if lives else self._now

    def flush(self) -> None:
        """Write what was gathered. Raises ``Refused`` where another took a voucher first."""
        new = list(self._new.values())
        if new:
            _VOUCHERS.keep(new)
            hand_out_codes(new)
            _take_from_stock(new)
        for row in self._known.values():
            if row.public_id in self._before:
                self._write(row, before=self._before[row.public_id])
        self._news += [(f"voucher.{row.state}", _told(row)) for row in new]
        self._known |= self._new
        self._new, self._before = {}, {}

    def take_news(self) -> list[tuple[str, dict[str, Any]]]:
        news, self._news = self._news, []
        return news

    def _write(self, row: Voucher, *, before: str) -> None:
        written = Voucher.objects.filter(pk=row.pk, state=before).update(
            **{name: getattr(row, name) for name in _CHANGED}
        )
        if not written:
            raise Refused(
                "voucher_used",
                _("This voucher was used already. Each voucher counts once."),
                field=_FIELD,
            )
        self._news.append((f"voucher.{row.state}", _told(row)))

    def _change(self, row: Voucher, state: Voucher.State) -> None:
        if row.public_id not in self._new:
            self._before.setdefault(row.public_id, str(row.state))
        row.state = state

    def _row(self, voucher: str) -> Voucher:
        known = self._new.get(voucher) or self._known.get(voucher)
        if known is not None:
            return known
        rows = Voucher.objects.select_related("terms", "reward").filter(owned_by(self._member))
        return self._remember(rows.get(public_id=voucher))

    def _remember(self, row: Voucher) -> Voucher:
        return self._known.setdefault(row.public_id, row)


def live_grants(*, member: Member, merchant_id: int | None, now: datetime) -> DatabaseGrants:
    """The maker the engine calls."""
    return DatabaseGrants(member=member, merchant_id=merchant_id, now=now)


def hand_out_codes(vouchers: list[Voucher]) -> int:
    """Give each voucher of an outside kind the next free code of its pool; answers how many.

    A voucher that finds the pool empty waits: the next import of codes serves it first.
    """
    served = 0
    for voucher in vouchers:
        if voucher.terms.kind != RewardKind.EXTERNAL_CODE:
            continue
        free = ExternalCode.objects.filter(reward=voucher.reward_id, voucher__isnull=True)
        for code in free.order_by("id").values_list("pk", flat=True)[:20]:
            # Two commands may see the same free code; the condition gives it to one of them.
            if free.filter(pk=code).update(voucher=voucher):
                served += 1
                break
    return served


def _take_from_stock(vouchers: list[Voucher]) -> None:
    counted: dict[int, int] = {}
    for voucher in vouchers:
        if voucher.reward.stock_left is not None:
            counted[voucher.reward_id] = counted.get(voucher.reward_id, 0) + 1
    for reward, number in sorted(counted.items()):
        rows = Reward.objects.filter(pk=reward, stock_left__gte=number)
        rows.update(stock_left=F("stock_left") - number)


def _told(row: Voucher) -> dict[str, Any]:
    return {
        "voucher": row.public_id,
        "reward": row.reward.public_id,
        "state": str(row.state),
        "source": row.source,
        "cause": row.used_cause,
        "expires_at": row.expires_at.isoformat() if row.expires_at else None,
    }
