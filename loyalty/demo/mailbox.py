"""The demo's mailbox: every letter and one-time code the product sent, as a page.

Letters are read from the folder the file e-mail backend writes to. The page exists only while
``DEMO`` is on.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_MOST = 50
_SEPARATOR = "-" * 79


@dataclass(frozen=True)
class Letter:
    """One letter as its reader sees it."""

    to: str
    subject: str
    text: str
    sent_at: datetime | None


def mailbox(request: HttpRequest) -> HttpResponse:
    """The newest letters first; ``?to=`` narrows them to one reader."""
    wanted = request.GET.get("to", "").strip().lower()
    found = [one for one in letters(Path(settings.VAR_DIR) / "mail") if wanted in one.to.lower()]
    return render(request, "demo/mailbox.html", {"letters": found[:_MOST], "to": wanted})


def letters(folder: Path) -> list[Letter]:
    """All letters of a folder, newest first."""
    found = []
    for file in sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True):
        parts = file.read_text(encoding="utf-8", errors="replace").split(_SEPARATOR)
        found += [_letter(part.strip()) for part in reversed(parts) if part.strip()]
    return found


def _letter(raw: str) -> Letter:
    message = email.message_from_bytes(raw.encode(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    sent = message["Date"].datetime if message["Date"] else None
    if sent is not None and sent.tzinfo is None:  # “-0000”: the sender does not tell its zone
        sent = sent.replace(tzinfo=UTC)
    return Letter(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content() if body else "",
        sent_at=sent,
    )
