"""What every app adds to the shells: menu items, panels on shared pages, and its addresses.

An app's ``dashboard.py`` (``portal.py``, ``till.py``) may hold ``routes`` (below the programme's
address), ``top_routes`` (below the face's own address), ``menu`` and ``panels``; a dashboard also
``columns``, ``file_columns`` and ``filters``. They are gathered here by name; nothing central lists
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from loyalty.commands.actor import Actor
from loyalty.web.discovery import modules_named

Face = Literal["dashboard", "till", "portal"]
Text = str | Promise

# Headings of the side bar, in the order they stand.
SECTIONS: dict[str, Text] = {"": "", "programme": _("Programme"), "setup": _("Set up")}


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """One line of a menu.

    Args:
        label: what people read. ``icon`` is a name of the sprite.
        route: name of the address within the face (``rewards`` for ``dashboard:rewards``).
        section: key of :data:`SECTIONS`; ``order`` sorts within it (steps of ten).
        permission: who sees it; empty means everyone who may enter.
        count: a number to show beside it (things that wait), asked once per page.
        shown: whether it stands there at all (what the shop has switched on), asked once per page.
    """

    label: Text
    route: str
    icon: str = "circle"
    section: str = ""
    order: int = 50
    permission: str = ""
    count: Callable[[Actor], int] | None = None
    shown: Callable[[Actor], bool] | None = None


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A piece an app adds to a page of another.

    Args:
        place: ``member`` (a member's page), ``overview``, ``purchase`` (a sale's page), ``rule`` (a rule's
            page), ``till_home`` (a button at the till's door) or ``till_member`` (below the member at the till).
        template: rendered with the page's context and what ``context`` answers.
        context: from the actor and the page's subject to values; ``None`` leaves the panel out.
        column: ``main``, ``side`` or ``top`` (full width, above both).
    """

    place: str
    template: str
    context: Callable[[Actor, Any], Mapping[str, Any] | None]
    order: int = 50
    permission: str = ""
    column: Literal["top", "main", "side"] = "main"


def unreadable_panel(
    title: Text, rows: Callable[[Actor], Sequence[tuple[str, str]]], *, permission: str
) -> Panel:
    """A notice on the overview of things sealed with a secret key this server does not know.

    Args:
        rows: their names, and the pages that say what to do; none leaves the notice out.
    """

    def context(actor: Actor, _subject: Any) -> dict[str, Any] | None:
        found = rows(actor)
        return {"title": title, "unreadable": found} if found else None

    return Panel(
        place="overview",
        template="components/unreadable.html",
        context=context,
        order=5,
        permission=permission,
        column="top",
    )


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column an app adds to a list of another (``members``): ready text by primary key."""

    place: str
    label: Text
    values: Callable[[Actor, Sequence[Any]], Mapping[int, str]]
    order: int = 50
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class FileColumn:
    """A column of a downloaded list: its header, and plain values by primary key."""

    header: str
    values: Callable[[Sequence[Any]], Mapping[int, int | str]]


@dataclass(frozen=True, kw_only=True)
class FileColumns:
    """The columns an app adds to a downloaded list of another (``members``)."""

    place: str
    columns: Callable[[Actor], Sequence[FileColumn]]
    order: int = 50
    permission: str = ""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A filter an app adds to a list of another (``members``).

    Args:
        name: in the address; ``choices`` are its values with their names, asked once per page.
        rows: from the list and a value to the part of the list that is meant.
    """

    place: str
    name: str
    label: Text
    choices: Callable[[], Sequence[tuple[str, str]]]
    rows: Callable[[Any, str], Any]
    order: int = 50
    permission: str = ""


@dataclass(frozen=True)
class ShownFilter:
    """A filter as a list draws it."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]]
    value: str


@dataclass(frozen=True)
class ShownColumn:
    """A column with its cells by primary key."""

    label: str
    cells: Mapping[int, str]


@dataclass(frozen=True)
class ShownItem:
    """A menu item as the shells draw it."""

    label: str
    url: str
    icon: str
    section: str
    active: bool
    count: int


def home_url(face: Face, slug: str) -> str:
    """Where a face of a programme begins."""
    return f"/p/{slug}/" if face == "portal" else f"/{face}/{slug}/"


def routes_of(face: Face, attribute: str = "routes") -> list[URLPattern | URLResolver]:
    """The addresses every app adds to a face, in a stable order."""
    return [route for module in modules_named(face) for route in getattr(module, attribute, ())]


@cache
def menu_items(face: Face) -> tuple[MenuItem, ...]:
    """All menu items of a face, sorted as they stand."""
    items = [item for module in modules_named(face) for item in getattr(module, "menu", ())]
    places = list(SECTIONS)
    return tuple(sorted(items, key=lambda item: (places.index(item.section), item.order)))


@cache
def panels_of(place: str, face: Face = "dashboard") -> tuple[Panel, ...]:
    """All panels of a place, sorted as they stand."""
    found = [panel for module in modules_named(face) for panel in getattr(module, "panels", ())]
    return tuple(sorted((p for p in found if p.place == place), key=lambda p: p.order))


def columns_for(place: str, *, actor: Actor, rows: Sequence[Any]) -> list[ShownColumn]:
    """The columns other apps add to a list, filled for these rows."""
    modules = modules_named("dashboard")
    found = [one for module in modules for one in getattr(module, "columns", ())]
    wanted = [
        c for c in found if c.place == place and (not c.permission or actor.may(c.permission))
    ]
    wanted.sort(key=lambda column: column.order)
    return [ShownColumn(str(c.label), c.values(actor, rows)) for c in wanted]


def file_columns_for(place: str, *, actor: Actor) -> list[FileColumn]:
    """The columns other apps add to a list that is downloaded."""
    modules = modules_named("dashboard")
    found = [one for module in modules for one in getattr(module, "file_columns", ())]
    wanted = [
        c for c in found if c.place == place and (not c.permission or actor.may(c.permission))
    ]
    wanted.sort(key=lambda one: one.order)
    return [column for one in wanted for column in one.columns(actor)]


def filters_for(
    place: str, *, actor: Actor, asked: Mapping[str, str], rows: Any
) -> tuple[Any, list[ShownFilter]]:
    """A list as the filters of other apps narrow it, and those filters; an unknown value asks nothing."""
    modules = modules_named("dashboard")
    found = [one for module in modules for one in getattr(module, "filters", ())]
    shown = []
    for one in sorted(found, key=lambda each: each.order):
        if one.place != place or (one.permission and not actor.may(one.permission)):
            continue
        choices = list(one.choices())
        value = asked.get(one.name, "")
        if value in dict(choices):
            rows = one.rows(rows, value)
        else:
            value = ""
        if choices:
            shown.append(ShownFilter(one.name, str(one.label), choices, value))
    return rows, shown


def menu_for(face: Face, *, actor: Actor, path: str) -> list[ShownItem]:
    """The menu this actor sees, with the present page marked (the longest address that fits)."""
    items = [i for i in menu_items(face) if not i.permission or actor.may(i.permission)]
    items = [i for i in items if i.shown is None or i.shown(actor)]
    urls = [reverse(f"{face}:{item.route}", args=[actor.programme.slug]) for item in items]
    home = home_url(face, actor.programme.slug)
    fitting = [url for url in urls if path.startswith(url) and (url != home or path == home)]
    present = max(fitting, key=len, default="")
    return [
        ShownItem(
            label=str(item.label),
            url=url,
            icon=item.icon,
            section=str(SECTIONS[item.section]),
            active=url == present,
            count=item.count(actor) if item.count else 0,
        )
        for item, url in zip(items, urls, strict=True)
    ]


def render_panels(
    place: str,
    *,
    actor: Actor,
    subject: Any,
    request: HttpRequest,
    shared: Mapping[str, Any],
    face: Face = "dashboard",
) -> dict[str, list[SafeString]]:
    """The panels of a place, rendered, by column (``top``, ``main``, ``side``)."""
    columns: dict[str, list[SafeString]] = {"top": [], "main": [], "side": []}
    for panel in panels_of(place, face):
        if panel.permission and not actor.may(panel.permission):
            continue
        own = panel.context(actor, subject)
        if own is not None:
            html = render_to_string(panel.template, {**shared, **own}, request=request)
            columns[panel.column].append(html)
    return columns
