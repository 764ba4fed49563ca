"""Every dashboard and till address, with every role: nobody sees what is not theirs, nothing breaks.

Driven by the addresses there are, so that a page of a new folder is tried without being asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from loyalty.tenancy.models import Staff, User
from loyalty.tenancy.roles import ROLES, allows
from loyalty.tenancy.scope import in_programme
from loyalty.web.pages import StaffView
from tests.world import Shop

FILLERS = {"int": "999999", "uuid": "00000000-0000-4000-8000-000000000000"}
UNKNOWN = "zzz_unknown"


@dataclass(frozen=True)
class Page:
    """One address of a face, as its pattern has it."""

    pattern: str
    view: type[StaffView]
    has_ids: bool

    def url(self, slug: str) -> str:
        return "/" + self.pattern.replace("<slug:programme>", slug)


def _walk(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, pattern)
        else:
            yield pattern, one


def _pages() -> list[Page]:
    found = []
    for pattern, one in _walk(get_resolver()):
        view = getattr(one.callback, "view_class", None)
        if "<slug:programme>" not in pattern or not pattern.startswith(("dashboard/", "till/")):
            continue
        assert isinstance(view, type), f"{pattern}: not a page class"
        assert issubclass(view, StaffView), f"{pattern}: not built on DashboardView or TillView"
        filled, has_ids = _filled(pattern)
        found.append(Page(filled, view, has_ids))
    return found


def _filled(pattern: str) -> tuple[str, bool]:
    parts, has_ids = [], False
    for part in pattern.split("/"):
        if part.startswith("<") and part != "<slug:programme>":
            kind = part.strip("<>").split(":")[0]
            parts.append(FILLERS.get(kind, UNKNOWN))
            has_ids = True
        else:
            parts.append(part)
    return "/".join(parts), has_ids


PAGES = _pages()
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.pattern)


def _client(shop: Shop, role: str) -> Client:
    if role == "owner":
        user = shop.staff.user
    else:
        user = User.objects.create_user(f"{role}@example.com", None, name=role.title())
        with in_programme(shop.programme):
            Staff.objects.create(user=user, merchant=shop.merchant, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_there_are_pages_to_try() -> None:
    assert {page.pattern.split("/")[0] for page in PAGES} == {"dashboard", "till"}


@EACH
def test_every_page_with_every_role(page: Page, shop: Shop) -> None:
    for role in ROLES:
        client = _client(shop, role)
        may = allows(ROLES[role], page.view.permission) if page.view.permission else True
        response = client.get(page.url("cafe"))
        if not may:
            assert response.status_code == 403, role
        elif page.has_ids:
            # An id nobody knows is not found; a page that only takes POST says so.
            assert response.status_code in (404, 405, 302), role
        else:
            assert response.status_code in (200, 302, 403, 405), role
            if role == "owner":
                assert response.status_code in (200, 302, 405)


@EACH
def test_sending_nothing_at_all_breaks_nothing(page: Page, shop: Shop) -> None:
    for role in ("owner", "analyst"):
        response = _client(shop, role).post(page.url("cafe"), {"csrfmiddlewaretoken": ""})
        assert response.status_code < 500, role
        wanted = page.view.write_permission or page.view.permission
        if wanted and not allows(ROLES[role], wanted):
            assert response.status_code in (403, 405), role


@EACH
def test_others_and_strangers_do_not_get_in(
    page: Page, shop: Shop, other_shop: Shop, client: Client
) -> None:
    for method in (client.get, client.post):
        response = method(page.url("cafe"))
        assert response.status_code == 302, "a stranger is sent to the log-in"
        assert "/accounts/" in response["Location"]
    cleo = Client()
    cleo.force_login(other_shop.staff.user)
    assert cleo.get(page.url("cafe")).status_code == 404
    assert cleo.post(page.url("cafe")).status_code == 404
