"""``load_demo``: fill an empty database with the demo's three programmes. Safe to run twice."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now
from loyalty.demo import accounts, cafe, coalition, gift_shop, history
from loyalty.demo.accounts import PASSWORD, DemoInfo, Login
from loyalty.insight.services import rebuild
from loyalty.tenancy.models import Location, Merchant, Programme
from loyalty.tenancy.services import create_api_key

EVERYTHING = ("*:*",)


class Command(BaseCommand):
    """Make the coffee shop with a year behind it, and the gift shop with its invoices."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if accounts.read() is not None and Programme.objects.filter(slug=gift_shop.SLUG).exists():
            self.stdout.write("The demo is loaded already.")
            return
        if Programme.objects.exists():
            raise CommandError(
                "This database holds programmes already, and the demo wants one of its own. "
                "Point DATABASE_URL to an empty one."
            )
        info = DemoInfo(
            base_url=os.environ.get("DEMO_URL", "http://localhost:8000"),
            mailbox="/demo/mailbox/",
        )
        self.stdout.write("The coffee shop: a year of visits …")
        shop = cafe.open_shop()
        lan = accounts.user("lan@caphehien.example", "Nguyễn Thị Lan", password=False)
        regular = history.regular(
            name="Nguyễn Thị Lan", phone="0912 345 678", email=lan.email, user_id=lan.pk
        )
        sales = history.play(shop, regulars=[regular], until=now())
        cafe.finish(shop, member=regular.member)
        self._people(info, shop.merchant, shop.locations[0], domain="caphehien.example")
        info.logins.append(_member_login(shop.programme.slug, lan.email))
        self.stdout.write(f"  {sales:,} sales")
        self.stdout.write("The gift shop: a year of real invoices …")
        merchant, place = gift_shop.open_shop()
        gift_shop.import_invoices(verbosity=0)
        self._people(info, merchant, place, domain="giftshop.example")
        emma = accounts.user("emma@giftshop.example", "Emma Clarke", password=False)
        gift_shop.hand_card_to(emma)
        info.logins.append(_member_login(gift_shop.SLUG, emma.email))
        self.stdout.write("A street of three shops with one card …")
        self._street(info)
        for programme in Programme.objects.all():
            rebuild(programme)
        accounts.user("staff@than.example", "Nhân viên hỗ trợ", superuser=True)
        info.logins.append(Login("staff", "", "staff@than.example", PASSWORD, address="/admin/"))
        accounts.save(info)

    def _street(self, info: DemoInfo) -> None:
        at = now()
        street = coalition.open_street(until=at)
        mai = accounts.user("mai@phovui.example", "Lý Thanh Mai", password=False)
        sales = coalition.play(street, user=mai, until=at)
        self._people(info, street.merchants[0], street.places[0], domain="phovui.example")
        # The bakery's own people: they see its sales and its statement, and no other's.
        info.logins += accounts.team(
            street.merchants[1],
            domain="tiembanhmoc.example",
            people={"manager": ("manager", "Mộc Miên"), "cashier": ("cashier", "Thu Ngân")},
            location=street.places[1],
        )
        info.logins.append(_member_login(coalition.SLUG, mai.email))
        self.stdout.write(f"  {sales:,} sales")

    def _people(self, info: DemoInfo, merchant: Merchant, place: Location, *, domain: str) -> None:
        programme = merchant.programme
        info.programmes.append(
            {"slug": programme.slug, "name": programme.name, "currency": programme.currency}
        )
        people = {
            "owner": ("owner", "Ngọc Hiên"),
            "manager": ("manager", "Quốc Bảo"),
            "cashier": ("cashier", "Thu Ngân"),
        }
        info.logins += accounts.team(merchant, domain=domain, people=people, location=place)
        actor = job_actor(programme, "Demo", merchant_id=merchant.pk)
        made = create_api_key(Call(actor, "demo-api-key"), name="Demo", scopes=EVERYTHING)
        info.api_keys[programme.slug] = made.secret


def _member_login(slug: str, email: str) -> Login:
    """A customer enters by a code: the mailbox page shows it."""
    return Login("member", slug, email, by_code=True, address=f"/p/{slug}/")
