"""Members in the back office: found without accents, masked for cashiers, exported without danger."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from loyalty.commands.models import Command
from loyalty.sales.imports.members_run import import_members
from loyalty.sales.services import SaleInput, record_purchase
from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.scope import in_programme
from loyalty.web.lists import safe_cell
from members.profiles.models import Identifier, Member
from members.profiles.services import NewMember, enrol_member
from tests.rewards.points.rules_of import earning
from tests.rewards.punchcards.cards_of import card as make_card
from tests.rewards.punchcards.cards_of import coffees
from tests.world import Shop, make_shop


def _client(shop: Shop, role: str = "owner") -> Client:
    user = shop.staff.user
    if role != "owner":
        user = User.objects.create_user(f"{role}@example.com", None)
        with in_programme(shop.programme):
            Staff.objects.create(user=user, merchant=shop.merchant, role=role)
    client = Client()
    client.force_login(user)
    return client


def _enrolled(shop: Shop, name: str, phone: str) -> str:
    return enrol_member(shop.call(), person=NewMember(name=name, phone=phone)).member


def test_search_needs_no_accents_and_filters_by_state(shop: Shop) -> None:
    hoa = _enrolled(shop, "Nguyễn Thị Hoa", "0912345678")
    owner = _client(shop)
    assert hoa in owner.get("/dashboard/cafe/members/?q=nguyen").content.decode()
    assert hoa not in owner.get("/dashboard/cafe/members/?q=nguyen&state=held").content.decode()


def test_cashiers_see_contacts_masked_and_export_nothing(shop: Shop) -> None:
    hoa = _enrolled(shop, "Hoa", "0912345678")
    for page in ("members/", f"members/{hoa}/"):
        assert "912345678" in _client(shop).get(f"/dashboard/cafe/{page}").content.decode()
    cashier = _client(shop, "cashier")
    for page in ("members/", f"members/{hoa}/"):
        assert "912345678" not in cashier.get(f"/dashboard/cafe/{page}").content.decode()
    assert cashier.get("/dashboard/cafe/members/export.csv").status_code == 403


def test_the_export_holds_everyone_once_and_runs_no_formula(shop: Shop) -> None:
    _enrolled(shop, '=HYPERLINK("http://evil")', "0912345678")
    response = _client(shop).get("/dashboard/cafe/members/export.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert len(text.strip().splitlines()) == 3
    assert "'=HYPERLINK" in text
    assert ",0912 345 678," in text
    with in_programme(shop.programme):
        assert Command.objects.filter(name="members.export_members").count() == 1
    assert safe_cell("\t=1+1") == "'\t=1+1"


def test_pages_of_a_long_list_miss_nobody(shop: Shop) -> None:
    expected = {_enrolled(shop, f"M{n}", f"09123456{n:02d}") for n in range(60)}
    owner, url, seen = _client(shop), "/dashboard/cafe/members/", set()
    for _page in range(2):
        page = owner.get(url).context["list"]
        seen |= {row.public_id for row in page.rows}
        url = page.next_url
    assert not url
    assert expected <= seen


def test_an_edit_made_meanwhile_is_not_overwritten(shop: Shop) -> None:
    hoa = _enrolled(shop, "Hoa", "0912345678")
    owner, url = _client(shop), f"/dashboard/cafe/members/{hoa}/profile/"
    sent = {"name": "Hoa Lê", "language": "vi", "gender": "", "revision": "1"}
    assert owner.post(url, sent | {"idempotency_key": "a"}).status_code == 302
    second = owner.post(url, sent | {"name": "Other", "idempotency_key": "b"})
    assert second.status_code == 422
    assert "meanwhile" in second.content.decode()


def test_hold_tags_and_notes_are_kept_under_their_key(shop: Shop) -> None:
    hoa = _enrolled(shop, "Hoa", "0912345678")
    owner, base = _client(shop), f"/dashboard/cafe/members/{hoa}/"
    for _twice in range(2):
        owner.post(f"{base}notes/", {"text": "<script>x</script>", "idempotency_key": "n"})
    owner.post(f"{base}tags/", {"tags": "VIP, office", "idempotency_key": "t"})
    owner.post(f"{base}tags/", {"tags": "office", "idempotency_key": "t2"})
    owner.post(f"{base}hold/", {"reason": "Doubtful", "idempotency_key": "h"})
    page = owner.get(base).content.decode()
    assert page.count("&lt;script&gt;x&lt;/script&gt;") == 1
    assert "<script>x" not in page
    with in_programme(shop.programme):
        member = Member.objects.get(public_id=hoa)
    assert (member.state, member.tags) == ("held", ["office"])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_export_comes_in_again_as_it_is(shop: Shop, tmp_path: Path, language: str) -> None:
    make_card(shop, name="Cà phê", stamps_needed=10)
    earning(shop)
    hoa = _enrolled(shop, '=HYPERLINK("http://evil")', "0912345678")
    _enrolled(shop, "Jane", "+44 7911 123456")
    sale = SaleInput(lines=[coffees(3)])
    record_purchase(shop.call(), member=hoa, sale=sale)
    owner = _client(shop)
    response = owner.get(
        "/dashboard/cafe/members/export.csv", headers={"accept-language": language}
    )
    path = tmp_path / "members.csv"
    path.write_bytes(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    with in_programme(shop.programme):
        joined = Member.objects.get(public_id=hoa).joined_at
        here = import_members(actor=shop.actor, path=path, dry_run=True)
    assert here.counts == {"already_member": 3}, here.details
    assert joined.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat() in path.read_text()

    other = make_shop("other", owner="other@example.com", member="Zoe")
    make_card(other, name="Cà phê", stamps_needed=10)
    with in_programme(other.programme):
        run = import_members(actor=other.actor, path=path)
        assert run.counts == {"new_member": 3}, run.details
        assert run.totals == {"members": 3, "balances": 2, "points": 13, "stamps": 3}
        assert Identifier.objects.filter(value="+447911123456").exists()
        assert Member.objects.filter(name__startswith="=HYPERLINK").exists()
