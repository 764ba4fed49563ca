"""The coffee shop's evenings: a tasting that is full, a class that is a reward, one that was."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from django.db.models import F
from PIL import Image, ImageDraw

from community.events.rules import EventInput
from community.events.services import (
    answer_event,
    check_in,
    create_event,
    publish_event,
    set_picture,
)
from loyalty.common.clock import local_day, now, played_at
from loyalty.engine.ports import DemoShop
from loyalty.tenancy.scope import in_programme
from loyalty.web.photos import keep_photo
from members.profiles.models import Member

_GUESTS = 17
_WITH_A_FRIEND = 3


def furnish(shop: DemoShop) -> None:
    """Who comes to an evening gets stars for it."""
    shop.rule(
        "points.earning_rule",
        name="Dự sự kiện của quán",
        name_en="At our events",
        activity="event.attended",
        basis="fixed",
        points=5,
    )


def finish(shop: DemoShop, *, member: str) -> None:
    """A past evening with its guests, a coming one with a waiting list, and a class for a reward."""
    with in_programme(shop.programme):
        others = Member.objects.filter(state="active").exclude(public_id=member).exclude(name="")
        # Who joined first comes often.
        guests = list(others.order_by("joined_at", F("pk")).values_list("public_id", flat=True))
    guests = guests[:_GUESTS]
    _past(shop, [member, *guests[:8]])
    _coming(shop, [*guests[:4], member, *guests[4:]])
    _class(shop)


def _evening(shop: DemoShop, *, days: int, hour: int = 19) -> datetime:
    zone = ZoneInfo(shop.programme.timezone)
    day = local_day(now(), shop.programme.timezone) + timedelta(days=days)
    return datetime.combine(day, time(hour), zone)


def _past(shop: DemoShop, people: list[str]) -> None:
    starts_at = _evening(shop, days=-12)
    with played_at(starts_at - timedelta(days=14)):
        event = _published(
            shop,
            EventInput(
                title_vi="Đêm nhạc acoustic ở Hiên",
                title_en="Acoustic night at Hiên",
                about_vi="Guitar, cajon và ba giọng ca quen. Nước uống tự chọn.",
                about_en="Guitar, cajon and three voices you know. Drinks as you like.",
                place="Hiên Hồ Gươm, sân trong",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=3),
                capacity=20,
                guests_most=1,
            ),
        )
        seats = [
            answer_event(shop.call(), member=one, event=event, guests=number % _WITH_A_FRIEND // 2)
            for number, one in enumerate(people)
        ]
    with played_at(starts_at + timedelta(minutes=4)):
        for seat in seats[:-2]:  # two did not come
            check_in(shop.call(), seat=seat.seat)


def _coming(shop: DemoShop, people: list[str]) -> None:
    starts_at = _evening(shop, days=9)
    with played_at(now() - timedelta(days=3)):
        event = _published(
            shop,
            EventInput(
                title_vi="Đêm nếm cà phê Cầu Đất",
                title_en="Cầu Đất coffee tasting",
                about_vi="Năm mẻ rang của vụ mới, nếm mù từng ly cùng người rang. "
                "Ai cũng mang về một gói 50 g mẻ mình thích nhất.",
                about_en="Five roasts of the new harvest, tasted blind with the roaster. "
                "Everybody takes home 50 g of the one they like best.",
                place="Hiên Nguyễn Trãi, tầng 2",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
                capacity=16,
                guests_most=1,
                offer_hours=12,
            ),
        )
        set_picture(shop.call(), event=event, picture=keep_photo(_poster(), field="picture"))
        for number, one in enumerate(people):
            guests = 1 if number % _WITH_A_FRIEND == 0 and number < 9 else 0
            answer_event(shop.call(), member=one, event=event, guests=guests)


def _class(shop: DemoShop) -> None:
    starts_at = _evening(shop, days=23, hour=9)
    _published(
        shop,
        EventInput(
            title_vi="Buổi học vẽ latte",
            title_en="Latte art workshop",
            about_vi="Hai giờ với sữa, cổ tay và thật nhiều cốc hỏng. Đổi sao lấy vé trong mục Quà.",
            about_en="Two hours of milk, wrists and many spoilt cups. Get your ticket for stars.",
            place="Hiên Nguyễn Trãi",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            capacity=12,
            reward=shop.rewards["workshop"],
            refund_hours=48,
        ),
    )


def _published(shop: DemoShop, event: EventInput) -> str:
    made = create_event(shop.call(), event=event)
    publish_event(shop.call(), event=made.event)
    return made.event


def _poster() -> bytes:
    """Five cups on a table, drawn: a demo needs no photo of anybody."""
    image = Image.new("RGB", (1_600, 800), "#3b2417")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 520, 1_600, 800), fill="#5a3a26")
    shades = ("#20120b", "#3d2314", "#5b3620", "#7d4d2c", "#a46d3f")
    for number, shade in enumerate(shades):
        left = 110 + number * 290
        draw.ellipse((left - 20, 500, left + 240, 640), fill="#e9dfd2")
        draw.ellipse((left, 330, left + 220, 550), fill="#fbf7f0")
        draw.ellipse((left + 24, 354, left + 196, 526), fill=shade)
        draw.ellipse((left + 60, 390, left + 120, 430), fill="#c79a68")
    file = BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()
