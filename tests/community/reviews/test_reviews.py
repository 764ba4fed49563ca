"""Reviews as their authors, their readers and the shop live through them, over the REST API alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from loyalty.engine.services import record_activity
from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from loyalty.web.photos import read_photo
from members.moderation.models import Photo
from tests.community.reviews.reviews_of import Reviewing, b64, picture
from tests.world import Shop


@pytest.fixture
def one(shop: Shop) -> Iterator[Reviewing]:
    yield Reviewing(shop)
    with in_programme(shop.programme):
        assert verify().findings == []


def test_only_who_bought_it_reviews_it(one: Reviewing) -> None:
    refused = one.write()
    assert (refused.status_code, refused.data["code"]) == (422, "not_bought")
    bought = one.buy()
    assert one.did(one.write())["is_verified"] is True
    again = one.write()
    assert (again.status_code, again.data["code"]) == (409, "reviewed_before")
    one.give_back(bought)
    told = one.read(again.data["params"]["review"])
    assert (told["is_verified"], told["state"]) == (False, "published")


def test_where_everybody_may_review_buyers_have_a_badge(one: Reviewing) -> None:
    one.settings(who="all")
    review = one.wrote()
    assert one.read(review)["is_verified"] is False
    one.buy()
    one.relay()
    assert one.read(review)["is_verified"] is True


def test_stars_come_to_an_average_and_a_histogram(one: Reviewing) -> None:
    one.settings(who="all")
    for name, stars in (("Binh", 5), ("Chi", 4), ("Dung", 4), ("Em", 1)):
        one.wrote(member=one.join(name), stars=stars)
    review = one.wrote(stars=2)
    told = one.rating()
    assert (told["count"], told["average"]) == (5, "3.2")
    assert told["by_stars"] == {"5": 1, "4": 2, "3": 0, "2": 1, "1": 1}
    one.did(one.edit(review, stars=5))
    assert one.rating()["average"] == "3.8"
    one.did(one.api.delete(f"reviews/{review}/"))
    assert (one.rating()["count"], one.rating()["average"]) == (4, "3.5")
    assert one.write(stars=6).status_code == 400


def test_a_review_earns_once(one: Reviewing) -> None:
    one.reward_reviews(250)
    one.settings(looked_at="before", only_verified_earn=False, who="all")
    review = one.wrote()
    assert (one.read(review)["state"], one.points()) == ("waiting", 0)
    for _twice in range(2):
        one.did(one.decide(review, "keep"))
    assert one.points() == 250
    one.did(one.edit(review, text="Still strong."))
    assert (one.read(review)["state"], one.points()) == ("waiting", 250)
    one.did(one.decide(review, "keep"))
    assert one.points() == 250
    assert one.decide(review, "remove").status_code == 400, "its author is told why"
    one.did(one.decide(review, "remove", "Not about the coffee"))
    assert (one.read(review)["state"], one.points()) == ("rejected", 0)
    one.did(one.decide(review, "keep"))
    assert one.points() == 250
    one.did(one.api.delete(f"reviews/{review}/"))
    assert one.points() == 0
    one.did(one.decide(one.wrote(), "keep"))
    assert one.points() == 250


def test_ten_reviews_of_one_day_earn_two_thousand(one: Reviewing) -> None:
    one.settings(who="all")
    day = {"maximum": 2_000, "period": "day", "measure": "amount", "rejects": False}
    one.reward_reviews(250, limits=[day])
    one.settings(only_verified_earn=False)
    with time_machine.travel(datetime(2026, 2, 3, 5, tzinfo=UTC), tick=False) as clock:
        for number in range(10):
            one.did(one.api.post("products/", {"sku": f"p{number}", "name": f"Dress {number}"}))
            one.wrote(f"p{number}")
        assert one.points() == 2_000
        clock.shift(timedelta(days=1))
        one.wrote("coffee")
        assert one.points() == 2_250


def test_a_returned_product_may_take_back_what_its_review_earned(one: Reviewing) -> None:
    one.reward_reviews()
    one.settings(points_stay=False)
    bought = one.buy()
    review = one.wrote()
    assert one.points() == 250
    one.give_back(bought)
    assert (one.read(review)["is_verified"], one.points()) == (False, 0)
    one.did(one.edit(review, text="It was fine, too."))
    assert one.points() == 0


def test_reviews_are_changed_for_thirty_days(one: Reviewing) -> None:
    with time_machine.travel(datetime(2026, 2, 3, 5, tzinfo=UTC), tick=False) as clock:
        one.buy()
        review = one.wrote()
        clock.shift(timedelta(days=29))
        assert one.edit(review, stars=4).status_code == 200
        clock.shift(timedelta(days=2))
        late = one.edit(review, stars=1)
    assert (late.status_code, late.data["code"]) == (422, "too_late_to_edit")


def test_others_find_it_helpful_once_and_nobody_their_own(one: Reviewing) -> None:
    one.buy()
    review, reader = one.wrote(), one.join("Binh")
    path = f"reviews/{review}/helpful/"
    own = one.api.post(path, {"member": one.ana})
    assert (own.status_code, own.data["code"]) == (422, "ones_own")
    for _twice in range(2):
        assert one.did(one.api.post(path, {"member": reader}))["helpful"] == 1
    taken = one.api.post(path, {"member": reader, "is_helpful": False})
    assert one.did(taken)["helpful"] == 0


def test_words_and_links_are_looked_at_first(one: Reviewing) -> None:
    one.settings(who="all")
    one.did(one.api.patch("moderation/settings/", {"words": ["Đồ Dởm"]}, match="*"))
    one.wrote("coffee", text="đúng là đồ   dởm!")
    one.wrote("cake", text="See www.cheap.example for more")
    queue = one.did(one.api.get("moderation/cases/?state=open"))["data"]
    assert [(case["why"], case["is_shown"]) for case in queue] == [
        ("links", False),
        ("words", False),
    ]
    done = one.api.post(f"moderation/cases/{queue[0]['id']}/decision/", {"verdict": "keep"})
    assert one.did(done)["verdict"] == "keep"
    assert one.read(queue[0]["subject"])["state"] == "published"
    assert len(one.did(one.api.get("moderation/cases/?state=open"))["data"]) == 1
    one.did(one.api.patch("moderation/settings/", {"links": "refuse"}, match="*"))
    refused = one.edit(queue[0]["subject"], text="https://cheap.example")
    assert (refused.status_code, refused.data["errors"][0]["pointer"]) == (400, "/text")


def test_photos_are_pictures_and_drawn_anew(one: Reviewing) -> None:
    one.buy()
    for bad in (b"GIF89a<script>alert(1)</script>", b"", picture()[:200]):
        refused = one.write(photos=[b64(picture()), b64(bad)])
        assert refused.status_code == 400, refused.data
        assert refused.data["errors"][0]["pointer"] == "/photos/1"
    review = one.wrote(photos=[b64(picture()), b64(picture("PNG", size=(3_000, 20)))])
    first, second = one.read(review)["photos"]
    assert (first["width"], second["width"]) == (40, 1_600)
    with in_programme(one.shop.programme):
        raw = read_photo(Photo.objects.get(public_id=first["id"]).file)
    assert raw.startswith(b"\xff\xd8"), "a JPEG of ours"
    assert b"Hang Bac" not in raw
    many = [b64(picture(colour=f"#{number}{number}{number}")) for number in range(3)]
    refused = one.edit(review, photos=many)
    assert (refused.status_code, refused.data["code"]) == (400, "too_many_photos")
    one.did(one.edit(review, drop_photos=[first["id"]]))
    assert [photo["id"] for photo in one.read(review)["photos"]] == [second["id"]]


def test_a_photo_held_back_stays_so_when_its_text_is_changed(one: Reviewing) -> None:
    one.buy()
    review = one.wrote(photos=[b64(picture())])
    photo = one.read(review)["photos"][0]["id"]
    for name in ("Binh", "Chi", "Dung"):
        report = {"kind": "photo", "subject": photo, "reason": "spam", "member": one.join(name)}
        one.did(one.api.post("moderation/reports/", report))
        one.relay()
    one.did(one.edit(review, text="All the same"))
    with in_programme(one.shop.programme):
        assert Photo.objects.get(public_id=photo).state == Photo.State.HELD
    (case,) = one.did(one.api.get("moderation/cases/?state=open"))["data"]
    one.did(one.api.post(f"moderation/cases/{case['id']}/decision/", {"verdict": "keep"}))
    with in_programme(one.shop.programme):
        assert Photo.objects.get(public_id=photo).state == Photo.State.SHOWN


def test_a_thousand_in_a_minute_are_slowed_down(one: Reviewing) -> None:
    one.settings(who="all")
    one.did(one.api.patch("moderation/settings/", {"per_hour": 2}, match="*"))
    review = one.wrote("coffee")
    one.wrote("cake")
    refused = one.edit(review, stars=4)
    assert (refused.status_code, refused.data["code"]) == (429, "too_many_posts")
    assert int(refused["Retry-After"]) == refused.data["params"]["wait_seconds"]
    assert 0 < refused.data["params"]["wait_seconds"] <= 3_601
    one.wrote("cake", member=one.join("Binh"))


def test_the_shop_answers_in_public(one: Reviewing) -> None:
    one.buy()
    review = one.wrote()
    one.did(one.api.post(f"reviews/{review}/reply/", {"text": "Thank you!"}))
    listed = one.did(one.api.get(f"products/{one.products['coffee']}/reviews/"))["data"]
    assert [(row["reply"], row["author"]) for row in listed] == [("Thank you!", "A.")]


def test_what_many_report_is_hidden_until_staff_looked(one: Reviewing) -> None:
    one.reward_reviews()
    one.buy()
    review = one.wrote()
    report = {"kind": "review", "subject": review, "reason": "spam"}
    own = one.api.post("moderation/reports/", {"member": one.ana, **report})
    assert (own.status_code, own.data["code"]) == (422, "ones_own")
    for name in ("Binh", "Chi", "Dung"):
        assert one.read(review)["state"] == "published"
        who = {"member": one.join(name), **report}
        one.did(one.api.post("moderation/reports/", who))
        assert one.api.post("moderation/reports/", who).status_code == 409
        one.relay()
    assert (one.read(review)["state"], one.points()) == ("waiting", 250)
    one.did(one.edit(review, text="Nothing wrong with it"))
    assert one.read(review)["state"] == "waiting", "a new comma is no way around staff"
    (case,) = one.did(one.api.get("moderation/cases/?state=open"))["data"]
    assert (case["reports"], [told["reason"] for told in case["told"]]) == (3, ["spam"] * 3)
    body = {"verdict": "remove", "reason": "Advertising"}
    one.did(one.api.post(f"moderation/cases/{case['id']}/decision/", body))
    assert (one.read(review)["reason"], one.points()) == ("Advertising", 0)


def test_what_is_asked_for_next(one: Reviewing) -> None:
    path = f"members/{one.ana}/products-to-review/"
    assert one.did(one.api.get(path)) == []
    one.buy("coffee")
    cake = one.buy("cake")
    assert {row["sku"] for row in one.did(one.api.get(path))} == {"coffee", "cake"}
    one.wrote("coffee")
    assert [row["sku"] for row in one.did(one.api.get(path))] == ["cake"]
    one.give_back(cake)
    assert one.did(one.api.get(path)) == []


def test_rules_ask_how_many_are_published(one: Reviewing) -> None:
    fact = {"fact": "reviews.published", "op": "gte", "value": 1}
    one.rule(name="Fans", basis="fixed", points=7, audience=[fact])
    one.buy()
    assert one.points() == 0
    review = one.wrote()
    one.buy()
    assert one.points() == 7
    one.did(one.decide(review, "remove", "Spam"))
    one.buy()
    assert one.points() == 7
    binh = one.join("Binh")
    one.buy(member=binh)
    one.wrote(member=binh)
    asked = one.did(one.api.post("segments/look/", {"conditions": [fact]}))
    assert asked["count"]["members"] == 1


def test_erased_members_reviews_stay_without_a_name_or_go(one: Reviewing) -> None:
    one.settings(who="all")
    binh, chi = one.join("Binh"), one.join("Chi")
    kept, gone = one.wrote(member=binh), one.wrote(member=chi, photos=[b64(picture())])
    one.did(one.api.delete(f"members/{binh}/"))
    assert (one.read(kept)["author"], one.read(kept)["state"]) == ("", "published")
    one.settings(former="remove")
    one.did(one.api.delete(f"members/{chi}/"))
    told = one.read(gone)
    assert (told["state"], told["text"], told["photos"]) == ("withdrawn", "", [])
    assert one.rating()["count"] == 1


def test_two_cards_of_one_person_keep_one_review(one: Reviewing) -> None:
    one.reward_reviews()
    second = one.join("Ana")
    one.settings(who="all", only_verified_earn=False)
    old, other = one.wrote(), one.wrote("cake", member=second)
    new = one.wrote(member=second)
    assert one.points() + one.points(second) == 750
    one.did(one.api.post(f"members/{one.ana}/merges/", {"member": second}))
    one.relay()
    assert [one.read(each)["state"] for each in (old, other, new)] == [
        "withdrawn",
        "published",
        "published",
    ]
    assert one.points() == 500
    one.did(one.decide(other, "remove", "Spam"))
    assert one.points() == 250


def test_two_cards_of_one_person_find_a_review_helpful_once(one: Reviewing) -> None:
    one.settings(who="all")
    review, second, other = one.wrote(), one.join("Binh"), one.join("Binh")
    path = f"reviews/{review}/helpful/"
    for reader in (second, other):
        one.did(one.api.post(path, {"member": reader}))
    assert one.read(review)["helpful"] == 2
    one.did(one.api.post(f"members/{second}/merges/", {"member": other}))
    one.relay()
    assert one.read(review)["helpful"] == 1
    assert one.did(one.api.post(path, {"member": second}))["helpful"] == 1
    taken = one.api.post(path, {"member": second, "is_helpful": False})
    assert one.did(taken)["helpful"] == 0


def test_script_is_text(one: Reviewing) -> None:
    one.buy()
    review = one.wrote(text="<script>alert(1)</script>")
    assert one.read(review)["text"] == "<script>alert(1)</script>"


def test_a_programs_own_reviews_count_as_before(one: Reviewing) -> None:
    """A shop whose reviews live elsewhere reports them as activities."""
    one.reward_reviews(10)
    record_activity(one.shop.call(), member=one.ana, type="review.published", key="theirs-1")
    assert one.points() == 10
