"""Contests from the first entry to the prize, and what is refused on the way."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from community.contests.models import Entry, Vote
from community.contests.rules import ContestInput, Prize, Standing, winners
from community.contests.services import (
    cancel_contest,
    create_contest,
    decide_contest,
    edit_contest,
    enter_contest,
    judge_entry,
    publish_contest,
    take_vote_back,
    vote,
    withdraw_entry,
)
from loyalty.commands.actor import member_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now, played_at
from loyalty.common.errors import Conflict, DomainError, Invalid, NotFound, Refused
from loyalty.ledger.holders import merge_members
from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from rewards.catalog.models import Voucher
from tests.api import Api, make_key
from tests.community.events.events_of import points_of, relay, someone
from tests.community.events.test_pages import SCRIPT, ana, ben, photo
from tests.rewards.catalog.rewards_of import reward
from tests.rewards.points.rules_of import earning
from tests.world import Shop


def contest_of(**values: Any) -> ContestInput:
    at = now().replace(microsecond=0)
    given: dict[str, Any] = {
        "title_vi": "Ly đầu ngày",
        "title_en": "First cup",
        "rules_en": "Most votes win; of equals who entered first.",
        "opens_at": at,
        "entries_until": at + timedelta(days=5),
        "votes_until": at + timedelta(days=9),
        "prizes": (Prize(points=100), Prize(points=40)),
    }
    return ContestInput(**{**given, **values})


def opened(shop: Shop, **values: Any) -> str:
    """A published contest's id."""
    made = create_contest(shop.call(), contest=contest_of(**values))
    publish_contest(shop.call(), contest=made.contest)
    return made.contest


def enters(shop: Shop, contest: str, member: Member | None = None, **values: Any) -> str:
    """A member enters, and staff shows it."""
    who = (member or shop.member).public_id
    given = {"text": "Khói qua cửa sổ", **values}
    done = enter_contest(shop.call(), member=who, contest=contest, **given)
    judge_entry(shop.call(), entry=done.entry, show=True)
    return done.entry


def votes(shop: Shop, entry: str, member: Member | None = None) -> int:
    who = (member or shop.member).public_id
    return vote(shop.call(), member=who, entry=entry).votes


def entry_row(shop: Shop, entry: str) -> Entry:
    with in_programme(shop.programme):
        found: Entry = Entry.objects.get(public_id=entry)
        return found


def _code(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.code


def test_most_votes_win_and_of_equals_who_entered_first() -> None:
    at = now()
    rows = [
        Standing(entry="late", votes=3, entered_at=at),
        Standing(entry="early", votes=3, entered_at=at - timedelta(hours=1)),
        Standing(entry="best", votes=5, entered_at=at),
        Standing(entry="none", votes=0, entered_at=at),
    ]
    assert winners(rows, places=2) == ["best", "early"]
    assert winners(rows, places=9) == ["best", "early", "late"]


def test_members_vote_and_the_winners_get_points_and_rewards(shop: Shop) -> None:
    earning(shop, activity="contest.entered", basis="fixed", points=3)
    earning(shop, activity="contest.won", basis="fixed", points=7)
    tote = reward(shop)
    contest = opened(shop, prizes=(Prize(points=100, reward=tote), Prize(points=40)))
    second, voters = someone(shop), [someone(shop) for _n in range(3)]
    mine, theirs = enters(shop, contest), enters(shop, contest, second)
    assert points_of(shop) == 3
    assert [votes(shop, mine, one) for one in voters] == [1, 2, 3]
    votes(shop, theirs)
    with played_at(now() + timedelta(days=8)), pytest.raises(Refused) as error:
        decide_contest(shop.call(), contest=contest)
    assert _code(error) == "votes_not_over"
    with played_at(now() + timedelta(days=10)):
        done = decide_contest(shop.call(), contest=contest)
        assert done.winners == (mine, theirs)
        relay()
    assert points_of(shop) == 3 + 100 + 7
    assert points_of(shop, second) == 3 + 40 + 7
    with in_programme(shop.programme):
        assert Voucher.objects.get(member=shop.member).source == contest
        assert verify().findings == []
    assert entry_row(shop, mine).rank == 1
    with played_at(now() + timedelta(days=11)), pytest.raises(Refused) as error:
        decide_contest(shop.call(), contest=contest)
    assert _code(error) == "contest_decided"


def test_a_jury_picks_among_what_is_shown(shop: Shop) -> None:
    contest = opened(shop, judging="jury")
    mine, theirs = enters(shop, contest), enters(shop, contest, someone(shop))
    with pytest.raises(Refused) as error:
        votes(shop, mine, someone(shop))
    assert _code(error) == "no_votes_here"
    with played_at(now() + timedelta(days=6)):
        for picks in ((), (mine, mine), ("ent_other",), (mine, theirs, theirs)):
            with pytest.raises(Invalid) as wrong:
                decide_contest(shop.call(), contest=contest, picks=picks)
            assert _code(wrong) == "bad_picks"
        decide_contest(shop.call(), contest=contest, picks=(theirs,))
        relay()
    assert (entry_row(shop, theirs).rank, entry_row(shop, mine).rank) == (1, None)


def test_a_member_has_so_many_entries_and_votes_and_none_for_their_own(shop: Shop) -> None:
    contest = opened(shop, votes_per_member=2)
    mine = enters(shop, contest)
    with pytest.raises(Refused) as error:
        enters(shop, contest)
    assert _code(error) == "entries_used"
    with pytest.raises(Refused) as error:
        votes(shop, mine)
    assert _code(error) == "own_entry"
    others = [enters(shop, contest, someone(shop)) for _n in range(3)]
    votes(shop, others[0])
    with pytest.raises(Conflict):
        votes(shop, others[0])
    votes(shop, others[1])
    with pytest.raises(Refused) as error:
        votes(shop, others[2])
    assert _code(error) == "votes_used"
    take_vote_back(shop.call(), member=shop.member.public_id, entry=others[0])
    with pytest.raises(Refused):
        take_vote_back(shop.call(), member=shop.member.public_id, entry=others[0])
    assert votes(shop, others[2]) == 1
    withdraw_entry(shop.call(), entry=mine)
    enters(shop, contest)


def test_entries_and_votes_have_their_time(shop: Shop) -> None:
    contest = opened(shop)
    entry, voter = enters(shop, contest), someone(shop)
    with played_at(now() + timedelta(days=6)):
        with pytest.raises(Refused) as error:
            enters(shop, contest, voter)
        assert _code(error) == "contest_closed"
        votes(shop, entry, voter)
    with played_at(now() + timedelta(days=9, hours=1)), pytest.raises(Refused) as error:
        votes(shop, entry)
    assert _code(error) == "votes_over"
    cancel_contest(shop.call(), contest=contest, reason="Too few")
    with pytest.raises(Refused):
        votes(shop, entry, someone(shop))
    with pytest.raises(Refused):
        cancel_contest(shop.call(), contest=contest)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title_vi": "", "title_en": ""}, "title_vi"),
        ({"rules_en": ""}, "rules_vi"),
        ({"wants_text": False}, "wants_text"),
        ({"judging": "dice"}, "judging"),
        ({"entries_until": now() - timedelta(days=1)}, "entries_until"),
        ({"votes_until": now() + timedelta(days=1)}, "votes_until"),
        ({"votes_until": now() + timedelta(days=9999)}, "votes_until"),
        ({"votes_per_member": 0}, "votes_per_member"),
        ({"entries_per_member": 10**6}, "entries_per_member"),
        ({"prizes": ()}, "prizes"),
        ({"prizes": (Prize(),)}, "prizes.0.points"),
        ({"prizes": (Prize(points=-5),)}, "prizes.0.points"),
        ({"prizes": (Prize(reward="rwd_none"),)}, "prizes.0.reward"),
        ({"audience": ({"fact": "no.such", "op": "eq", "value": 1},)}, "audience.0.fact"),
    ],
)
def test_what_a_contest_cannot_be(shop: Shop, values: dict, field: str) -> None:
    with pytest.raises(Invalid) as error:
        create_contest(shop.call(), contest=contest_of(**values))
    assert error.value.field == field


def test_published_rules_stand(shop: Shop) -> None:
    contest = opened(shop)
    with pytest.raises(Refused) as error:
        edit_contest(shop.call(), contest=contest, values=contest_of(title_en="Other"))
    assert _code(error) == "contest_live"


def test_a_contest_for_some_and_a_member_for_themselves(shop: Shop, other_shop: Shop) -> None:
    contest = opened(
        shop, audience=({"fact": "member.tags", "op": "contains", "value": "regular"},)
    )
    with pytest.raises(Refused) as error:
        enters(shop, contest)
    assert _code(error) == "not_for_you"
    entry = enters(shop, contest, someone(shop, tags=["regular"]))
    me = member_actor(shop.programme, shop.member.public_id)
    with pytest.raises(NotFound):
        withdraw_entry(Call(me, "a"), entry=entry)
    with pytest.raises(DomainError):
        judge_entry(Call(me, "b"), entry=entry, show=False)
    with pytest.raises(NotFound):
        votes(other_shop, entry)


def test_two_cards_of_one_person_vote_once(shop: Shop) -> None:
    contest = opened(shop)
    entry, twin = enters(shop, contest, someone(shop)), someone(shop)
    votes(shop, entry)
    votes(shop, entry, twin)
    merge_members(shop.call(), survivor=shop.member.public_id, loser=twin.public_id)
    relay()
    assert entry_row(shop, entry).votes == 1
    with in_programme(shop.programme):
        assert Vote.objects.count() == 1


def test_a_member_enters_and_votes_in_the_portal(shop: Shop) -> None:
    contest = opened(shop)
    other = enters(shop, contest, someone(shop), text=SCRIPT)
    client = ana(shop)
    assert "First cup" in client.get("/p/cafe/").content.decode()
    assert "First cup" in client.get("/p/cafe/contests/").content.decode()
    page = f"/p/cafe/contests/{contest}/"
    assert SCRIPT not in client.get(page).content.decode()
    assert client.post(page, {"act": "enter", "text": ""}).status_code == 422
    answer = client.post(page, {"act": "enter", "text": "Của tôi"}, follow=True).content.decode()
    assert "My entry" in answer and "Của tôi" in answer
    client.post(page, {"act": "vote", "entry": other})
    assert entry_row(shop, other).votes == 1
    client.post(page, {"act": "unvote", "entry": other})
    assert entry_row(shop, other).votes == 0
    terms = client.get("/p/cafe/terms/").content.decode()
    assert "of equals the first to enter wins" in terms and "2 prizes." in terms


def test_staff_writes_looks_and_decides(shop: Shop) -> None:
    staff, at = ben(shop), now()
    form = {
        "title_en": "Latte art",
        "rules_en": "A jury picks.",
        "wants_text": "on",
        "opens_at": at.strftime("%Y-%m-%dT%H:%M"),
        "entries_until": (at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
        "votes_until": (at + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"),
        "judging": "jury",
        "entries_per_member": "1",
        "votes_per_member": "1",
        "points_1": "50",
    }
    no_prize = staff.post("/dashboard/cafe/contests/new/", {**form, "points_1": ""})
    assert list(no_prize.context["form"].errors) == ["points_1"]
    made = staff.post("/dashboard/cafe/contests/new/", form)
    assert made.status_code == 302, made.content.decode()[-2000:]
    address = made["Location"]
    contest = address.rstrip("/").split("/")[-1]
    changed = staff.post(f"{address}edit/", {**form, "points_2": "20"})
    assert changed.status_code == 302
    staff.post(address, {"act": "publish"})
    with played_at(at + timedelta(hours=8)):
        done = enter_contest(
            shop.call(), member=shop.member.public_id, contest=contest, text="Swan"
        )
    assert "Swan" in staff.get(address).content.decode()
    staff.post(address, {"act": "show", "entry": done.entry})
    assert entry_row(shop, done.entry).state == "shown"
    with played_at(at + timedelta(days=3)):
        assert "Decide and give the prizes" in staff.get(address).content.decode()
        staff.post(address, {"act": "decide", "place_1": done.entry})
        relay()
    assert entry_row(shop, done.entry).rank == 1
    assert points_of(shop) == 50


def test_the_whole_story_over_the_api(shop: Shop) -> None:
    api, at, who = Api(make_key(shop)), now().replace(microsecond=0), shop.member.public_id
    body = {
        "title_en": "Photo",
        "rules_en": "Most votes win.",
        "opens_at": at.isoformat(),
        "entries_until": (at + timedelta(days=1)).isoformat(),
        "votes_until": (at + timedelta(days=2)).isoformat(),
        "wants_photo": True,
        "prizes": [{"points": 10}],
    }
    made = api.post("contests/", body)
    assert made.status_code == 201, made.data
    contest = made.data["id"]
    edited = api.send(
        "PUT", f"contests/{contest}/", {**body, "title_vi": "Ảnh"}, if_match=made.headers["ETag"]
    )
    assert (edited.status_code, edited.data["title_vi"]) == (200, "Ảnh"), edited.data
    stale = api.send("PUT", f"contests/{contest}/", body, if_match=made.headers["ETag"])
    assert stale.status_code == 412
    assert api.post(f"contests/{contest}/publish/").data["state"] == "live"
    wrong = api.post(f"contests/{contest}/entries/", {"member": who, "photo": "%%%"})
    assert (wrong.status_code, wrong.data["errors"][0]["pointer"]) == (400, "/photo")
    sent = base64.b64encode(photo(size=(200, 100))).decode()
    entry = api.post(f"contests/{contest}/entries/", {"member": who, "photo": sent})
    assert entry.status_code == 201, entry.data
    entry_id = entry.data["entry"]
    assert api.post(f"contests/entries/{entry_id}/judge/", {"show": True}).status_code == 200
    voter = {"member": someone(shop).public_id}
    assert api.post(f"contests/entries/{entry_id}/vote/", voter).data["votes"] == 1
    assert api.post(f"contests/entries/{entry_id}/vote/", voter).status_code == 409
    with played_at(at + timedelta(days=3)):
        assert api.post(f"contests/{contest}/decide/", {}).data["state"] == "decided"
        relay()
    listed = api.get(f"contests/{contest}/entries/").data["data"][0]
    assert (listed["rank"], points_of(shop)) == (1, 10)
    late = api.send("PUT", f"contests/{contest}/", body, if_match="*")
    assert (late.status_code, late.data["code"]) == (422, "contest_decided")
    (shown,) = listed["photos"]
    assert Client().get(shown["path"])["Content-Type"] == "image/jpeg"
