"""Webhooks in the dashboard: endpoints, what was delivered to them, and sending again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.clock import now
from loyalty.common.errors import DomainError, NotFound
from loyalty.outbox import forms, selectors, webhooks
from loyalty.outbox.models import WebhookDelivery, WebhookEndpoint
from loyalty.web.lists import link, newest_first
from loyalty.web.navigation import MenuItem, unreadable_panel
from loyalty.web.pages import DashboardView, FormView, saved

_LOOK_BACK = timedelta(days=7)


class WebhooksView(FormView):
    """All endpoints, and a form for one more."""

    permission = "webhooks:write"
    template_name = "outbox/webhooks.html"
    form_class = forms.EndpointForm

    def form_options(self) -> dict[str, Any]:
        return {"may_see_all": self.actor.may_give_all_merchants}

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        rows = selectors.endpoints(merchant_id=self.staff.merchant_id)
        return {"form": form, "endpoints": rows}

    def act(self, form: Any) -> HttpResponse:
        made = webhooks.create_endpoint(self.call(), **form.arguments())
        return self.page({**self.context(self.build_form()), "made": made})


class WebhookView(FormView):
    """One endpoint: its deliveries, and what it is told."""

    permission = "webhooks:write"
    template_name = "outbox/webhook.html"
    form_class = forms.EndpointForm

    def endpoint(self) -> WebhookEndpoint:
        """The endpoint of the address. Raises ``NotFound``."""
        return selectors.endpoint_of_id(self.kwargs["endpoint"], merchant_id=self.staff.merchant_id)

    def initial(self) -> dict[str, Any]:
        row = self.endpoint()
        types = "\n".join(row.event_types)
        return {
            "url": row.url,
            "description": row.description,
            "event_types": types,
            "revision": row.revision,
        }

    def context(self, form: django_forms.Form) -> dict[str, Any]:
        row, state = self.endpoint(), self.request.GET.get("state", "")
        states = ("", *WebhookDelivery.State.values)
        rows = selectors.deliveries(row, state=state if state in states else "")
        return {
            "form": form,
            "endpoint": row,
            "list": newest_first(rows, self.request, limit=30),
            "states": [
                {
                    "label": WebhookDelivery.State(one).label if one else _("All"),
                    "url": link(self.request, state=one),
                    "active": one == state,
                }
                for one in states
            ],
        }

    def act(self, form: Any) -> HttpResponse:
        webhooks.update_endpoint(
            self.call(),
            endpoint=self.kwargs["endpoint"],
            revision=form.cleaned_data["revision"],
            **form.arguments(),
        )
        return self.go("webhook", self.kwargs["endpoint"], text=saved())


class WebhookActionView(DashboardView):
    """The buttons of an endpoint, by the ``do`` of the form."""

    permission = "webhooks:write"
    template_name = "outbox/webhooks.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        endpoint = self.kwargs["endpoint"]
        selectors.endpoint_of_id(endpoint, merchant_id=self.staff.merchant_id)
        try:
            return self.act(request.POST.get("do", ""), endpoint)
        except NotFound:
            raise
        except DomainError as error:
            return self.go("webhook", endpoint, text=str(error.message), tone="error")

    def act(self, what: str, endpoint: str) -> HttpResponse:
        """Do it and answer."""
        if what == "rotate":
            return self.page({"made": webhooks.rotate_secret(self.call(), endpoint=endpoint)})
        if what == "remove":
            webhooks.delete_endpoint(self.call(), endpoint=endpoint)
            return self.go("webhooks", text=_("The endpoint is gone."))
        text = saved()
        if what == "test":
            webhooks.send_test_event(self.call(), endpoint=endpoint)
            text = _("A test event is on its way.")
        elif what == "replay":
            since = now() - _LOOK_BACK
            done = webhooks.replay_failed(self.call(), endpoint=endpoint, since=since)
            text = _("Sending again: %(count)s.") % {"count": done.queued}
        elif what in ("on", "off"):
            webhooks.update_endpoint(self.call(), endpoint=endpoint, is_active=what == "on")
        return self.go("webhook", endpoint, text=text)


class ReplayView(DashboardView):
    """One delivery again."""

    permission = "webhooks:write"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        try:
            done = webhooks.replay_delivery(self.call(), delivery=self.kwargs["delivery"])
        except NotFound:
            raise
        except DomainError as error:
            return self.go("webhooks", text=str(error.message), tone="error")
        return self.go("webhook", done.endpoint, text=_("It is on its way again."))


class EventsView(DashboardView):
    """Everything that happened, as the outside hears it."""

    permission = "events:read"
    template_name = "outbox/events.html"
    partial_name = "outbox/event_rows.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        text = request.GET.get("q", "")[:80]
        return self.page({"list": newest_first(selectors.events(text=text), request), "q": text})


def _unreadable(actor: Actor) -> list[tuple[str, str]]:
    slug = actor.programme.slug
    return [
        (row.url, reverse("dashboard:webhook", args=[slug, row.public_id]))
        for row in selectors.endpoints(merchant_id=actor.merchant_id or 0)
        if row.is_unreadable
    ]


routes = [
    path("webhooks/", WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<str:endpoint>/", WebhookView.as_view(), name="webhook"),
    path("webhooks/<str:endpoint>/do/", WebhookActionView.as_view(), name="webhook_do"),
    path("deliveries/<str:delivery>/replay/", ReplayView.as_view(), name="delivery_replay"),
    path("webhook-events/", EventsView.as_view(), name="webhook_events"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Webhooks"),
        route="webhooks",
        icon="plug",
        section="setup",
        order=70,
        permission="webhooks:write",
    ),
)
panels = (
    unreadable_panel(
        gettext_lazy("Webhooks that send nothing"), _unreadable, permission="webhooks:write"
    ),
)
