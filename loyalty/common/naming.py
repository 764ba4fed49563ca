"""A name in both languages, where its owner gave both.

A name is a plain text everywhere it is kept, compared, logged or sent. Where it was given in the
other language too, the same text knows how readers of each language call it (:class:`InBoth`):
templates show the reader's by themselves, code asks :func:`told`.
"""

from __future__ import annotations

from typing import Self

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language


class InBoth(str):
    """A name with what readers of each language call it; empty stands for the name itself.

    To everything that keeps or compares it, it is the name. What a template shows is the reader's.
    """

    __slots__ = ("en", "vi")
    vi: str
    en: str

    def __new__(cls, name: str, *, vi: str = "", en: str = "") -> Self:
        made = super().__new__(cls, name)
        made.vi, made.en = vi, en
        return made

    def __html__(self) -> SafeString:
        return escape(told(self))


def told(name: str, language: str = "") -> str:
    """A name as readers of a language call it, by default of the active one."""
    if not isinstance(name, InBoth):
        return name
    is_vietnamese = (language or get_language() or "vi").startswith("vi")
    return (name.vi if is_vietnamese else name.en) or str(name)
