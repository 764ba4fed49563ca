"""What members enter: looked at, reported, held back, taken out; photos, pace and whoever is forgotten."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from community.contests.models import Entry, Vote
from community.contests.personal_data import export
from community.contests.services import (
    decide_contest,
    enter_contest,
    judge_entry,
    withdraw_entry,
)
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Invalid, NotFound, Refused
from loyalty.ledger.holders import merge_members
from loyalty.tenancy.scope import in_programme
from loyalty.web.photos import keep_photo
from members.moderation.models import Case, Photo
from members.profiles.services import activate_member, hold_member
from members.profiles.services.personal import erase_member
from tests.api import Api, make_key
from tests.community.contests.test_contests import enters, entry_row, opened, votes
from tests.community.events.events_of import points_of, relay, someone
from tests.community.events.test_pages import ana, ben, photo
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def test_nobody_sees_an_entry_before_staff_has(shop: Shop) -> None:
    contest = opened(shop)
    done = enter_contest(
        shop.call(), member=shop.member.public_id, contest=contest, text="Chưa ai xem"
    )
    visitor = Client(headers={"Accept-Language": "en"})
    assert "Chưa ai xem" not in visitor.get(f"/p/cafe/contests/{contest}/").content.decode()
    with pytest.raises(NotFound):
        votes(shop, done.entry, someone(shop))
    judge_entry(shop.call(), entry=done.entry, show=True)
    assert "Chưa ai xem" in visitor.get(f"/p/cafe/contests/{contest}/").content.decode()


def test_what_was_shown_can_still_be_taken_out_and_its_votes_are_free(shop: Shop) -> None:
    earning(shop, activity="contest.entered", basis="fixed", points=3)
    contest = opened(shop)
    bad, good = enters(shop, contest), enters(shop, contest, someone(shop))
    voter = someone(shop)
    votes(shop, bad, voter)
    judge_entry(shop.call(), entry=bad, show=False, reason="Not yours")
    assert points_of(shop) == 0
    assert votes(shop, good, voter) == 1
    with pytest.raises(Refused):
        judge_entry(shop.call(), entry=bad, show=True)


def test_a_photo_is_decoded_and_loses_what_the_camera_kept(shop: Shop) -> None:
    contest = opened(shop, wants_photo=True, wants_text=False)
    who = shop.member.public_id
    with pytest.raises(Invalid):
        enter_contest(shop.call(), member=who, contest=contest)
    client, page = ana(shop), f"/p/cafe/contests/{contest}/"
    told = client.get(page).content.decode()
    assert "optional" not in told.split("Your photo")[1].split("</div>")[0], "it is asked for"
    for bad in ({}, {"photo": BytesIO(b"not a picture")}, {"photo": BytesIO(photo()[:9_000])}):
        assert client.post(page, {"act": "enter", **bad}).status_code == 422
    client.post(page, {"act": "enter", "photo": BytesIO(photo(format="JPEG"))})
    with in_programme(shop.programme):
        entry, kept = Entry.objects.get(), Photo.objects.get()
    address = f"/p/cafe/photos/{kept.public_id}/"
    assert Client().get(address).status_code == 404, "others see it once staff has"
    assert client.get(address).status_code == 200
    judge_entry(shop.call(), entry=entry.public_id, show=True)
    answer = Client().get(address)
    assert answer["Content-Type"] == "image/jpeg" and b"Secret camera" not in answer.content
    with Image.open(BytesIO(answer.content)) as image:
        assert max(image.size) == 1_600
    assert address in Client().get(page).content.decode()


def test_who_is_forgotten_leaves_no_words_and_no_photo(shop: Shop) -> None:
    contest = opened(shop, wants_photo=True)
    entry = enters(shop, contest, photo=keep_photo(photo(), field="photo"))
    votes(shop, entry, someone(shop))
    with in_programme(shop.programme):
        assert export(shop.member)["contest_entries"][0]["text"] == "Khói qua cửa sổ"
    erase_member(shop.call(), member=shop.member.public_id)
    row = entry_row(shop, entry)
    assert (row.text, row.state, row.votes) == ("", "withdrawn", 0)
    with in_programme(shop.programme):
        assert not Photo.objects.exclude(state="removed").exists()
        assert not Vote.objects.exists(), "votes for what is gone are free again"
        assert not Case.objects.filter(state="open").exists()


def test_entries_wait_and_are_reported_in_the_common_queue(shop: Shop) -> None:
    contest, api = opened(shop), Api(make_key(shop))
    assert api.patch("moderation/settings/", {"hide_after": 1}, match="*").status_code == 200
    who, other = shop.member.public_id, someone(shop)
    done = enter_contest(shop.call(), member=who, contest=contest, text="xem www.re.example")
    (case,) = api.get("moderation/cases/?state=open").data["data"]
    assert (case["kind"], case["subject"], case["why"]) == ("contest_entry", done.entry, "links")
    decision = f"moderation/cases/{case['id']}/decision/"
    assert api.post(decision, {"verdict": "keep"}).status_code == 200
    votes(shop, done.entry, other)
    report = {"member": other.public_id, "kind": "contest_entry", "subject": done.entry}
    told = api.post("moderation/reports/", {**report, "reason": "spam"})
    assert told.status_code == 201, told.data
    relay()
    row = entry_row(shop, done.entry)
    assert (row.state, row.votes) == ("pending", 1), "hidden, and its votes wait with it"
    judge_entry(shop.call(), entry=done.entry, show=True)
    row = entry_row(shop, done.entry)
    assert (row.state, row.votes) == ("shown", 1)
    assert not api.get("moderation/cases/?state=open").data["data"]


def test_who_enters_and_withdraws_without_end_is_slowed_down(shop: Shop) -> None:
    contest, api = opened(shop), Api(make_key(shop))
    assert api.patch("moderation/settings/", {"per_hour": 2}, match="*").status_code == 200
    body = {"member": shop.member.public_id, "text": "Lại"}
    for _again in range(2):
        made = api.post(f"contests/{contest}/entries/", body)
        assert made.status_code == 201, made.data
        withdraw_entry(shop.call(), entry=made.data["entry"])
    slow = api.post(f"contests/{contest}/entries/", body)
    assert (slow.status_code, slow.data["code"]) == (429, "too_many_posts")
    assert int(slow["Retry-After"]) > 0


def test_a_vote_for_what_becomes_ones_own_goes_with_the_merge(shop: Shop) -> None:
    contest = opened(shop, votes_per_member=2)
    twin, third = someone(shop), someone(shop)
    mine, other = enters(shop, contest, twin), enters(shop, contest, third)
    votes(shop, mine)
    votes(shop, other)
    merge_members(shop.call(), survivor=shop.member.public_id, loser=twin.public_id)
    relay()
    assert (entry_row(shop, mine).votes, entry_row(shop, other).votes) == (0, 1)


def test_a_prize_waits_for_a_card_on_hold(shop: Shop) -> None:
    contest = opened(shop)
    entry, at = enters(shop, contest), now()
    votes(shop, entry, someone(shop))
    hold_member(shop.call(), member=shop.member.public_id)
    with played_at(at + timedelta(days=10)):
        decide_contest(shop.call(), contest=contest)
        relay()
        assert points_of(shop) == 0
        activate_member(shop.call(), member=shop.member.public_id)
        relay()
    assert points_of(shop) == 100


def test_a_button_the_page_does_not_have_rejects_nothing(shop: Shop) -> None:
    contest = opened(shop)
    entry = enters(shop, contest)
    page = f"/dashboard/cafe/contests/{contest}/"
    ben(shop).post(page, {"act": "bogus", "entry": entry})
    ben(shop).post(page, {"entry": entry})
    assert entry_row(shop, entry).state == "shown"
