"""Members, how they are recognised, and what they agreed to, over the API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty.common.errors import NotFound
from loyalty.web.api import ApiView, operation
from members.profiles import serializers as shapes
from members.profiles import services
from members.profiles.models import Identifier, Member
from members.profiles.selectors import (
    consents_now,
    filter_members,
    find_member,
    member_of_id,
    personal_data,
)
from members.profiles.services.identifiers import check_identifier
from members.profiles.services.profile import MemberAnswer

_TAG = "Members"
_NEW = {
    "name": "Nguyễn Thị Hoa",
    "phone": "0912 345 678",
    "birthday": "1994-05-21",
    "consents": [{"purpose": "terms", "version": "2026-11"}],
}


class MemberApi(ApiView):
    """What the endpoints about members share."""

    permission: ClassVar[str | Mapping[str, str]] = "members:write"

    def present(self, row: Member) -> shapes.MemberView:
        """A member as this key may see them."""
        return shapes.present_member(row, in_full=self.sees_contacts)

    @property
    def sees_contacts(self) -> bool:
        """Whole phone numbers and addresses are for keys that may carry data out."""
        return self.actor.may("members:export")

    def one(self, member: str) -> Member:
        """The member with what is presented of them. Raises ``NotFound``."""
        rows = _loaded(Member.objects.filter(public_id=member))
        return self.found(rows, code="member_not_found", field="member")

    def answer(self, member: str, *, created: bool = False) -> Response:
        """The member after a change, with the ETag."""
        row = self.one(member)
        if created:
            address = f"/api/v1/members/{member}/"
            return self.created(self.present(row), location=address, revision=row.revision)
        return self.ok(self.present(row), revision=row.revision)


class Members(MemberApi):
    """All members."""

    permission = {"GET": "members:read", "POST": "members:write"}

    @operation(
        "List members, newest first",
        tag=_TAG,
        answer=shapes.MemberView,
        query=shapes.MemberQuery,
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        filters = self.query(shapes.MemberQuery)
        identifier = filters.pop("identifier", "")
        rows = filter_members(text=filters.pop("q", ""), **filters)
        if identifier:
            found = find_member(identifier)
            rows = rows.filter(pk=found.member.pk) if found else rows.none()
        return self.page(_loaded(rows), present=self.present)

    @operation(
        "Enrol a member",
        tag=_TAG,
        body=shapes.MemberBody,
        example=_NEW,
        answer=shapes.MemberView,
        description=(
            "Who is known already, in whichever spelling of the number, is answered with 409 "
            "`already_a_member`; `params.member` names them."
        ),
    )
    def post(self, request: Request) -> Response:
        person = shapes.new_member(self.read(shapes.MemberBody))
        done = services.enrol_member(self.call(), person=person)
        return self.answer(done.member, created=True)


class Lookup(MemberApi):
    """Who is meant."""

    permission = "members:read"

    @operation(
        "Find a member",
        tag=_TAG,
        body=shapes.LookupBody,
        example={"identifier": "+84 912 345 678"},
        answer=shapes.FoundView,
        status=200,
        description="By phone in any spelling, e-mail, card number, outside id, or a scanned QR.",
    )
    def post(self, request: Request) -> Response:
        found = find_member(self.read(shapes.LookupBody)["identifier"])
        if found is None:
            raise NotFound("member_not_found", _("There is no such member."), field="identifier")
        view = self.present(self.one(found.member.public_id))
        return self.ok(shapes.FoundView(member=view, by=found.by, trust=found.trust))


class OneMember(MemberApi):
    """One member."""

    permission = {"GET": "members:read", "PATCH": "members:write", "DELETE": "members:erase"}

    @operation("Read a member", tag=_TAG, answer=shapes.MemberView)
    def get(self, request: Request, member: str) -> Response:
        return self.answer(member)

    @operation(
        "Change a member",
        tag=_TAG,
        body=shapes.MemberPatch,
        example={"name": "Nguyễn Thị Hoa", "language": "vi"},
        answer=shapes.MemberView,
    )
    def patch(self, request: Request, member: str) -> Response:
        changes = shapes.profile_changes(self.read(shapes.MemberPatch))
        call, revision = self.call(), self.if_match()
        services.update_member(call, member=member, changes=changes, revision=revision)
        return self.answer(member)

    @operation(
        "Erase a member",
        tag=_TAG,
        description="Forgets the person for good; the amounts stay for the books.",
    )
    def delete(self, request: Request, member: str) -> Response:
        services.erase_member(self.call(), member=member)
        return self.gone()


class Identifiers(MemberApi):
    """How a member is recognised."""

    permission = {"GET": "members:read", "POST": "members:write"}

    @operation("List a member's identifiers", tag=_TAG, answer=shapes.IdentifierView, is_list=True)
    def get(self, request: Request, member: str) -> Response:
        rows = Identifier.objects.filter(member=member_of_id(member))
        present = partial(shapes.present_identifier, in_full=self.sees_contacts)
        return self.page(rows, order=("id",), present=present)

    @operation(
        "Add an identifier",
        tag=_TAG,
        body=shapes.NewIdentifierBody,
        example={"kind": "email", "value": "hoa.nguyen@example.vn"},
        answer=shapes.MemberView,
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.NewIdentifierBody)
        services.add_identifier(self.call(), member=member, **body)
        return self.answer(member, created=True)


class RemoveIdentifier(MemberApi):
    """Forgetting one identifier; a POST, so that no phone number stands in an address."""

    @operation(
        "Remove an identifier",
        tag=_TAG,
        body=shapes.IdentifierBody,
        example={"kind": "phone", "value": "0912 345 678"},
        answer=shapes.MemberView,
        status=200,
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.IdentifierBody)
        country = self.programme.country
        value = check_identifier(kind=body["kind"], value=body["value"], country=country)
        services.remove_identifier(self.call(), member=member, kind=body["kind"], value=value)
        return self.answer(member)


class Cards(MemberApi):
    """Numbered cards."""

    @operation("Issue a card", tag=_TAG, body=shapes.CardBody, example={}, answer=shapes.MemberView)
    def post(self, request: Request, member: str) -> Response:
        services.issue_card(self.call(), member=member, **self.read(shapes.CardBody))
        return self.answer(member, created=True)


class Tags(MemberApi):
    """Tags of a member."""

    @operation(
        "Tag a member",
        tag=_TAG,
        body=shapes.TagsBody,
        example={"add": ["khách quen"]},
        answer=shapes.MemberView,
        status=200,
    )
    def post(self, request: Request, member: str) -> Response:
        body = {name: tuple(tags) for name, tags in self.read(shapes.TagsBody).items()}
        services.tag_member(self.call(), member=member, **body)
        return self.answer(member)


class Consents(MemberApi):
    """What a member agreed to."""

    permission = {"GET": "members:read", "POST": "members:write"}

    @operation("Read a member's consents", tag=_TAG, answer=list[shapes.ConsentView])
    def get(self, request: Request, member: str) -> Response:
        latest = consents_now(member_of_id(member))
        return self.ok([shapes.present_consent(row) for row in latest.values()])

    @operation(
        "Record a consent or its withdrawal",
        tag=_TAG,
        body=shapes.ConsentChange,
        example={"purpose": "marketing_email", "granted": True},
        answer=MemberAnswer,
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.ConsentChange)
        change = services.give_consent if body["granted"] else services.withdraw_consent
        done = change(self.call(), member=member, purpose=body["purpose"], channel="api")
        return self.created(done)


class Hold(MemberApi):
    """A card on hold earns and spends nothing."""

    @operation(
        "Put a member on hold",
        tag=_TAG,
        body=shapes.HoldBody,
        example={"reason": "Thẻ bị mất"},
        answer=MemberAnswer,
        status=200,
    )
    def post(self, request: Request, member: str) -> Response:
        body = self.read(shapes.HoldBody)
        return self.ok(services.hold_member(self.call(), member=member, **body))


class Activate(MemberApi):
    """The end of a hold."""

    @operation("Lift a hold", tag=_TAG, answer=MemberAnswer, status=200)
    def post(self, request: Request, member: str) -> Response:
        return self.ok(services.activate_member(self.call(), member=member))


class Export(MemberApi):
    """A copy of everything kept about a member; the audit trail says who took it."""

    permission = "members:export"

    @operation("Export a member's data", tag=_TAG, answer={"type": "object"}, status=200)
    def post(self, request: Request, member: str) -> Response:
        services.export_member_data(self.call(), member=member)
        data: dict[str, Any] = personal_data(member_of_id(member))
        return self.ok(data)


def _loaded(rows: QuerySet[Member]) -> QuerySet[Member]:
    return rows.select_related("merged_into").prefetch_related("identifiers")


routes = [
    path("members/", Members.as_view()),
    path("members/lookup/", Lookup.as_view()),
    path("members/<str:member>/", OneMember.as_view()),
    path("members/<str:member>/identifiers/", Identifiers.as_view()),
    path("members/<str:member>/identifiers/remove/", RemoveIdentifier.as_view()),
    path("members/<str:member>/cards/", Cards.as_view()),
    path("members/<str:member>/tags/", Tags.as_view()),
    path("members/<str:member>/consents/", Consents.as_view()),
    path("members/<str:member>/hold/", Hold.as_view()),
    path("members/<str:member>/activate/", Activate.as_view()),
    path("members/<str:member>/export/", Export.as_view()),
]
