"""The demo's third programme: three shops of one street, one card, months cleared between them.

The bakery pays for its points in advance, the two others by the month. The month before last is
settled, last month is closed with one payment still open, and this one is under way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction

from campaigns.coalition import rules, selectors
from campaigns.coalition.models import Statement
from campaigns.coalition.services import (
    buy_block,
    close_month,
    record_payment,
    run_month,
    set_terms,
)
from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import played_at, start_of_day
from loyalty.common.errors import DomainError
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.services import open_asset
from loyalty.outbox.relay import relay_due
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.models import Location, Merchant, Programme, User
from loyalty.tenancy.scope import in_programme
from loyalty.tenancy.services import add_merchant
from members.profiles.services.enrolment import NewMember, enrol_member
from rewards.points.services.settings import change_settings

SLUG = "pho-vui"
BAKERY = "Tiệm bánh Mộc"
_ZONE = "Asia/Ho_Chi_Minh"
# name, first place, average bill in dong
_SHOPS = (
    ("Nhà sách Lá", "Lá Phan Bội Châu", 160_000),
    (BAKERY, "Mộc Phan Bội Châu", 85_000),
    ("Rau sạch Đồng", "Đồng Lê Duẩn", 210_000),
)
_NAMES = (
    "Trần Thu Hà",
    "Lê Minh Quân",
    "Phạm Bảo Ngọc",
    "Vũ Hoàng Long",
    "Đặng Khánh Linh",
    "Bùi Gia Huy",
    "Hoàng Thảo My",
    "Ngô Anh Tuấn",
    "Đỗ Phương Anh",
    "Dương Tuấn Kiệt",
)


@dataclass
class Street:
    """The programme and its merchants, in the order of their coming."""

    programme: Programme
    merchants: list[Merchant]
    places: list[Location]
    steps: int = 0

    def call(self, number: int = 0, name: str = "Ban quản lý phố") -> Call:
        """The next call of somebody at a merchant, for the whole programme."""
        self.steps += 1
        actor = job_actor(self.programme, name, merchant_id=self.merchants[number].pk)
        return Call(actor, f"demo-street-{self.steps}")


def open_street(*, until: datetime) -> Street:
    """The programme with its shops and terms, as they were agreed two months and a bit ago."""
    programme = Programme.objects.create(
        slug=SLUG,
        name="Thẻ Phố Vui",
        currency="VND",
        theme="indigo",
        contact_email="chao@phovui.example",
    )
    with in_programme(programme):
        merchant = Merchant.objects.create(name=_SHOPS[0][0])
        place = Location.objects.create(merchant=merchant, name=_SHOPS[0][1])
    street = Street(programme, [merchant], [place])
    with played_at(start_of_day(first_day(until), _ZONE) + timedelta(hours=6)):
        _furnish(street)
    programme.refresh_from_db()
    return street


def first_day(until: datetime) -> date:
    """The first day of the month before last."""
    this = until.astimezone(ZoneInfo(_ZONE)).date().replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    return (before - timedelta(days=1)).replace(day=1)


def _furnish(street: Street) -> None:
    for name, place, _bill in _SHOPS[1:]:
        made = add_merchant(street.call(), name=name, location=place)
        with in_programme(street.programme):
            street.merchants.append(Merchant.objects.get(public_id=made.id))
            street.places.append(Location.objects.get(public_id=made.location))
    open_asset(
        street.call(),
        code="points",
        kind="points",
        name_vi="điểm",
        name_en="points",
        value_minor=100,
        value_units=1,
    )
    rule = create_rule(
        street.call(),
        kind="points.earning_rule",
        values={
            "name": "Điểm mua sắm",
            "name_en": "Points for shopping",
            "basis": "money",
            "points": 1,
            "per_minor": 5_000,
            "expiry_kind": "rolling",
            "expiry_count": 12,
            "expiry_unit": "month",
        },
    )
    publish_rule(street.call(), rule=rule.rule)
    change_settings(street.call(), values={"pay_enabled": True, "pay_cap_bp": 5_000})
    for merchant in street.merchants:
        prepaid = merchant.name == BAKERY
        set_terms(
            street.call(),
            merchant=merchant.public_id,
            billing=rules.PREPAID if prepaid else rules.POSTPAID,
            issue_price_minor=110_000,
            redeem_price_minor=100_000,
            minimum=500 if prepaid else 0,
        )
    bakery = next(one for one in street.merchants if one.name == BAKERY)
    buy_block(
        street.call(),
        merchant=bakery.public_id,
        points=1_800,
        price_minor=189_000,
        reference="VCB 118204",
    )


def play(street: Street, *, user: User, until: datetime) -> int:
    """Play the days up to an instant, closing each month when it is over; answers the sales."""
    dice = Random(3)
    day, sales, recorded = first_day(until), 0, []
    members: list[str] = []
    last = until.astimezone(ZoneInfo(_ZONE)).date()
    while day <= last:
        with in_programme(street.programme), transaction.atomic():
            noon = datetime.combine(day, time(11), ZoneInfo(_ZONE))
            if day.day == 2 and day.replace(day=1) > first_day(until):
                with played_at(noon):
                    _clear(street, day)
            for number in range(dice.choice((1, 2, 3, 4))):
                at = noon + timedelta(hours=number, minutes=dice.randrange(50))
                if at >= until:
                    break
                with played_at(at):
                    if len(members) <= len(_NAMES) and (not members or dice.random() < 0.25):
                        members.append(_joins(street, len(members), user))
                    recorded.append(_sale(street, dice, dice.choice(members)))
                    sales += 1
                    if dice.random() < 0.05:
                        _refund(street, dice, recorded)
        day += timedelta(days=1)
    while relay_due():
        pass
    return sales


def _joins(street: Street, number: int, user: User) -> str:
    mine = number == 0
    name = user.get_full_name() if mine else _NAMES[number - 1]
    new = NewMember(
        name=name,
        phone=f"0981 234 {500 + number}",
        email=user.email if mine else "",
        user_id=user.pk if mine else None,
    )
    return enrol_member(street.call(number % 3), person=new).member


def _sale(street: Street, dice: Random, member: str) -> tuple[int, str]:
    shop = dice.choices((0, 1, 2), (3, 5, 4))[0]
    total = max(round(dice.gauss(_SHOPS[shop][2], 40_000), -3), 15_000)
    pays = dice.random() < 0.2
    use = {"points": dice.randrange(10, 40)} if pays else {}
    call = street.call(shop, "Thu Ngân")
    try:
        done = record_purchase(call, member=member, sale=SaleInput(total_minor=int(total), use=use))
    except DomainError:  # too few points on the card
        if not pays:
            raise
        plain = SaleInput(total_minor=int(total))
        done = record_purchase(street.call(shop, "Thu Ngân"), member=member, sale=plain)
    return shop, done.purchase


def _refund(street: Street, dice: Random, recorded: list[tuple[int, str]]) -> None:
    shop, purchase = recorded.pop(dice.randrange(len(recorded)))
    refund_purchase(street.call(shop, "Thu Ngân"), purchase=purchase, reason="Khách đổi ý")


def _clear(street: Street, day: date) -> None:
    """Close the month that is over and settle the statements of the one before it."""
    month = rules.month_of(day.replace(day=1) - timedelta(days=1))
    for number, statement in enumerate(selectors.statements().filter(selectors.unsettled())):
        _pay(street, statement, number)
    run = run_month(street.call(), month=month)
    close_month(street.call(), run=run.id)
    found = selectors.statements().filter(selectors.unsettled(), position_minor__gt=0)
    for number, statement in enumerate(found, 10):
        _pay(street, statement, number)


def _pay(street: Street, statement: Statement, number: int) -> None:
    record_payment(
        street.call(),
        statement=statement.public_id,
        amount_minor=statement.due_minor,
        reference=f"VCB {statement.run.month.replace('-', '')}{number:02}",
    )
