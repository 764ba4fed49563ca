"""Newsletters in the dashboard: written, looked at as readers see them, sent, counted."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import Invalid
from loyalty.web.lists import newest_first
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.messaging import selectors, services
from members.messaging.forms import NewsletterForm
from members.messaging.gateways.letters import absolute, preview
from members.messaging.models import Newsletter
from members.profiles.models import Member


class NewslettersView(DashboardView):
    """The club and its newsletters."""

    permission = "messaging:read"
    template_name = "messaging/list.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        page = newest_first(selectors.newsletters(), request)
        context = {
            "list": page,
            "club": selectors.club_figures(),
            "figures": {row.pk: selectors.letter_figures(row) for row in page.rows},
            "join_url": absolute(self.programme, "club"),
        }
        return self.page(context)


class _NewsletterFormView(FormView):
    permission, write_permission = "messaging:read", "messaging:write"
    template_name = "messaging/form.html"
    form_class = NewsletterForm

    def form_options(self) -> dict[str, Any]:
        return {"segments": selectors.segments()}


class NewNewsletterView(_NewsletterFormView):
    """A new draft."""

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "row": None}

    def act(self, form: NewsletterForm) -> HttpResponse:
        done = services.write_newsletter(self.call(), values=form.values())
        return self.go("newsletter", done.id, text=saved())


class EditNewsletterView(_NewsletterFormView):
    """A draft changed."""

    def row(self) -> Newsletter:
        """The newsletter of the address. Raises ``NotFound``."""
        return selectors.access_newsletter(self.kwargs["newsletter"])

    def initial(self) -> dict[str, Any]:
        row = self.row()
        names = ("topic", "subject_vi", "subject_en", "body_vi", "body_en", "revision")
        return {name: getattr(row, name) for name in names}

    def form_options(self) -> dict[str, Any]:
        audience = self.row().audience
        texts = selectors.audience_texts(audience, currency=self.programme.currency)
        return {**super().form_options(), "audience": audience, "texts": texts}

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "row": self.row()}

    def act(self, form: NewsletterForm) -> HttpResponse:
        services.edit_newsletter(
            self.call(),
            newsletter=self.row().public_id,
            values=form.values(),
            revision=form.cleaned_data["revision"],
        )
        return self.go("newsletter", self.row().public_id, text=saved())


class NewsletterView(DashboardView):
    """One newsletter: how it reads, whom it goes to, what became of it."""

    permission, write_permission = "messaging:read", "messaging:write"
    template_name = "messaging/newsletter.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        row = selectors.access_newsletter(self.kwargs["newsletter"])
        is_draft = row.state == Newsletter.State.DRAFT
        people = selectors.recipients(row, programme=self.programme, at=now()) if is_draft else ()
        context = {
            "row": row,
            "previews": [preview(self.programme, row, one) for one in ("vi", "en")],
            "people": len(people),
            "whom": selectors.audience_texts(row.audience, currency=self.programme.currency),
            "figures": selectors.letter_figures(row),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        acts = {"send": services.send_newsletter, "stop": services.stop_newsletter}
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            raise Invalid("unknown_action", _("This page has no such button."))
        done = act(self.call(), newsletter=self.kwargs["newsletter"])
        text = _("It is on its way.") if done.state == "sending" else _("It is stopped.")
        return self.go("newsletter", done.id, text=text)


def _member(actor: Actor, member: Member) -> dict[str, Any] | None:
    return {"club": selectors.subscription_of(member)}


routes = [
    path("newsletters/", NewslettersView.as_view(), name="newsletters"),
    path("newsletters/new/", NewNewsletterView.as_view(), name="newsletter_new"),
    path("newsletters/<str:newsletter>/", NewsletterView.as_view(), name="newsletter"),
    path(
        "newsletters/<str:newsletter>/edit/", EditNewsletterView.as_view(), name="newsletter_edit"
    ),
]
menu = (
    MenuItem(
        label=gettext_lazy("E-mail club"),
        route="newsletters",
        icon="mail",
        section="programme",
        order=75,
        permission="messaging:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="messaging/member.html",
        context=_member,
        order=61,
        permission="messaging:read",
        column="side",
    ),
)
