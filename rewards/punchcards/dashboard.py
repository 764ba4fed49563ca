"""Punch cards in the dashboard: the list, the editor with its picture, publishing, given stamps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from loyalty.commands.actor import Actor
from loyalty.common.errors import Invalid
from loyalty.engine import publishing
from loyalty.web.navigation import MenuItem, Panel
from loyalty.web.pages import DashboardView, FormView, saved
from members.profiles.models import Member
from members.profiles.selectors import member_of_id
from rewards.punchcards import selectors
from rewards.punchcards.forms import CardForm, initial_of
from rewards.punchcards.models import MAX_STAMPS, PunchCard
from rewards.punchcards.rules import MAX_INTERIMS
from rewards.punchcards.services import give_stamps

KIND = "punchcards.punch_card"


class CardsView(DashboardView):
    """The list of cards, each with its picture."""

    permission = "punchcards:read"
    template_name = "punchcards/cards.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        shown = [(row, selectors.positions(row)) for row in selectors.shown_cards()]
        return self.page({"cards": shown, "may_write": self.may("rules:write")})


class CardFormView(FormView):
    """What a new and a known card share."""

    permission = "punchcards:read"
    write_permission = "rules:write"
    template_name = "punchcards/card_edit.html"
    form_class = CardForm

    def form_options(self) -> dict[str, Any]:
        return {"currency": self.programme.currency}


class NewCardView(CardFormView):
    """A new card; publishing it is the next step."""

    def initial(self) -> dict[str, Any]:
        return {"stamp_per": "visit", "expiry_kind": "none"}

    def act(self, form: Any) -> HttpResponse:
        made = publishing.create_rule(self.call(), kind=KIND, values=form.values())
        return self.go(
            "punchcard", made.rule, text=_("Saved as a draft. Publish it when it is right.")
        )


class EditCardView(CardFormView):
    """A draft, or the successor of a live card."""

    def card(self) -> PunchCard:
        """The card of the address. Raises ``NotFound``."""
        return selectors.access_card(self.kwargs["punchcard"])

    def initial(self) -> dict[str, Any]:
        return initial_of(self.card())

    def context(self, form: Any) -> dict[str, Any]:
        return {"form": form, "card": self.card()}

    def act(self, form: Any) -> HttpResponse:
        made = publishing.edit_rule(
            self.call(),
            rule=self.card().public_id,
            values=form.values(),
            revision=form.cleaned_data["revision"],
        )
        return self.go("punchcard", made.rule, text=saved())


class CardView(DashboardView):
    """A card's page; one button does one thing."""

    permission = "punchcards:read"
    template_name = "punchcards/card.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        card = selectors.access_card(self.kwargs["punchcard"])
        context = {
            "card": card,
            "terms": card.terms(),
            "positions": selectors.positions(card),
            "figures": selectors.card_figures(card),
            "draft": selectors.open_edit(card),
            "may_write": self.may("rules:write"),
        }
        return self.page(context)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        card = selectors.access_card(self.kwargs["punchcard"]).public_id
        act = request.POST.get("act", "")
        if act == "discard":
            publishing.discard_draft(self.call(), rule=card)
            return self.go("punchcards", text=_("The draft is gone."))
        acts: dict[str, tuple[Any, str]] = {
            "publish": (publishing.publish_rule, _("The card is live.")),
            "pause": (publishing.pause_rule, _("Paused: no stamps until you go on.")),
            "resume": (publishing.resume_rule, _("The card is live again.")),
            "end": (publishing.end_rule, _("Ended. Vouchers in hand stay good.")),
        }
        if act not in acts:
            raise Invalid("unknown_action", _("This page has no such button."))
        command, text = acts[act]
        command(self.call(), rule=card)
        return self.go("punchcard", card, text=text)


class PictureView(DashboardView):
    """The live picture beside the editor: what is typed, as a card."""

    permission = "punchcards:read"
    template_name = "punchcards/picture_page.html"
    partial_name = "punchcards/picture.html"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        names = dict(selectors.reward_choices())
        total = min(max(_number(request, "stamps_needed"), 2), MAX_STAMPS)
        rewards = {
            _number(request, f"position_{n}"): names.get(request.GET.get(f"interim_{n}", ""), "")
            for n in range(1, MAX_INTERIMS + 1)
        }
        rewards[total] = names.get(request.GET.get("reward", ""), "")
        head = min(_number(request, "head_start"), total - 1)
        return self.page(
            {
                "title": request.GET.get("name", "")[:200],
                "total": total,
                "head": head,
                "rewards": {place: text for place, text in rewards.items() if place and text},
                "icon": request.GET.get("icon", "")[:20],
            }
        )


class GiveStampView(DashboardView):
    """A stamp by hand, from the member's page."""

    permission = "punchcards:read"
    write_permission = "punchcards:write"

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"])
        return self.go("member", member.public_id)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        member = member_of_id(self.kwargs["member"])
        card = request.POST.get("card", "")
        done = give_stamps(self.call(), member=member.public_id, card=card)
        text = _("A full card! The reward is ready.") if done.rewards else _("Stamp given.")
        return self.go("member", member.public_id, text=text)


def _number(request: HttpRequest, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _member_panel(actor: Actor, member: Member) -> dict[str, Any] | None:
    found = selectors.card_progress(member)
    if not found:
        return None
    return {"progress": found, "may_stamp": actor.may("punchcards:write")}


routes = [
    path("punchcards/", CardsView.as_view(), name="punchcards"),
    path("punchcards/new/", NewCardView.as_view(), name="punchcard_new"),
    path("punchcards/picture/", PictureView.as_view(), name="punchcard_picture"),
    path("punchcards/<str:punchcard>/", CardView.as_view(), name="punchcard"),
    path("punchcards/<str:punchcard>/edit/", EditCardView.as_view(), name="punchcard_edit"),
    path("members/<str:member>/stamp/", GiveStampView.as_view(), name="member_stamp"),
]
menu = (
    MenuItem(
        label=gettext_lazy("Punch cards"),
        route="punchcards",
        icon="rubber-stamp",
        section="programme",
        order=20,
        permission="punchcards:read",
    ),
)
panels = (
    Panel(
        place="member",
        template="punchcards/member_panel.html",
        context=_member_panel,
        order=20,
        permission="punchcards:read",
        column="side",
    ),
)
