"""Segments in the dashboard: written with the members in view, and asked for on the list of members."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.segments import selectors, services
from campaigns.segments.forms import SegmentForm, digest
from campaigns.segments.models import Segment
from loyalty.common.errors import DomainError, Forbidden, NotFound
from loyalty.engine.conditions import Condition, parse
from loyalty.engine.rule_rows import condition_text
from loyalty.engine.selectors import kind_of
from loyalty.tenancy.models import Programme
from loyalty.tenancy.scope import current_programme
from loyalty.web.navigation import Filter, MenuItem
from loyalty.web.pages import DashboardView, saved
from members.profiles.models import Member


class SegmentsView(DashboardView):
    """All segments, with how many members they had when they were last counted."""

    permission = "segments:read"
    template_name = "segments/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        archived = "archived" in request.GET
        rows = selectors.segments(with_archived=True)
        state = Segment.State.ARCHIVED if archived else Segment.State.ACTIVE
        shown = [
            {"segment": row, "words": in_words(row.conditions, self.programme)}
            for row in rows.filter(state=state).order_by("name", "id")
        ]
        return self.page({"segments": shown, "archived": archived})


class SegmentView(DashboardView):
    """One segment: who is in it now, who asks for it, what can be done."""

    permission = "segments:read"
    template_name = "segments/segment.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_segment(self.kwargs["segment"])
        conditions = parse(row.conditions)
        if row.kind == Segment.Kind.FROZEN:
            conditions = (Condition("segment", "eq", row.code),)
        context = {
            "segment": row,
            "words": in_words(row.conditions, self.programme),
            "look": look_at(conditions, self.programme, self.may("members:read")),
            "rules": [
                {"rule": rule, "kind": kind_of(rule)}
                for rule in selectors.rules_asking_for(row.code)
            ],
            "reserved": selectors.reserved_for(row.code),
            "leaning": selectors.segments_asking_for(row.code),
        }
        return self.page(context)


class _SegmentFormView(DashboardView):
    """A page around a segment's form. Other conditions are saved once their effect was seen."""

    permission, write_permission = "segments:read", "segments:write"
    template_name = "segments/form.html"

    def segment(self) -> Segment | None:
        """The segment that is changed; ``None`` while there is none yet."""
        raise NotImplementedError

    def keep(self, form: SegmentForm, segment: Segment | None) -> HttpResponse:
        """Write what the form says."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = self.segment()
        return self.shown(SegmentForm(segment=row), row)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = self.segment()
        form = SegmentForm(request.POST, segment=row)
        if form.is_valid():
            try:
                conditions = services.checked(row.code if row else "", form.conditions())
                if "look" in request.POST or self.must_be_seen(form, row):
                    return self.shown(form, row, conditions, ask="look" not in request.POST)
                return self.keep(form, row)
            except (NotFound, Forbidden):
                raise
            except DomainError as error:
                form.told_to(error)
        return self.shown(form, row, status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def must_be_seen(self, form: SegmentForm, row: Segment | None) -> bool:
        """Do other conditions change who is meant by rules, and has nobody seen whom yet?"""
        wanted = form.conditions()
        if row is None or wanted == row.conditions or not selectors.is_asked_for(row.code):
            return False
        return form.cleaned_data["seen"] != digest(wanted)

    def shown(
        self,
        form: SegmentForm,
        row: Segment | None,
        conditions: Sequence[Condition] = (),
        *,
        ask: bool = False,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        """The form, with the members its conditions mean."""
        wanted = conditions or (parse(row.conditions) if row else ())
        context = {
            "form": form,
            "segment": row,
            "ask": ask,
            "seen": digest(form.conditions()) if ask else "",
            "look": look_at(wanted, self.programme, self.may("members:read"), row=row)
            if wanted
            else None,
        }
        return self.page(context, status=status)


class NewSegmentView(_SegmentFormView):
    """An audience gets a name."""

    def segment(self) -> None:
        return None

    def keep(self, form: SegmentForm, segment: Segment | None) -> HttpResponse:
        data = form.cleaned_data
        names = ("code", "name", "kind", "told_vi", "told_en")
        done = services.create_segment(
            self.call(), conditions=form.conditions(), **{name: data[name] for name in names}
        )
        return self.go("segment", done.id, text=saved())


class EditSegmentView(_SegmentFormView):
    """What an audience is called, and who is in it from now on."""

    def segment(self) -> Segment:
        return selectors.access_segment(self.kwargs["segment"])

    def keep(self, form: SegmentForm, segment: Segment | None) -> HttpResponse:
        assert segment is not None
        data = form.cleaned_data
        changes = {name: data[name] for name in ("name", "told_vi", "told_en")}
        services.edit_segment(
            self.call(),
            segment=segment.public_id,
            changes={**changes, "conditions": form.conditions()},
            revision=data["revision"],
        )
        return self.go("segment", segment.public_id, text=saved())


class LookView(DashboardView):
    """The members that conditions mean, while they are being written."""

    permission = "segments:read"
    template_name = "segments/look.html"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        given = request.POST.get("segment", "")[:40]
        row = selectors.access_segment(given) if given else None
        form = SegmentForm(request.POST, segment=row)
        form.is_valid()
        try:
            conditions = services.checked(row.code if row else "", form.conditions())
        except DomainError as error:
            return self.page({"look": None, "why": str(error.message)})
        look = look_at(conditions, self.programme, self.may("members:read"), row=row)
        return self.page({"look": look, "is_form": True})


class MoveSegmentView(DashboardView):
    """Take the list, put away, bring back."""

    permission = write_permission = "segments:write"

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_segment(self.kwargs["segment"])
        moves: dict[str, tuple[Any, str]] = {
            "take": (services.take_list, _("The list is taken.")),
            "archive": (services.archive_segment, _("Put away. Old receipts still find it.")),
            "restore": (services.restore_segment, _("It can be chosen again.")),
        }
        if self.kwargs["act"] not in moves:
            raise Http404
        command, text = moves[self.kwargs["act"]]
        done = command(self.call(), segment=row.public_id)
        if done.progress is not None:
            text = _("The list is being taken; the page shows how far it is.")
        return self.go("segment", row.public_id, text=text)


def look_at(
    conditions: Sequence[Condition],
    programme: Programme,
    sees_members: bool,
    *,
    row: Segment | None = None,
) -> dict[str, Any]:
    """How many members conditions mean, some of them, and who would come and go."""
    found: dict[str, Any] = {"count": selectors.counted(conditions, programme=programme)}
    found["sample"] = selectors.sample(conditions, programme=programme) if sees_members else []
    is_other = row is not None and (
        row.kind == Segment.Kind.FROZEN or tuple(conditions) != parse(row.conditions)
    )
    if row is not None and is_other:
        found["moved"] = selectors.moved_by(row, conditions, programme=programme)
        rules, reserved = selectors.rules_asking_for(row.code), selectors.reserved_for(row.code)
        found["rules"] = [*rules, *reserved]
    return found


def in_words(conditions: Sequence[dict[str, Any]], programme: Programme) -> list[str]:
    """Conditions as people read them."""
    return [condition_text(one, currency=programme.currency) for one in conditions]


def _of_segment(rows: QuerySet[Member], code: str) -> QuerySet[Member]:
    row = selectors.access_segment(code)
    inside = selectors.members_of(row, programme=current_programme())
    return rows.filter(pk__in=inside.values("pk"))


routes = [
    path("segments/", SegmentsView.as_view(), name="segments"),
    path("segments/new/", NewSegmentView.as_view(), name="segment_new"),
    path("segments/look/", LookView.as_view(), name="segment_look"),
    path("segments/<str:segment>/", SegmentView.as_view(), name="segment"),
    path("segments/<str:segment>/edit/", EditSegmentView.as_view(), name="segment_edit"),
    path("segments/<str:segment>/do/<slug:act>/", MoveSegmentView.as_view(), name="segment_move"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Segments"),
        route="segments",
        icon="users-group",
        section="programme",
        order=30,
        permission="segments:read",
    ),
)
filters = (
    Filter(
        place="members",
        name="segment",
        label=gettext_lazy("Segment"),
        choices=selectors.segment_names,
        rows=_of_segment,
        order=10,
        permission="segments:read",
    ),
)
