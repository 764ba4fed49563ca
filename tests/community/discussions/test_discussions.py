"""Topics, ideas, replies and groups as members and the shop live through them, over the API alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from community.discussions.models import Topic
from community.discussions.services.showing import save
from loyalty.ledger.verification import verify
from loyalty.tenancy.scope import in_programme
from tests.community.discussions.talks_of import Talking
from tests.world import Shop


@pytest.fixture
def one(shop: Shop) -> Iterator[Talking]:
    yield Talking(shop)
    with in_programme(shop.programme):
        assert verify().findings == []


def test_an_idea_from_its_first_vote_to_done(one: Talking) -> None:
    one.rewards("idea.published", 5)
    one.rewards("idea.accepted", 100)
    idea, binh = one.idea(), one.join("Binh")
    assert one.points() == 5
    own = one.vote(idea, one.ana)
    assert (own.status_code, own.data["code"]) == (422, "ones_own")
    for _twice in range(2):
        assert one.did(one.vote(idea, binh))["votes"] == 1
    assert one.becomes(idea, "declined").status_code == 400, "everybody is told why"
    one.did(one.becomes(idea, "planned", "In spring"))
    one.did(one.becomes(idea, "done"))
    assert (one.told(idea)["status"], one.points()) == ("done", 105)
    over = one.vote(idea, one.join("Chi"))
    assert (over.status_code, over.data["code"]) == (422, "topic_closed")
    one.did(one.becomes(idea, "declined", "The neighbours"))
    assert one.points() == 5
    one.did(one.becomes(idea, "done"))
    assert one.points() == 105
    one.did(one.decide_text(f"topics/{idea}", "remove", "Spam"))
    assert one.points() == 0
    not_one = one.becomes(one.topic("Just talk"), "planned")
    assert (not_one.status_code, not_one.data["code"]) == (400, "not_an_idea")


def test_what_others_count_meanwhile_is_not_written_back(one: Talking) -> None:
    idea = one.idea()
    with in_programme(one.shop.programme):
        read_before = Topic.objects.get(public_id=idea)
    one.did(one.vote(idea, one.join("Binh")))
    one.replied(idea, member=one.join("Chi"))
    read_before.title = "Open at six"
    with in_programme(one.shop.programme):
        save(read_before)  # what a command does that read before, under the lock of the author
    told = one.told(idea)
    assert (told["title"], told["votes"], told["replies"]) == ("Open at six", 1, 1)


def test_replies_and_the_best_of_them(one: Talking) -> None:
    one.rewards("reply.published", 2)
    one.rewards("answer.accepted", 20)
    topic, binh = one.topic("How do I clean my French press?"), one.join("Binh")
    reply = one.replied(topic, "With baking soda.", member=binh)
    shop = one.replied(topic, "Or bring it to us.")
    assert (one.told(topic)["replies"], one.points(binh)) == (2, 2)
    path = f"topics/{topic}/best/"
    own = one.replied(topic, "Thanks!", member=one.ana)
    refused = one.api.post(path, {"reply": own})
    assert (refused.status_code, refused.data["code"]) == (422, "ones_own")
    one.did(one.api.post(path, {"reply": reply}))
    one.relay()
    assert (one.told(topic)["best"], one.points(binh)) == (reply, 22)
    one.did(one.api.post(path, {"reply": shop}))
    one.relay()
    assert one.points(binh) == 2
    listed = one.did(one.api.get(f"topics/{topic}/replies/"))["data"]
    assert [(row["is_shop"], row["author"]) for row in listed] == [
        (False, "A."),
        (True, ""),
        (False, "B."),
    ]
    one.did(one.api.delete(f"replies/{reply}/"))
    assert (one.told(topic)["replies"], one.points(binh)) == (2, 0)


def test_staff_look_before_where_the_shop_wants_it(one: Talking) -> None:
    one.rewards("topic.published", 5)
    one.talk_settings(looked_at="before")
    topic = one.topic()
    assert (one.told(topic)["state"], one.points()) == ("waiting", 0)
    (case,) = one.did(one.api.get("moderation/cases/?state=open&kind=topic"))["data"]
    assert (case["title"], case["why"]) == ("Open earlier", "new")
    path = f"moderation/cases/{case['id']}/decision/"
    one.did(one.api.post(path, {"verdict": "keep"}))
    assert (one.told(topic)["state"], one.points()) == ("published", 5)
    one.did(one.api.patch(f"topics/{topic}/", {"text": "At seven?"}, match="*"))
    assert (one.told(topic)["state"], one.points()) == ("waiting", 5)
    one.did(one.decide_text(f"topics/{topic}", "keep"))
    assert one.points() == 5


def test_texts_are_changed_for_a_day(one: Talking) -> None:
    with time_machine.travel(datetime(2026, 2, 3, 5, tzinfo=UTC), tick=False) as clock:
        topic = one.topic()
        clock.shift(timedelta(hours=23))
        assert one.api.patch(f"topics/{topic}/", {"title": "x"}, match="*").status_code == 200
        clock.shift(timedelta(hours=2))
        late = one.api.patch(f"topics/{topic}/", {"title": "y"}, match="*")
    assert (late.status_code, late.data["code"]) == (422, "too_late_to_edit")


def test_words_links_and_pace_hold_here_too(one: Talking) -> None:
    values = {"words": ["rubbish"], "links": "refuse", "per_hour": 3}
    one.did(one.api.patch("moderation/settings/", values, match="*"))
    assert one.told(one.topic("Rubbish!"))["state"] == "waiting"
    refused = one.start("www.cheap.example")
    assert (refused.status_code, refused.data["errors"][0]["pointer"]) == (400, "/title")
    topic = one.topic("Fine")
    one.replied(topic, member=one.ana)
    slow = one.reply(topic, member=one.ana)
    assert (slow.status_code, slow.data["code"]) == (429, "too_many_posts")


def test_who_is_blocked_does_not_reply(one: Talking) -> None:
    topic, binh = one.topic(), one.join("Binh")
    one.did(one.api.post(f"members/{one.ana}/blocks/", {"other": binh}))
    refused = one.reply(topic, member=binh)
    assert (refused.status_code, refused.data["code"]) == (422, "may_not_reply")
    one.did(one.api.delete(f"members/{one.ana}/blocks/{binh}/"))
    one.replied(topic, member=binh)


def test_a_closed_topic_takes_no_replies(one: Talking) -> None:
    topic = one.topic()
    one.did(one.api.post(f"topics/{topic}/closed/", {"is_closed": True}))
    refused = one.reply(topic, member=one.join("Binh"))
    assert (refused.status_code, refused.data["code"]) == (422, "topic_closed")
    one.talk_settings(is_open=False)
    assert one.start().data["code"] == "discussions_closed"


def test_a_group_for_whom_conditions_hold(one: Talking) -> None:
    regular = {"fact": "purchases.count", "op": "gte", "value": 1}
    group = one.group(join="conditions", conditions=[regular], is_private=True)
    refused = one.join_group(group)
    assert (refused.status_code, refused.data["code"]) == (422, "not_for_you")
    outside = one.start(group=group)
    assert (outside.status_code, outside.data["code"]) == (422, "not_in_group")
    bought = one.buy()
    assert one.did(one.join_group(group))["standing"] == "in"
    topic, binh = one.topic(group=group), one.join("Binh")
    assert one.reply(topic, member=binh).status_code == 404, "private: it is not there for Binh"
    one.replied(topic, member=one.ana)
    assert bought["purchase"]
    empty = one.api.post("groups/", {"name": "Nobody", "join": "conditions"})
    assert (empty.status_code, empty.data["errors"][0]["pointer"]) == (400, "/conditions")
    again = one.api.post("groups/", {"name": "Brewers"})
    assert (again.status_code, again.data["code"]) == (409, "name_taken")


def test_a_group_whose_door_staff_keep(one: Talking) -> None:
    group, binh = one.group(join="approval"), one.join("Binh")
    for member in (one.ana, binh):
        assert one.did(one.join_group(group, member))["standing"] == "asked"
    waiting = one.did(one.api.get(f"groups/{group}/members/"))["data"]
    answers = {one.ana: True, binh: False}
    for row in waiting:
        body = {"is_in": answers[row["member"]]}
        one.did(one.api.post(f"group-members/{row['id']}/decision/", body))
    assert one.did(one.api.get(f"groups/{group}/"))["members"] == 1
    one.topic(group=group)
    refused = one.join_group(group, binh)
    assert (refused.status_code, refused.data["code"]) == (422, "not_let_in")
    one.did(one.api.post(f"groups/{group}/leave/", {"member": one.ana}))
    assert one.did(one.api.get(f"groups/{group}/"))["members"] == 0


def test_many_reports_hide_a_reply(one: Talking) -> None:
    topic, binh = one.topic(), one.join("Binh")
    reply = one.replied(topic, "Buy at mine!", member=binh)
    for name in ("Chi", "Dung", "Em"):
        body = {"member": one.join(name), "kind": "reply", "subject": reply, "reason": "spam"}
        one.did(one.api.post("moderation/reports/", body))
        one.relay()
    assert one.did(one.api.get(f"replies/{reply}/"))["state"] == "waiting"
    assert one.told(topic)["replies"] == 0
    one.did(one.decide_text(f"replies/{reply}", "keep"))
    assert one.told(topic)["replies"] == 1


def test_erased_members_texts_stay_without_a_name_or_go(one: Talking) -> None:
    binh, chi = one.join("Binh"), one.join("Chi")
    kept, gone = one.topic("Kept", member=binh), one.topic("Gone", member=chi)
    reply = one.replied(kept, member=chi)
    one.did(one.api.post(f"topics/{kept}/best/", {"reply": reply}))
    one.did(one.api.delete(f"members/{binh}/"))
    assert (one.told(kept)["author"], one.told(kept)["title"]) == ("", "Kept")
    one.talk_settings(former="remove")
    one.did(one.api.delete(f"members/{chi}/"))
    assert one.told(kept)["best"] == ""
    assert one.api.get(f"topics/{gone}/").status_code == 404
    assert one.api.get(f"replies/{reply}/").status_code == 404
    assert one.told(kept)["replies"] == 0


def test_a_group_counts_an_erased_member_no_more(one: Talking) -> None:
    group, binh = one.group(), one.join("Binh")
    for member in (one.ana, binh):
        one.did(one.join_group(group, member))
    one.did(one.api.delete(f"members/{binh}/"))
    (told,) = one.did(one.api.get("groups/"))["data"]
    assert told["members"] == 1


def test_two_cards_of_one_person_have_one_vote(one: Talking) -> None:
    binh, second = one.join("Binh"), one.join("Ana")
    idea, own = one.idea(member=binh), one.idea("Mine")
    for member in (one.ana, second):
        one.did(one.vote(idea, member))
    one.did(one.vote(own, second))
    one.did(one.api.post(f"members/{one.ana}/merges/", {"member": second}))
    one.relay()
    assert [one.told(each)["votes"] for each in (idea, own)] == [1, 0]
    again = one.did(one.vote(idea, one.ana))
    assert again["votes"] == 1


def test_shown_by_the_name_they_chose(one: Talking) -> None:
    topic = one.topic()
    assert one.told(topic)["author"] == "A."
    one.did(one.api.post(f"members/{one.ana}/shown-name/", {"name": "Bean lover"}))
    assert one.told(topic)["author"] == "Bean lover"
