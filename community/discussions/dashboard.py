"""Discussions in the dashboard: topics, ideas and what becomes of them, groups, settings."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.discussions import selectors, services
from community.discussions.forms import (
    DiscussionSettingsForm,
    GroupForm,
    ReplyForm,
    StatusForm,
)
from community.discussions.models import Group, Topic
from community.discussions.services import GroupValues
from loyalty.common.errors import DomainError, Forbidden, NotFound
from loyalty.web.forms import show_errors
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem
from loyalty.web.pages import DashboardView, FormView, saved

_PAGE = 30


class DiscussionsView(DashboardView):
    """Topics and ideas."""

    permission = "discussions:read"
    template_name = "discussions/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        kind, status = request.GET.get("kind", ""), request.GET.get("status", "")
        text = request.GET.get("text", "")[:100]
        rows = selectors.topics(
            kind=kind if kind in Topic.Kind.values else "",
            status=status if status in Topic.Status.values else "",
            text=text,
        )
        found = newest_first(rows, request, limit=_PAGE)
        context = {
            "list": found,
            "topics": selectors.show_topics(found.rows),
            "kind": kind,
            "status": status,
            "statuses": Topic.Status.choices,
            "text": text,
            "terms": selectors.discussion_terms(),
            "waiting": selectors.at_the_door().count(),
        }
        return self.page(context)


class TopicPage(DashboardView):
    """One topic: answer as the shop, say what becomes of an idea, decide, close."""

    permission, write_permission = "discussions:read", "discussions:write"
    template_name = "discussions/topic.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self._page(self._status_form(), ReplyForm())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        act, topic = request.POST.get("act", ""), self.kwargs["topic"]
        if act in ("close", "open"):
            services.close_topic(self.call(), topic=topic, is_closed=act == "close")
            return self.go("topic", topic, text=saved())
        status = StatusForm(request.POST) if act == "status" else self._status_form()
        reply = ReplyForm(request.POST) if act != "status" else ReplyForm()
        form: forms.Form = status if act == "status" else reply
        if form.is_valid():
            try:
                if act == "status":
                    services.set_status(self.call(), topic=topic, **form.cleaned_data)
                else:
                    services.answer_as_shop(self.call(), topic=topic, **form.cleaned_data)
            except (NotFound, Forbidden):
                raise
            except DomainError as error:
                show_errors(form, error)
            else:
                return self.go("topic", topic, text=saved())
        return self._page(status, reply, code=HTTPStatus.UNPROCESSABLE_ENTITY)

    def _status_form(self) -> StatusForm:
        row = selectors.access_topic(self.kwargs["topic"])
        return StatusForm(initial={"status": row.status, "note": row.status_note})

    def _page(self, status: StatusForm, reply: ReplyForm, *, code: int = 200) -> HttpResponse:
        row = selectors.access_topic(self.kwargs["topic"])
        (one,) = selectors.show_topics([row], everything=True)
        rows = list(row.answers.select_related("member", "topic").order_by("pk")[:300])
        living = [each for each in rows if each.state != "withdrawn"]
        context = {
            "one": one,
            "topic": row,
            "replies": selectors.show_replies(living, everything=True),
            "status_form": status,
            "reply_form": reply,
        }
        return self.page(context, status=code)


class DecideTextView(DashboardView):
    """Show, hide or remove a topic or a reply."""

    permission, write_permission = "moderation:read", "moderation:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        topic, reply = self.kwargs["topic"], request.POST.get("reply", "")[:40]
        verdict = request.POST.get("verdict", "")[:10]
        reason = request.POST.get("reason", "")[:200]
        if reply:
            services.decide_reply(self.call(), reply=reply, verdict=verdict, reason=reason)
        else:
            services.decide_topic(self.call(), topic=topic, verdict=verdict, reason=reason)
        return self.go("topic", topic, text=_("Decided."))


class GroupsView(DashboardView):
    """Groups, and who waits at their doors."""

    permission, write_permission = "discussions:read", "discussions:write"
    template_name = "discussions/groups.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        rows = list(selectors.groups(everything=True))
        context = {
            "groups": selectors.show_groups(rows),
            "waiting": list(selectors.at_the_door()[:50]),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        services.decide_membership(
            self.call(),
            membership=request.POST.get("membership", "")[:40],
            is_in=request.POST.get("act") == "in",
        )
        return self.go("groups", text=_("Decided."))


class _GroupFormView(FormView):
    """A page around a group's form."""

    permission, write_permission = "discussions:read", "discussions:write"
    template_name = "discussions/group_form.html"

    def group(self) -> Group | None:
        """The group that is changed; ``None`` while there is none yet."""
        return None

    def build_form(self, data: Any = None, files: Any = None) -> GroupForm:
        return GroupForm(data, group=self.group())

    def context(self, form: Any) -> dict[str, Any]:
        row = self.group()
        inside = list(selectors.members_of(row).order_by("-pk")[:100]) if row else []
        return {"form": form, "group": row, "inside": inside}

    def act(self, form: GroupForm) -> HttpResponse:
        row, values = self.group(), GroupValues(**form.values())
        if row is None:
            services.make_group(self.call(), values=values)
        else:
            revision = form.cleaned_data["revision"]
            call, group = self.call(), row.public_id
            services.save_group(call, group=group, values=values, revision=revision)
        return self.go("groups", text=saved())


class NewGroupView(_GroupFormView):
    """A new group."""


class GroupPage(_GroupFormView):
    """One group: change it, see who is in it."""

    def group(self) -> Group | None:
        return selectors.access_group(self.kwargs["group"], everything=True)


class DiscussionSettingsView(FormView):
    """How discussions work."""

    permission, write_permission = "discussions:read", "discussions:write"
    template_name = "discussions/settings.html"

    def build_form(self, data: Any = None, files: Any = None) -> Any:
        row = selectors.settings_row()
        return DiscussionSettingsForm(data, instance=row, initial={"revision": row.revision})

    def act(self, form: Any) -> HttpResponse:
        values = dict(form.cleaned_data)
        revision = values.pop("revision")
        services.change_settings(self.call(), values=values, revision=revision)
        return self.go("discussion_settings", text=saved())


routes = [
    path("discussions/", DiscussionsView.as_view(), name="discussions"),
    path("discussions/settings/", DiscussionSettingsView.as_view(), name="discussion_settings"),
    path("discussions/groups/", GroupsView.as_view(), name="groups"),
    path("discussions/groups/new/", NewGroupView.as_view(), name="group_new"),
    path("discussions/groups/<str:group>/", GroupPage.as_view(), name="group"),
    path("discussions/topics/<str:topic>/", TopicPage.as_view(), name="topic"),
    path("discussions/topics/<str:topic>/decide/", DecideTextView.as_view(), name="topic_decide"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Discussions"),
        route="discussions",
        icon="messages",
        section="programme",
        order=65,
        permission="discussions:read",
        count=lambda _actor: selectors.at_the_door().count(),
    ),
)
