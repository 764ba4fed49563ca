"""The demo's log-ins: one for each face, the same every time, printed by ``make demo``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings

from loyalty.tenancy.models import Location, Merchant, Staff, User
from loyalty.tenancy.scope import in_programme

# The demo is for a look around on one's own machine; its log-ins are no secret.
PASSWORD = "than-demo-2026"


@dataclass
class Login:
    """How one person enters: with a password, or by a code sent to the mailbox page."""

    face: str
    programme: str
    email: str
    password: str = ""
    by_code: bool = False
    address: str = ""


@dataclass
class DemoInfo:
    """What a script needs to drive every face of the demo."""

    base_url: str = ""
    programmes: list[dict[str, str]] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    api_keys: dict[str, str] = field(default_factory=dict)
    mailbox: str = ""


def user(email: str, name: str, *, superuser: bool = False, password: bool = True) -> User:
    """A log-in with a confirmed e-mail address, made once."""
    found = User.objects.filter(email=email).first()
    if found is None:
        make = User.objects.create_superuser if superuser else User.objects.create_user
        found = make(email, PASSWORD if password else None, name=name)
    EmailAddress.objects.get_or_create(
        user=found, email=email, defaults={"verified": True, "primary": True}
    )
    return found


def team(
    merchant: Merchant, *, domain: str, people: dict[str, tuple[str, str]], location: Location
) -> list[Login]:
    """Staff of a shop by role. ``people``: role to (name before the @, full name)."""
    logins = []
    slug = merchant.programme.slug
    for role, (local, name) in people.items():
        row = user(f"{local}@{domain}", name)
        with in_programme(merchant.programme):
            Staff.objects.get_or_create(
                user=row,
                defaults={
                    "merchant": merchant,
                    "role": role,
                    "location": location,
                    "for_all_merchants": role == "owner",
                },
            )
        face = "till" if role == "cashier" else "dashboard"
        logins.append(Login(role, slug, row.email, PASSWORD, address=f"/{face}/{slug}/"))
    return logins


def save(info: DemoInfo) -> None:
    """Keep what was made, readable by this user alone."""
    path = _path()
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(info), ensure_ascii=False, indent=2))


def read() -> DemoInfo | None:
    """What was made, or None before the demo was loaded."""
    if not _path().exists():
        return None
    raw = json.loads(_path().read_text())
    logins = [Login(**login) for login in raw.pop("logins")]
    return DemoInfo(**raw, logins=logins)


def _path() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"
