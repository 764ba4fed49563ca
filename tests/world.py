"""Small builders the stories share: a shop with its people. Everything goes through the doors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from loyalty.commands.actor import Actor, staff_actor
from loyalty.commands.decorator import Call
from loyalty.common.clock import now
from loyalty.ledger.models import Asset
from loyalty.tenancy.models import Location, Merchant, Programme, Staff, User
from loyalty.tenancy.scope import in_programme
from loyalty.tenancy.services import add_merchant
from members.profiles.models import Holder, Member

_KEYS = count(1)


@dataclass
class Shop:
    """A programme with one merchant, its owner and a member."""

    programme: Programme
    merchant: Merchant
    location: Location
    staff: Staff
    member: Member

    @property
    def actor(self) -> Actor:
        """The owner, with every permission."""
        return staff_actor(self.staff)

    def call(self, *, key: str = "", dry_run: bool = False) -> Call:
        """A call of a command by the owner, under a fresh key unless one is given."""
        return Call(self.actor, key or f"test-{next(_KEYS)}", dry_run=dry_run)


def make_shop(slug: str, *, owner: str, member: str, currency: str = "VND") -> Shop:
    """A programme as the setup wizard leaves it, with points as its first asset."""
    programme = Programme.objects.create(slug=slug, name=slug.title(), currency=currency)
    with in_programme(programme):
        merchant = Merchant.objects.create(name=slug.title())
        location = Location.objects.create(merchant=merchant, name="Main street")
        user = User.objects.create_user(
            owner, "a long pass phrase", name=owner.split("@", maxsplit=1)[0]
        )
        staff = Staff.objects.create(
            user=user, merchant=merchant, role="owner", for_all_merchants=True
        )
        Asset.objects.create(code="points", kind="points", name_vi="điểm", name_en="points")
        holder = Holder.objects.create()
        row = Member.objects.create(holder=holder, name=member, joined_at=now())
    return Shop(programme, merchant, location, staff, row)


def add_shop(shop: Shop, name: str, *, owner: str) -> Shop:
    """Another merchant in a shop's programme, with its own owner; the member is shared."""
    done = add_merchant(shop.call(), name=name)
    with in_programme(shop.programme):
        merchant = Merchant.objects.get(public_id=done.id)
        location = Location.objects.get(public_id=done.location)
        user = User.objects.create_user(
            owner, "a long pass phrase", name=owner.split("@", maxsplit=1)[0]
        )
        staff = Staff.objects.create(user=user, merchant=merchant, role="owner")
    return Shop(shop.programme, merchant, location, staff, shop.member)
