"""A year at the coffee shop: who came when, what they bought, and what they did with their stars.

Everything goes through the same commands as a live sale, with the clock set to the moment; the dice
are seeded, so the same demo comes out each time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.db import transaction

from loyalty.commands.actor import Actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import played_at
from loyalty.common.errors import DomainError
from loyalty.demo.cafe import DRINK_COSTS, DRINKS, PRODUCTS, REWARDS, Cafe
from loyalty.engine.tasks import celebrate_birthdays, settle_due
from loyalty.outbox.relay import relay_due
from loyalty.sales.results import PurchaseResult
from loyalty.sales.rules import LineInput
from loyalty.sales.services import SaleInput, record_purchase, refund_purchase
from loyalty.tenancy.scope import in_programme
from loyalty.web.discovery import modules_named
from members.profiles.services.enrolment import ConsentGiven, NewMember, enrol_member
from rewards.catalog.models import Voucher
from rewards.catalog.services.redemptions import redeem_reward
from rewards.catalog.tasks import expire_vouchers
from rewards.points.tasks import warn_of_expiry

DAYS = 365
GUESTS = 70
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_PEOPLE = Path(__file__).parent / "data" / "people.csv"
_STAFF = ("Thu Ngân", "Minh Khôi", "Bảo Trâm")
_TITLES = ("Quý cô", "Quý ông", "Ông", "Bà", "Bác", "Cô", "Chú", "Anh", "Chị")


@dataclass
class Guest:
    """A regular and their habits."""

    name: str
    phone: str
    joins_on: int
    visits_a_week: float
    leaves_after: int
    likes: list[str]
    email: str = ""
    user_id: int | None = None
    member: str = ""
    vouchers: list[str] = field(default_factory=list)


def regular(*, name: str, phone: str, email: str, user_id: int) -> Guest:
    """A guest with a log-in who comes several times a week, all year."""
    return Guest(name, phone, 0, 3.0, DAYS, ["CPS", "BXI", "TDA"], email, user_id)


def play(cafe: Cafe, *, regulars: list[Guest], until: datetime, days: int = DAYS) -> int:
    """Play so many days up to an instant; answers how many sales there were."""
    dice = Random(40_000)
    guests = [*regulars, *_guests(dice, days)]
    first = (until - timedelta(days=days)).astimezone(_ZONE).date()
    sales = 0
    for number in range(days):
        day = first + timedelta(days=number)
        # One transaction a day: each command keeps its own savepoint, the disk is asked once.
        with in_programme(cafe.programme), transaction.atomic():
            for at, guest in _visits(dice, guests, number, datetime.combine(day, time(), _ZONE)):
                if at < until:
                    with played_at(at):
                        sales += _visit(cafe, dice, guest, at)
        night = datetime.combine(day, time(23, 30), _ZONE)
        if night < until:
            with played_at(night):
                _close_up()
    return sales


def _close_up() -> None:
    """What the worker does by itself: welcome, congratulate, expire, warn, hand events on."""
    while relay_due():
        pass
    for job in (celebrate_birthdays, settle_due, warn_of_expiry, expire_vouchers):
        job()
    for app in modules_named("demo"):
        if hasattr(app, "close_up"):
            app.close_up()
    while relay_due():
        pass


def _guests(dice: Random, days: int) -> Iterator[Guest]:
    with _PEOPLE.open(encoding="utf-8") as file:
        for number, row in enumerate(islice(csv.DictReader(file), GUESTS)):
            # Most join when the programme opens, then a few every week.
            joins_on = 0 if number < 30 else int(days * dice.random() ** 1.3)
            yield Guest(
                name=called(row["name"]),
                phone=_phone(dice, number),
                joins_on=joins_on,
                visits_a_week=min(dice.lognormvariate(-0.6, 0.8), 6),
                leaves_after=days if dice.random() < 0.7 else joins_on + int(dice.random() * 150),
                likes=dice.sample(DRINKS, 3),
            )


def called(listed: str) -> str:
    """A name of the list as it is written in Vietnam: without a title, the family's name first.

    The list has them the other way round: “Quý ông Hưng Tấn Trần” is called Trần Tấn Hưng.
    """
    for title in _TITLES:
        without = listed.removeprefix(f"{title} ")
        if len(without.split()) > 1:  # “Anh Trần” is no Mr Trần, Anh is what they are called
            listed = without
    return " ".join(reversed(listed.split()))


def _phone(dice: Random, number: int) -> str:
    """A number as people type it; the made-up people's own are mostly no valid numbers."""
    prefix = dice.choice(("32", "37", "70", "78", "81", "85", "91", "96", "98"))
    digits = f"{prefix}{dice.randrange(10**4):04}{number:03}"
    style = dice.choice(("0{}", "+84 {}", "84{}", "0{}"))
    return style.format(digits)


def _visits(
    dice: Random, guests: list[Guest], number: int, midnight: datetime
) -> list[tuple[datetime, Guest]]:
    weekend = 1.4 if midnight.isoweekday() >= 6 else 1.0
    here = []
    for guest in guests:
        if not guest.joins_on <= number <= guest.leaves_after:
            continue
        if guest.joins_on == number or dice.random() < guest.visits_a_week / 7 * weekend:
            hour = dice.choices(
                (7, 8, 9, 10, 12, 14, 15, 17, 19, 20), (6, 9, 7, 4, 4, 5, 5, 4, 4, 2)
            )
            minutes = hour[0] * 60 + dice.randrange(60)
            here.append((midnight + timedelta(minutes=minutes), guest))
    return sorted(here, key=lambda pair: (pair[0], pair[1].phone))


def _visit(cafe: Cafe, dice: Random, guest: Guest, at: datetime) -> int:
    place = dice.choices(cafe.locations, (3, 2))[0]
    actor = cafe.actor(dice.choice(_STAFF), location=place)
    key = f"demo-{guest.phone}-{at:%Y%m%d%H%M}"
    if not guest.member and not _join(cafe, dice, guest, at, key):
        return 0
    basket = tuple(_basket(dice, guest))
    use = {"vouchers": [guest.vouchers[0]]} if guest.vouchers else {}
    sale = SaleInput(lines=basket, use=use, happened_at=at, location=place.public_id)
    try:
        done = record_purchase(Call(actor, key), member=guest.member, sale=sale, source="till")
        guest.vouchers = guest.vouchers[len(use) :]
    except DomainError:
        # Not for this basket, or expired in the pocket: people pay then.
        guest.vouchers = guest.vouchers[1:] if dice.random() < 0.2 else guest.vouchers
        sale = SaleInput(lines=basket, happened_at=at, location=place.public_id)
        done = record_purchase(Call(actor, key), member=guest.member, sale=sale, source="till")
    guest.vouchers += _codes(
        effect.voucher for effect in done.effects if effect.voucher and effect.kind != "use_voucher"
    )
    if dice.random() < 0.012:
        refund_purchase(Call(actor, f"{key}-r"), purchase=done.purchase, reason="Pha nhầm món")
    elif dice.random() < 0.5:
        _redeem(cafe, dice, guest, done, actor, key)
    return 1


def _join(cafe: Cafe, dice: Random, guest: Guest, at: datetime, key: str) -> bool:
    """Enrol at the till. A phone that is no phone, or known already, is just a walk-in."""
    person = NewMember(
        name=guest.name,
        phone=guest.phone,
        email=guest.email,
        user_id=guest.user_id,
        verified=("email",) if guest.email else (),
        birthday=_birthday(dice) if dice.random() < 0.6 else None,
        consents=tuple(
            ConsentGiven(purpose=one) for one in ("terms", *(["email"] * (dice.random() < 0.5)))
        ),
        channel="till",
        joined_at=at,
        code=_brought_by(cafe, guest),
        # Two of those who were brought along joined on the very same phone.
        device="demo-phone" if _number(guest) in (36, 66) else "",
    )
    try:
        guest.member = enrol_member(Call(cafe.actor(), f"{key}-join"), person=person).member
    except DomainError:
        return False
    if guest.user_id is not None:
        cafe.host = cafe.host or guest.member
    return True


def _brought_by(cafe: Cafe, guest: Guest) -> str:
    """A third of those who come later was brought along by the regular with a log-in."""
    if not cafe.host or guest.joins_on == 0 or _number(guest) % 3:
        return ""
    codes = (app.joining_code for app in modules_named("demo") if hasattr(app, "joining_code"))
    return next((str(code(cafe, host=cafe.host)) for code in codes), "")


def _number(guest: Guest) -> int:
    return int(guest.phone[-3:])


def _birthday(dice: Random) -> date:
    return date(1960, 1, 1) + timedelta(days=dice.randrange(45 * 365))


def _basket(dice: Random, guest: Guest) -> Iterator[LineInput]:
    for number in range(dice.choices((1, 2, 3), (6, 3, 1))[0]):
        sku = dice.choice(guest.likes) if number == 0 else dice.choice(list(PRODUCTS))
        name, category, price, kind, _excluded = PRODUCTS[sku]
        units = dice.choices((1, 2, 3), (8, 2, 1))[0] if kind == "goods" else 1
        yield LineInput(
            sku=sku,
            name=name,
            category=category,
            kind=kind,
            quantity_milli=units * 1000,
            net_minor=price * units,
        )


def _redeem(
    cafe: Cafe, dice: Random, guest: Guest, done: PurchaseResult, actor: Actor, key: str
) -> None:
    stars = next((one.available for one in done.balances if one.asset == "points"), 0)
    wanted = [
        name for name, terms in REWARDS.items() if terms.costs and terms.costs[0].amount <= stars
    ]
    if not wanted or (stars < DRINK_COSTS and dice.random() < 0.8):
        return
    try:
        got = redeem_reward(
            Call(actor, f"{key}-v"), member=guest.member, reward=cafe.rewards[wanted[0]]
        )
    except DomainError:
        return
    if got.kind in ("free_product", "amount_off", "percent_off"):
        guest.vouchers.append(got.code)


def _codes(vouchers: Iterable[str]) -> list[str]:
    return list(Voucher.objects.filter(public_id__in=list(vouchers)).values_list("code", flat=True))
