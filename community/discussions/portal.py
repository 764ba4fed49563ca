"""The community on the members' pages: topics, ideas with votes, replies, groups."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.discussions import selectors, services
from community.discussions.forms import MorePhotosForm, ReplyForm, TopicForm
from community.discussions.models import Topic
from community.discussions.rules import may_edit
from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import DomainError, Invalid
from loyalty.engine.shown import SHOWN, show_name
from loyalty.engine.statuses import status_of
from loyalty.web.forms import show_errors
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel, render_panels
from loyalty.web.pace import slow_down
from loyalty.web.photos import keep_photos
from loyalty.web.portal import PortalFormView, PortalView
from members.moderation.selectors import cards_of
from members.profiles.models import Member

_PAGE, _SHOWS = 20, ("", "idea", "topic", "mine")


class _ReadByAll(PortalView):
    """A page that visitors read too, where the settings say so."""

    needs_member: ClassVar[bool] = False

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        if self.member is None and not selectors.discussion_terms().public_read:
            return self._to_login()
        return self.shown()

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        if self.member is None:
            return self._to_login()
        return self.acted(request.POST.get("act", ""))

    def shown(self) -> HttpResponse:
        raise NotImplementedError

    def acted(self, act: str) -> HttpResponse:
        raise NotImplementedError

    @property
    def me(self) -> str:
        """The member's public id."""
        return str(self.member.public_id)


class CommunityView(_ReadByAll):
    """What is talked about, and the ideas people want most."""

    template_name = "discussions/portal.html"

    def shown(self) -> HttpResponse:
        show = self.request.GET.get("show", "")
        show = show if show in _SHOWS else ""
        rows = selectors.readable(self.member, kind=show if show in ("idea", "topic") else "")
        if show == "mine" and self.member is not None:
            rows = selectors.topics().filter(member__in=cards_of(self.member))
        wanted = []
        if not show:
            ideas = selectors.readable(self.member, kind="idea")
            best = ideas.filter(status__in=("new", "planned")).order_by("-votes", "-pk")[:3]
            wanted = selectors.show_topics(list(best), reader=self.member)
        found = newest_first(rows, self.request, limit=_PAGE)
        shown = status_of(self.member, SHOWN) if self.member else None
        context = {
            "show": show,
            "list": found,
            "topics": selectors.show_topics(found.rows, reader=self.member),
            "wanted": wanted,
            "groups": selectors.show_groups(list(selectors.groups()), reader=self.member),
            "terms": selectors.discussion_terms(),
            "shown_name": shown.data.get("name", "") if shown and shown.value else "",
            "panels": self._panels(),
        }
        return self.page(context)

    def acted(self, act: str) -> HttpResponse:
        show_name(self.call(), member=self.me, name=self.request.POST.get("name", "")[:60])
        return self.go("community", text=_("Saved."))

    def _panels(self) -> dict[str, list[Any]]:
        shared = self.shell()
        return render_panels(
            "community",
            actor=self.actor,
            subject=self.member,
            request=self.request,
            shared=shared,
            face="portal",
        )


class NewTopicView(PortalFormView):
    """Something new."""

    template_name = "discussions/portal_new.html"
    form_class = TopicForm

    def initial(self) -> dict[str, Any]:
        kind = self.request.GET.get("kind", "")
        group = self.request.GET.get("group", "")[:40]
        return {"kind": kind if kind in Topic.Kind.values else "topic", "group": group}

    def form_options(self) -> dict[str, Any]:
        shown = selectors.show_groups(list(selectors.groups()), reader=self.member)
        terms = selectors.discussion_terms()
        return {
            "rooms": [one.group for one in shown if one.may_write],
            "ideas_open": terms.ideas_open,
            "most_photos": terms.most_photos,
        }

    def act(self, form: TopicForm) -> HttpResponse:
        slow_down(self.request)
        given = dict(form.cleaned_data)
        given["photos"] = keep_photos(given.get("photos") or [])
        done = services.start_topic(self.call(), member=self.member.public_id, **given)
        text = _("It is there for everybody to read.")
        if done.state == "waiting":
            text = _("Thank you! We look at it before others see it.")
        return self.go("topic", done.id, text=text)


class TopicView(_ReadByAll):
    """A topic or an idea with its replies."""

    template_name = "discussions/portal_topic.html"

    def shown(self) -> HttpResponse:
        return self._page(ReplyForm(most_photos=selectors.discussion_terms().most_photos))

    def acted(self, act: str) -> HttpResponse:
        post, topic = self.request.POST, self.kwargs["topic"]
        if act in ("vote", "unvote"):
            wants = act == "vote"
            services.vote_for_idea(self.call(), member=self.me, topic=topic, is_wanted=wants)
        elif act == "best":
            reply = post.get("reply", "")[:40]
            services.choose_best(self.call(), topic=topic, reply=reply)
        elif act == "withdraw":
            services.withdraw_topic(self.call(), topic=topic)
            return self.go("community", text=_("It is gone."))
        elif act == "withdraw-reply":
            services.withdraw_reply(self.call(), reply=post.get("reply", "")[:40])
        elif act == "edit":
            slow_down(self.request)
            title, text = post.get("title", ""), post.get("text", "")
            services.edit_topic(
                self.call(), topic=topic, title=title, text=text, **self._changed_photos()
            )
        elif act == "edit-reply":
            slow_down(self.request)
            reply, text = post.get("reply", "")[:40], post.get("text", "")
            services.edit_reply(self.call(), reply=reply, text=text, **self._changed_photos())
        else:
            return self._replied()
        return self.go("topic", topic)

    def _changed_photos(self) -> dict[str, Any]:
        """Which photos go and which come with a change. Raises ``Invalid`` (``photos``)."""
        post, most = self.request.POST, selectors.discussion_terms().most_photos
        form = MorePhotosForm(post, self.request.FILES, most_photos=most)
        if not form.is_valid():
            told = " ".join(str(one) for one in form.errors["photos"])
            raise Invalid("picture_too_large", told, field="photos")
        return {
            "photos": keep_photos(form.cleaned_data.get("photos") or []),
            "drop_photos": tuple(post.getlist("drop_photos")[:20]),
        }

    def _replied(self) -> HttpResponse:
        topic, most = self.kwargs["topic"], selectors.discussion_terms().most_photos
        form = ReplyForm(self.request.POST, self.request.FILES, most_photos=most)
        if form.is_valid():
            try:
                slow_down(self.request)
                text = form.cleaned_data["text"]
                photos = keep_photos(form.cleaned_data.get("photos") or [])
                done = services.write_reply(
                    self.call(), member=self.me, topic=topic, text=text, photos=photos
                )
            except DomainError as error:
                show_errors(form, error)
            else:
                waits = _("Thank you! We look at it before others see it.")
                return self.go("topic", topic, text=waits if done.state == "waiting" else "")
        return self._page(form, status=422)

    def _page(self, form: ReplyForm, *, status: int = 200) -> HttpResponse:
        row = selectors.open_topic(self.kwargs["topic"], reader=self.member)
        (one,) = selectors.show_topics([row], reader=self.member)
        terms, room = selectors.discussion_terms(), None
        if row.group is not None:
            room = selectors.group_of(row.group, self.member)
        rows = list(selectors.replies_of(row, reader=self.member).order_by("pk")[:200])
        context = {
            "one": one,
            "topic": row,
            "room": room,
            "replies": selectors.show_replies(rows, reader=self.member),
            "form": form,
            "more": MorePhotosForm(most_photos=terms.most_photos),
            "may_edit": one.is_own and may_edit(terms, written_at=row.written_at, now=now()),
            "may_reply": self.member is not None
            and terms.is_open
            and not row.is_closed
            and row.state == Topic.State.PUBLISHED
            and (room is None or room.may_write),
            "may_vote": row.kind == "idea" and row.status in ("new", "planned") and not one.is_own,
        }
        return self.page(context, status=status)


class GroupView(_ReadByAll):
    """A group: what it is, how to come in, what is talked about there."""

    template_name = "discussions/portal_group.html"

    def shown(self) -> HttpResponse:
        row = selectors.access_group(self.kwargs["group"])
        one = selectors.group_of(row, self.member)
        found = None
        if one.may_read:
            rows = selectors.readable(self.member).filter(group=row)
            found = newest_first(rows, self.request, limit=_PAGE)
        context = {
            "one": one,
            "list": found,
            "topics": selectors.show_topics(found.rows, reader=self.member) if found else [],
        }
        return self.page(context)

    def acted(self, act: str) -> HttpResponse:
        group = self.kwargs["group"]
        if act == "leave":
            services.leave_group(self.call(), member=self.me, group=group)
            return self.go("community", text=_("You left the group."))
        done = services.ask_for_group(self.call(), member=self.me, group=group)
        text = _("Welcome!")
        if done.standing == "asked":
            text = _("The shop will let you in or answer you.")
        return self.go("group", group, text=text)


def _home(actor: Actor, member: Member) -> dict[str, Any] | None:
    if not selectors.discussion_terms().is_open:
        return None
    rows = selectors.readable(member).order_by("-last_at", "-pk")[:3]
    found = selectors.show_topics(list(rows), reader=member)
    return {"topics": found} if found else None


def _is_open(_actor: Actor) -> bool:
    return selectors.discussion_terms().is_open


routes = [
    path("community/", CommunityView.as_view(), name="community"),
    path("community/new/", NewTopicView.as_view(), name="topic_new"),
    path("community/groups/<str:group>/", GroupView.as_view(), name="group"),
    path("community/<str:topic>/", TopicView.as_view(), name="topic"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Community"),
        route="community",
        icon="messages",
        order=50,
        shown=_is_open,
    ),
)
panels = (Panel(place="home", template="discussions/portal_home.html", context=_home, order=60),)
