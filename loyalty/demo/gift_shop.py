"""The demo's second shop: a gift shop in pounds, fed from an excerpt of real invoices.

The file goes through ``import_sales`` like any shop's own: cancellations become refunds, and every
row is accounted for in the report.
"""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command
from django.db.models import Count

from loyalty.commands.actor import job_actor
from loyalty.commands.decorator import Call
from loyalty.engine.publishing import create_rule, publish_rule
from loyalty.ledger.services import open_asset
from loyalty.tenancy.models import Location, Merchant, Programme, User
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member
from members.profiles.services.enrolment import link_login
from members.profiles.services.identifiers import add_identifier
from members.profiles.services.profile import ProfileChanges, update_member

SLUG = "gift-shop"
INVOICES = Path(__file__).parent / "data" / "gift_shop_invoices.csv.gz"


def open_shop() -> tuple[Merchant, Location]:
    """The programme with one rule: a point for each full pound."""
    programme = Programme.objects.create(
        slug=SLUG,
        name="The Gift Shop",
        currency="GBP",
        timezone="Europe/London",
        language="en",
        country="GB",
        theme="plum",
        contact_email="hello@giftshop.example",
    )
    with in_programme(programme):
        merchant = Merchant.objects.create(name="The Gift Shop")
        location = Location.objects.create(merchant=merchant, name="Web shop", code="WEB")
    actor = job_actor(programme, "Demo", merchant_id=merchant.pk)
    open_asset(
        Call(actor, "demo-points"),
        code="points",
        kind="points",
        name_vi="điểm",
        name_en="points",
        value_minor=1,
        value_units=1,
    )
    rule = create_rule(
        Call(actor, "demo-rule"),
        kind="points.earning_rule",
        values={"name": "1 point per pound", "basis": "money", "points": 1, "per_minor": 100},
    )
    publish_rule(Call(actor, "demo-publish"), rule=rule.rule)
    return merchant, location


def hand_card_to(user: User) -> None:
    """Give the most faithful customer of the invoices a name and a log-in."""
    programme = Programme.objects.get(slug=SLUG)
    with in_programme(programme):
        best = Member.objects.annotate(sales=Count("purchases")).order_by("-sales", "pk").first()
        merchant = Merchant.objects.get()
    assert best is not None, "The invoices brought no customer."
    actor = job_actor(programme, "Demo", merchant_id=merchant.pk)
    update_member(
        Call(actor, "demo-name"), member=best.public_id, changes=ProfileChanges(name=user.name)
    )
    add_identifier(
        Call(actor, "demo-email"),
        member=best.public_id,
        kind="email",
        value=user.email,
        verified=True,
    )
    link_login(Call(actor, "demo-login"), member=best.public_id, user_id=user.pk)


def import_invoices(*, verbosity: int) -> None:
    """Import the excerpt. A second run changes nothing."""
    call_command(
        "import_sales", str(INVOICES), programme=SLUG, preset="online-retail", verbosity=verbosity
    )
