"""Cards that belong together, over the API: duplicates merged and taken apart, households."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.ledger import holders
from loyalty.web.api import ApiView, Body, PublicId, Text, operation
from members.profiles.models import Member, Merge
from members.profiles.rules.names import LONGEST_NAME
from members.profiles.selectors import household_of, merges_of

_TAG = "Members"
_OTHER = {"member": "mem_01jd3x8e6w0000000000000000"}


class MergeBody(Body):
    """The card that goes into this one."""

    member = PublicId(prefix="mem", help_text="The duplicate; it cannot be used any more.")
    reason = Text(maximum=LONGEST_NAME, required=False)


class HouseholdBody(Body):
    """Whose account is shared."""

    member = PublicId(prefix="mem", help_text="The member whose account is shared from now on.")


@dataclass(frozen=True, kw_only=True)
class MergeView:
    """A card that was merged into this one, and can be taken out of it again."""

    merge: str
    survivor: str
    loser: str
    reason: str
    merged_by: str
    merged_at: datetime


@dataclass(frozen=True, kw_only=True)
class HouseholdView:
    """Everybody who shares this member's account, the member included."""

    member: str
    members: tuple[str, ...]


class _TogetherApi(ApiView):
    """What the endpoints of cards that belong together share."""

    def one(self, member: str) -> Member:
        """The member. Raises ``NotFound``."""
        rows = Member.objects.filter(public_id=member)
        return self.found(rows, code="member_not_found", field="member")


class Merges(_TogetherApi):
    """Duplicates of a member."""

    permission = {"GET": "members:read", "POST": "members:approve"}

    @operation("List what was merged into a member", tag=_TAG, answer=list[MergeView])
    def get(self, request: Request, member: str) -> Response:
        return self.ok([_present(row) for row in merges_of(self.one(member))])

    @operation(
        "Merge a duplicate into a member",
        tag=_TAG,
        body=MergeBody,
        example={**_OTHER, "reason": "Same person, new number"},
        answer=holders.Merged,
        description=(
            "Balances, debts, identifiers and notes go to the member of the address. A later refund "
            "of the duplicate's purchases finds the points there. It can be undone."
        ),
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(MergeBody)
        done = holders.merge_members(
            self.call(), survivor=member, loser=body["member"], reason=body.get("reason", "")
        )
        return self.created(done)


class Unmerge(_TogetherApi):
    """A merge taken back."""

    permission = "members:approve"

    @operation("Undo a merge", tag=_TAG, answer=holders.Merged, status=200)
    def post(self, request: Request, member: str, merge: str) -> Response:
        rows = Merge.objects.filter(public_id=merge, survivor=self.one(member))
        self.found(rows, code="merge_not_found", field="merge")
        return self.ok(holders.unmerge_members(self.call(), merge=merge))


class HouseholdOf(_TogetherApi):
    """The account a member shares with others."""

    permission = {"GET": "members:read", "POST": "members:transfer", "DELETE": "members:transfer"}

    @operation("Read a member's household", tag=_TAG, answer=HouseholdView)
    def get(self, request: Request, member: str) -> Response:
        row = self.one(member)
        together = (row, *household_of(row))
        ids = tuple(one.public_id for one in sorted(together, key=lambda one: one.pk))
        return self.ok(HouseholdView(member=member, members=ids))

    @operation(
        "Let a member share another's account",
        tag=_TAG,
        body=HouseholdBody,
        example=_OTHER,
        answer=holders.Household,
        description="The member's balances come along.",
    )
    def post(self, request: Request, member: str) -> Response:
        other = self.read(HouseholdBody)["member"]
        return self.created(holders.join_household(self.call(), member=member, other=other))

    @operation(
        "Leave a household",
        tag=_TAG,
        description="The member takes along what is left of the points their own purchases brought.",
    )
    def delete(self, request: Request, member: str) -> Response:
        holders.leave_household(self.call(), member=member)
        return self.gone()


def _present(row: Merge) -> MergeView:
    return MergeView(
        merge=row.public_id,
        survivor=row.survivor.public_id,
        loser=row.loser.public_id,
        reason=row.reason,
        merged_by=row.merged_by,
        merged_at=row.merged_at,
    )


routes = [
    path("members/<str:member>/merges/", Merges.as_view()),
    path("members/<str:member>/merges/<str:merge>/undo/", Unmerge.as_view()),
    path("members/<str:member>/household/", HouseholdOf.as_view()),
]
