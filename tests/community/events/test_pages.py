"""Events as people see them: the portal, the dashboard, the door, the till, the API."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from community.events.services import answer_event, cancel_event, check_in
from loyalty.common.clock import now, played_at
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import in_programme
from tests.api import Api, make_key
from tests.community.events.events_of import (
    give_points,
    points_of,
    published,
    relay,
    row_of,
    says_yes,
    seat_of,
    someone,
)
from tests.world import Shop

SCRIPT = "<script>alert('x')</script>"


def ana(shop: Shop) -> Client:
    """Ana, logged in to her card."""
    user = User.objects.create_user("ana@example.com", "a long pass phrase", name="Ana")
    with in_programme(shop.programme):
        shop.member.user = user
        shop.member.save()
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def ben(shop: Shop) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(shop.staff.user)
    return client


def photo(*, size: tuple[int, int] = (2_000, 1_000), format: str = "JPEG") -> bytes:
    """A photo that says where it was taken."""
    image = Image.new("RGB", size, "#a52")
    exif = Image.Exif()
    exif[0x010F] = "Secret camera"
    file = BytesIO()
    image.save(file, format, exif=exif)
    return file.getvalue()


def test_a_member_sees_the_event_says_yes_and_shows_a_ticket(shop: Shop) -> None:
    give_points(shop, 50)
    event = published(shop, price_points=20, capacity=5, link="https://meet.example/secret")
    client = ana(shop)
    assert "Coffee tasting" in client.get("/p/cafe/").content.decode()
    assert "Coffee tasting" in client.get("/p/cafe/events/").content.decode()
    before = client.get(f"/p/cafe/events/{event}/").content.decode()
    assert "meet.example" not in before and "Get a ticket with points" in before
    answer = client.post(f"/p/cafe/events/{event}/", {"act": "yes", "guests": "0"}, follow=True)
    page = answer.content.decode()
    assert "Your ticket" in page and "than-qr" in page and "meet.example/secret" in page
    assert points_of(shop) == 30
    assert "Coffee tasting" in client.get("/p/cafe/events/tickets/").content.decode()
    client.post(f"/p/cafe/events/{event}/", {"act": "cancel"})
    assert points_of(shop) == 50
    assert "meet.example" not in client.get(f"/p/cafe/events/{event}/").content.decode()


def test_the_number_on_the_waiting_list_is_shown(shop: Shop) -> None:
    event = published(shop, capacity=1)
    says_yes(shop, event, someone(shop))
    says_yes(shop, event, someone(shop))
    client = ana(shop)
    client.post(f"/p/cafe/events/{event}/", {"act": "yes"})
    page = client.get(f"/p/cafe/events/{event}/").content.decode()
    assert "<strong>2</strong><span>your place on the waiting list" in page


def test_a_visitor_sees_what_is_for_all_and_is_sent_to_log_in(shop: Shop) -> None:
    event = published(shop)
    hidden = published(
        shop,
        title_en="Only for friends",
        audience=({"fact": "member.tags", "op": "contains", "value": "friend"},),
    )
    page = Client(headers={"Accept-Language": "en"}).get("/p/cafe/events/").content.decode()
    assert "Coffee tasting" in page and "Only for friends" not in page
    answer = Client().post(f"/p/cafe/events/{event}/", {"act": "yes"})
    assert answer.status_code == 302 and "login" in answer["Location"]
    assert "for chosen members" in ana(shop).get(f"/p/cafe/events/{hidden}/").content.decode()


def test_script_in_a_text_is_only_text(shop: Shop) -> None:
    event = published(shop, title_en=SCRIPT, about_en=SCRIPT, place=SCRIPT)
    says_yes(shop, event, someone(shop, SCRIPT))
    client, staff = ana(shop), ben(shop)
    for page in (
        client.get("/p/cafe/events/"),
        client.get(f"/p/cafe/events/{event}/"),
        staff.get(f"/dashboard/cafe/events/{event}/"),
        staff.get(f"/dashboard/cafe/events/{event}/door/"),
    ):
        assert page.status_code == 200
        assert SCRIPT not in page.content.decode()


def test_the_calendar_file_holds_the_hours_in_utc_and_the_link_for_guests_only(shop: Shop) -> None:
    long = "Rang, xay; pha\n" * 8
    event = published(shop, about_en=long, link="https://meet.example/secret")
    client = ana(shop)
    text = client.get(f"/p/cafe/events/{event}/event.ics").content.decode()
    assert f"DTSTART:{row_of(shop, event).starts_at:%Y%m%dT%H%M%SZ}" in text
    assert "meet.example" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "Rang\\, xay\\; pha\\n" in text.replace("\r\n ", "")
    says_yes(shop, event)
    assert "meet.example" in client.get(f"/p/cafe/events/{event}/event.ics").content.decode()


def test_staff_writes_publishes_and_calls_off_an_event(shop: Shop) -> None:
    staff = ben(shop)
    starts = now() + timedelta(days=5)
    form = {
        "title_vi": "Lớp latte",
        "title_en": "Latte class",
        "place": "Hiên",
        "starts_at": starts.strftime("%Y-%m-%dT10:00"),
        "ends_at": starts.strftime("%Y-%m-%dT12:00"),
        "capacity": "8",
        "guests_most": "1",
        "price_points": "",
        "refund_hours": "",
        "offer_hours": "",
        "late_refund": "12.5",
        "audience-0-fact": "member.tags",
        "audience-0-op": "contains",
        "audience-0-value": "regular",
    }
    made = staff.post("/dashboard/cafe/events/new/", form)
    assert made.status_code == 302, made.content.decode()[-3000:]
    address = made["Location"]
    event = address.rstrip("/").split("/")[-1]
    row = row_of(shop, event)
    assert (row.capacity, row.guests_most, row.late_refund_bp) == (8, 1, 1_250)
    assert row.audience == [{"fact": "member.tags", "op": "contains", "value": "regular"}]
    assert row.starts_at.hour == 3  # ten o'clock in Vietnam
    staff.post(address, {"act": "publish"})
    assert row_of(shop, event).state == "live"
    edit = staff.get(f"{address}edit/").content.decode()
    assert 'value="10:00"' in edit or "T10:00" in edit
    changed = staff.post(f"{address}edit/", {**form, "capacity": "9", "revision": "99"})
    assert changed.status_code == 422
    changed = staff.post(f"{address}edit/", {**form, "capacity": "9", "revision": "2"})
    assert changed.status_code == 302
    row = row_of(shop, event)
    assert (row.capacity, row.moves) == (9, 0)
    staff.post(address, {"act": "call_off", "reason": "Mưa"})
    assert row_of(shop, event).state == "cancelled"


def test_an_hour_that_does_not_exist_is_refused(shop: Shop) -> None:
    shop.programme.timezone = "America/New_York"
    shop.programme.save()
    form = {
        "title_en": "Night",
        "place": "Here",
        "starts_at": "2027-03-14T02:30",
        "ends_at": "2027-03-14T05:00",
    }
    assert ben(shop).post("/dashboard/cafe/events/new/", form).status_code == 422


def test_another_zone_moves_no_event(shop: Shop) -> None:
    event = published(shop)
    before = row_of(shop, event).starts_at
    shop.programme.timezone = "Europe/Berlin"
    shop.programme.save()
    assert row_of(shop, event).starts_at == before
    page = ben(shop).get(f"/dashboard/cafe/events/{event}/edit/").content.decode()
    assert "Europe/Berlin" in page


def test_the_door_on_a_phone_lets_in_once_and_takes_back(shop: Shop) -> None:
    event, other = published(shop, guests_most=2), published(shop)
    seat = says_yes(shop, event, guests=2)
    staff, door = ben(shop), f"/dashboard/cafe/events/{event}/door/"
    with played_at(row_of(shop, event).starts_at):
        wrong = staff.post(f"/dashboard/cafe/events/{other}/door/", {"code": seat.code})
        assert wrong.status_code == 422 and "another event" in wrong.content.decode()
        good = staff.post(door, {"code": seat.code.lower()})
        assert "Let in 3 people." in good.content.decode()
        again = staff.post(door, {"code": seat.code})
        assert again.status_code == 422 and "Already in at" in again.content.decode()
        undone = staff.post(door, {"seat": seat.seat, "act": "undo"})
        assert "Not in after all." in undone.content.decode()
        assert "Let in 3 people." in staff.post(door, {"seat": seat.seat}).content.decode()


def test_the_guest_list_is_a_file_no_spreadsheet_runs(shop: Shop) -> None:
    event = published(shop)
    says_yes(shop, event, someone(shop, "=HYPERLINK(1)"))
    answer = ben(shop).get(f"/dashboard/cafe/events/{event}/guests.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK(1)" in text and "Coming" in text


def test_staff_gives_a_place_and_takes_it_back(shop: Shop) -> None:
    event = published(shop)
    with in_programme(shop.programme):
        shop.member.identifiers.create(kind="phone", value="+84912345678", created_at=now())
    staff, address = ben(shop), f"/dashboard/cafe/events/{event}/"
    assert staff.post(address, {"act": "answer", "member": "nobody"}).status_code == 422
    assert staff.post(address, {"act": "answer", "member": "0912345678"}).status_code == 302
    row = row_of(shop, event)
    assert row.taken == 1
    with in_programme(shop.programme):
        seat = row.seats.get().public_id
    staff.post(f"/dashboard/cafe/events/seats/{seat}/cancel/")
    assert seat_of(shop, seat).state == "cancelled"


def test_a_cashier_scans_a_ticket_at_the_till(shop: Shop) -> None:
    event = published(shop, at=now() + timedelta(hours=2))
    seat = says_yes(shop, event)
    staff = ben(shop)
    assert "/till/cafe/tickets/" in staff.get("/till/cafe/").content.decode()
    assert "no such ticket" in staff.post("/till/cafe/tickets/", {"code": "?"}).content.decode()
    assert "Let in 1 person." in (
        staff.post("/till/cafe/tickets/", {"code": seat.code}).content.decode()
    )
    assert "in at" in staff.get(f"/till/cafe/members/{shop.member.public_id}/").content.decode()


def test_the_whole_story_over_the_api(shop: Shop, other_shop: Shop) -> None:
    api, member = Api(make_key(shop)), shop.member.public_id
    starts = (now() + timedelta(hours=3)).replace(microsecond=0)
    body = {
        "title_en": "Tasting",
        "place": "Bar",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "capacity": 1,
    }
    made = api.post("community/events/", body)
    assert made.status_code == 201, made.data
    event = made.data["id"]
    assert api.post(f"community/events/{event}/seats/", {"member": member}).status_code == 404
    assert api.post(f"community/events/{event}/publish/").data["state"] == "live"
    seat = api.post(f"community/events/{event}/seats/", {"member": member})
    assert (seat.status_code, seat.data["state"]) == (201, "going")
    assert api.post(f"community/events/{event}/seats/", {"member": member}).status_code == 409
    late = someone(shop).public_id
    waiting = api.post(f"community/events/{event}/seats/", {"member": late}).data
    assert (waiting["state"], waiting["place_in_line"]) == ("waiting", 1)
    assert (
        api.post("community/events/check-in/", {"code": waiting["code"] or "-"}).status_code == 404
    )
    code = seat.data["code"]
    assert (
        Api(make_key(other_shop)).post("community/events/check-in/", {"code": code}).status_code
        == 404
    )
    assert api.post("community/events/check-in/", {"code": code, "event": event}).status_code == 200
    again = api.post("community/events/check-in/", {"code": code})
    assert (again.status_code, again.data["code"]) == (422, "in_already")
    assert "at" in again.data["params"]
    assert api.post(f"community/events/seats/{seat.data['seat']}/undo-check-in/").status_code == 200
    assert (
        api.post(f"community/events/seats/{seat.data['seat']}/cancel/", {}).data["state"]
        == "cancelled"
    )
    relay()
    assert api.get(f"members/{late}/events/").data["data"][0]["state"] == "going"
    moved = {**body, "starts_at": (starts + timedelta(hours=1)).isoformat()}
    changed = api.send("PUT", f"community/events/{event}/", moved, if_match='"2"')
    assert changed.status_code == 200, changed.data
    assert (
        api.post(f"community/events/{event}/cancel/", {"reason": "Rain"}).data["state"]
        == "cancelled"
    )
    assert api.post(f"community/events/{event}/cancel/", {}).status_code == 409


def test_a_ticket_of_a_cancelled_event_lets_nobody_in(shop: Shop) -> None:
    event = published(shop, at=now() + timedelta(hours=1))
    seat = says_yes(shop, event)
    gone = says_yes(shop, event, someone(shop))
    from community.events.services import cancel_seat
    from loyalty.common.errors import Refused

    cancel_seat(shop.call(), seat=gone.seat)
    with pytest.raises(Refused) as error:
        check_in(shop.call(), code=gone.code)
    assert error.value.code == "ticket_cancelled"
    cancel_event(shop.call(), event=event)
    with pytest.raises(Refused) as error:
        check_in(shop.call(), code=seat.code)
    assert error.value.code == "event_cancelled"


def test_the_terms_page_says_what_a_ticket_costs_and_what_comes_back(shop: Shop) -> None:
    published(shop, price_points=20, refund_hours=48, late_refund_bp=5_000, offer_hours=6)
    page = Client(headers={"Accept-Language": "en"}).get("/p/cafe/terms/").content.decode()
    assert "a ticket costs 20 points for each person" in page
    assert "Cancelled until 48 hours before the start" in page
    assert "After that 50% of the points come back." in page
    assert "has 6 hours to accept" in page


def test_a_member_cannot_answer_with_another_key_twice(shop: Shop) -> None:
    event = published(shop)
    first = answer_event(shop.call(key="k"), member=shop.member.public_id, event=event)
    assert answer_event(shop.call(key="k"), member=shop.member.public_id, event=event) == first
