"""How people log in: the account library's rules for us, and where each kind of person goes then.

Accounts of owners and staff are made by invitation, those of customers by the portal's one-time
code; so nobody signs up at the general door. Everything else (passwords, second factor, passkeys,
rate limits, the same answer for known and unknown addresses) is the library's own.
"""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from loyalty.common.public_ids import new_id
from loyalty.tenancy import selectors
from loyalty.tenancy.models import User
from loyalty.web.pages import TillView

# What tells those who look after a programme from those who stand at its till.
_LOOKS_AFTER = "staff:read"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What the account library asks us."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user) if isinstance(request.user, User) else "/"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return self.get_login_redirect_url(request)


def home_of(user: User) -> str:
    """Where a log-in begins: the dashboard or till it works at, the admin, or its own cards."""
    if selectors.programmes_of(user, permission=_LOOKS_AFTER):
        return "/dashboard/"
    if selectors.programmes_of(user, permission=TillView.permission):
        return "/till/"
    return "/admin/" if user.is_staff else "/cards/"


def is_trusted(user: User) -> bool:
    """Does this log-in open more than cards? Then it enters by its own address only."""
    return user.is_staff or user.is_superuser or selectors.works_anywhere(user)


def login_of_address(address: str) -> User:
    """The log-in of an e-mail address that was just proven; made when there is none yet."""
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address)
    own, _created = EmailAddress.objects.get_or_create(
        user=user, email=address, defaults={"verified": True, "primary": True}
    )
    if not own.verified:
        own.verified = True
        own.save(update_fields=["verified"])
    return user


def login_without_address() -> User:
    """A fresh log-in for someone known by phone alone."""
    return User.objects.create_user(f"{new_id('usr')}@phone.invalid")


def proven_address(user: User) -> str:
    """The log-in's own e-mail address, where it has proven it."""
    found = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    return user.email if found.exists() else ""
