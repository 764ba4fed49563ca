"""A person is forgotten: the books say what was done, and nothing of who they were."""

from __future__ import annotations

import json

from loyalty.commands.models import Command
from loyalty.engine.shown import show_name
from loyalty.tenancy.scope import in_programme
from members.profiles.services import activate_member, erase_member, hold_member
from tests.campaigns.partners.scheme import Scheme
from tests.tiers.subscriptions.subs_of import begin, now_of, offer
from tests.world import Shop


def test_the_audit_trail_keeps_no_word_of_an_erased_person(shop: Shop) -> None:
    offer(shop)
    box = begin(shop, way="deliver", address="5 Hàng Bạc", note="Ring twice")
    ana, scheme = shop.member.public_id, Scheme(shop)
    show_name(shop.call(), member=ana, name="Bean lover")
    scheme.did(scheme.card("C-4711", ana, opened_on="2026-01-02"))
    words = ("5 Hàng Bạc", "Ring twice", "Bean lover", "C-4711")
    assert _told(shop, words) == set(words), "answers are kept to be told again"
    erase_member(shop.call(), member=ana)
    assert _told(shop, words) == set()
    assert now_of(shop, box).address == ""


def test_why_a_card_was_on_hold_is_forgotten_with_the_person(shop: Shop) -> None:
    ana = shop.member.public_id
    hold_member(shop.call(), member=ana, reason="Mượn thẻ của chị Hoa")
    activate_member(shop.call(), member=ana)
    assert _told(shop, ("chị Hoa",)), "as long as she is a member, staff can read why"
    erase_member(shop.call(), member=ana)
    assert _told(shop, ("chị Hoa",)) == set()
    with in_programme(shop.programme):
        (held,) = Command.objects.filter(name="members.hold_member")
    assert held.changes == {"state": "held", "reason": ""}, "that it was, and when, stays"


def _told(shop: Shop, words: tuple[str, ...]) -> set[str]:
    with in_programme(shop.programme):
        rows = Command.objects.values_list("result", "changes")
        kept = json.dumps(list(rows), ensure_ascii=False)
    return {word for word in words if word in kept}
