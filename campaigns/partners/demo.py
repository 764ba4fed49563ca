"""The coffee shop's partner: the bookshop next door, with an offer, a counter and some redemptions."""

from __future__ import annotations

from datetime import timedelta

from campaigns.partners.selectors.offers import open_offers
from campaigns.partners.selectors.partners import access_desk, access_partner, desks_of
from campaigns.partners.services.claiming import claim_offer
from campaigns.partners.services.desks import desk_actor, invite_desk, take_invitation
from campaigns.partners.services.partners import add_partner
from campaigns.partners.services.pools import import_codes
from campaigns.partners.services.redeeming import redeem_code
from campaigns.partners.services.statements import close_month
from loyalty.commands.decorator import Call
from loyalty.common.clock import local_day, now, played_at
from loyalty.engine.ports import DemoShop
from loyalty.tenancy.scope import in_programme
from members.profiles.models import Member

CODE, PIN = "hieu-sach-ben-canh", "2468"
_REDEEMERS = 6


def furnish(shop: DemoShop) -> None:
    """The bookshop: a tenth off for everybody, a notebook for Gold, each with its own terms."""
    partner = add_partner(
        shop.call(),
        code=CODE,
        name="Hiệu sách Bên Cạnh",
        about_vi="Ngay cạnh quán, mở cửa đến 21 giờ.",
        about_en="Right next door, open until 9 p.m.",
        website="https://hieusach.example/",
    ).id
    shop.rule(
        "partners.offer",
        name="Giảm 10% sách",
        name_en="10% off books",
        partner=partner,
        text_vi="cho mọi cuốn sách",
        text_en="on every book",
        gives="percent",
        value_bp=1_000,
        per_member=2,
        valid_days=60,
        cost="shared",
        share_bp=5_000,
    )
    notebook = shop.rule(
        "partners.offer",
        name="Sổ tay cho khách quen",
        name_en="A notebook for regulars",
        partner=partner,
        text_vi="một cuốn sổ tay bìa vải",
        text_en="a cloth-bound notebook",
        worth_minor=45_000,
        codes="pool",
        low_at=5,
        per_household=True,
        audience=[{"fact": "purchases.count", "op": "gte", "value": 20}],
        when_lost="keeps",
        cost="we_pay",
        cost_minor=20_000,
    )
    codes = tuple(f"SOTAY-{number:03d}" for number in range(101, 113))
    import_codes(shop.call(), offer=notebook, codes=codes)
    invited = invite_desk(shop.call(), partner=partner, name="Quầy thu ngân")
    take_invitation(shop.call(), code=invited.invitation, pin=PIN)


def finish(shop: DemoShop, *, member: str) -> None:
    """Some regulars took books home; the regular with a log-in has a code in hand."""
    with in_programme(shop.programme):
        (tenth,) = [one for one in open_offers(at=now()) if one.gives == "percent"]
        rows = Member.objects.filter(state=Member.State.ACTIVE).exclude(public_id=member)
        regulars = [row.public_id for row in rows.order_by("joined_at", "id")[:_REDEEMERS]]
        partner = access_partner(CODE)
        desk = access_desk(desks_of(partner)[0].public_id)
    present = now()
    for number, one in enumerate(regulars):
        # From last month until today, so that there is a month to close and one that runs.
        with played_at(present - timedelta(days=42 - 7 * number, hours=3)):
            code = claim_offer(shop.call(), member=one, offer=tenth.family).code
            call = Call(desk_actor(desk), f"demo-redeem-{number}")
            redeem_code(call, code=code, bill_minor=120_000 + 35_000 * number)
    zone = shop.programme.timezone
    last = local_day(present, zone).replace(day=1) - timedelta(days=1)
    close_month(shop.call(), partner=partner.public_id, month=last)
    claim_offer(shop.call(), member=member, offer=tenth.family)
