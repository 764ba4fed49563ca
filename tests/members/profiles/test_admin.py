"""Support looks at everything, sees no contact whole, and every look at a person is recorded."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.test import Client

from loyalty.commands.models import Command
from loyalty.common.clock import now
from loyalty.tenancy.models import User
from loyalty.tenancy.scope import every_programme, in_programme
from loyalty.web.support import ReadOnlyAdmin
from members.profiles import services
from members.profiles.models import Consent, Member
from members.profiles.rules.consents import address_hash
from members.profiles.services import NewMember
from tests.world import Shop


@pytest.fixture
def support(db: None) -> Client:
    user = User.objects.create_superuser("sue@example.com", "a long pass phrase", name="Sue")
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def hoa(shop: Shop) -> Member:
    person = NewMember(name="Nguyễn Thị Hoa", phone="0912345678", email="hoa@example.com")
    done = services.enrol_member(shop.call(), person=person)
    with in_programme(shop.programme):
        row: Member = Member.objects.get(public_id=done.member)
    return row


def test_the_admin_is_entered_through_the_one_door(shop: Shop) -> None:
    answer = Client().get("/admin/members_profiles/member/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    ben = Client()
    ben.force_login(shop.staff.user)
    assert ben.get("/admin/members_profiles/member/").status_code in (302, 403)


def test_support_finds_a_member_and_sees_masks(support: Client, shop: Shop, hoa: Member) -> None:
    for text in ("nguyen hoa", "+84 912345678", "HOA@example.com", hoa.public_id, "'; DROP--"):
        page = support.get("/admin/members_profiles/member/", {"q": text}).content.decode()
        assert (hoa.public_id in page) == ("DROP" not in text), text
    page = support.get(f"/admin/members_profiles/member/{hoa.pk}/change/").content.decode()
    assert "091•••678" in page
    for whole in ("912345678", "hoa@example.com", "Nguyễn Thị", hoa.card_secret):
        assert whole not in page
    with in_programme(shop.programme):
        seen = Command.objects.get(name="members.read_member")
        assert (seen.actor_kind, seen.actor_label, seen.subject) == (
            "support",
            "Sue",
            hoa.public_id,
        )


def test_support_holds_a_card_through_the_command(support: Client, shop: Shop, hoa: Member) -> None:
    url = "/admin/members_profiles/member/"
    for action, state in (("hold", "held"), ("activate", "active")):
        support.post(url, {"action": action, "_selected_action": [hoa.pk]})
        with in_programme(shop.programme):
            hoa.refresh_from_db()
            assert hoa.state == state
            assert Command.objects.filter(name=f"members.{action}_member").count() == 1


def test_support_proves_a_consent_by_the_address_it_was_given_for(
    support: Client, shop: Shop, hoa: Member
) -> None:
    with in_programme(shop.programme):
        Consent.objects.create(
            programme=shop.programme,
            member=hoa,
            purpose="marketing_email",
            granted=True,
            text_version="2026-11",
            text="Cafe may send me offers.",
            channel="email",
            source="till",
            address_hash=address_hash("hoa@example.com"),
            recorded_at=now(),
        )
    services.erase_member(shop.call(), member=hoa.public_id)
    url = "/admin/members_profiles/consent/"
    for asked, is_there in (("Hoa@Example.com", True), ("hoa@example.org", False)):
        page = support.get(url, {"q": asked}).content.decode()
        assert ("marketing_email" in page.partition("result_list")[2]) == is_there
        assert ("till" in page.partition("result_list")[2]) == is_there


@pytest.mark.parametrize(
    "model", sorted(admin.site._registry, key=lambda model: model._meta.label), ids=str
)
def test_every_list_and_page_of_the_admin_opens(
    support: Client, shop: Shop, hoa: Member, model: type
) -> None:
    url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"  # type: ignore[attr-defined]
    assert support.get(url).status_code == 200
    assert support.get(url, {"q": "a'b"}).status_code == 200
    with every_programme():
        row = model._default_manager.first()  # type: ignore[attr-defined]
    if row is not None:
        assert support.get(f"{url}{row.pk}/change/").status_code in (200, 302)


def test_what_is_written_by_commands_is_read_only_here(support: Client, hoa: Member) -> None:
    ours = [
        model
        for model, page in admin.site._registry.items()
        if isinstance(page, ReadOnlyAdmin) and model.__name__ != "User"
    ]
    assert len(ours) > 10
    for model in ours:
        url = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert support.get(f"{url}add/").status_code == 403
    member = f"/admin/members_profiles/member/{hoa.pk}/"
    assert support.post(f"{member}change/", {"state": "erased"}).status_code == 403
    assert support.post(f"{member}delete/", {"post": "yes"}).status_code == 403
