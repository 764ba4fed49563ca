"""Why: every balance line and every effect can say it in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from loyalty.engine.glossary import retold
from loyalty.engine.plug import reason_texts

# Reasons the ledger and the engine give by themselves; mechanics bring their own.
_COMMON = {
    "expired": _("Expired"),
    "lapsed": _("Never became available"),
    "refund": _("Taken back after a refund: %(rule)s"),
    "taken_back": _("Taken back: %(rule)s"),
    "written_off": _("Written off by the shop"),
    "restored": _("Given back after a refund"),
    "multiplier": _("%(rule)s"),
    "merged": _("Brought along from another card of yours"),
    "unmerged": _("Cards taken apart again"),
    "household_joined": _("Brought into the household"),
    "household_left": _("Taken along from the household"),
    "elsewhere": _("At another shop of this programme"),
    "erased": _("Forfeited when the card was erased"),
}


class _Values(dict[str, Any]):
    """A value may come in both languages (``gift_vi``, ``gift_en``). Missing ones show as a dash: an
    old line must never break a page.
    """

    def __missing__(self, key: str) -> Any:
        language = "vi" if (get_language() or "vi").startswith("vi") else "en"
        return self.get(f"{key}_{language}", "–")


def explain(reason: str, details: Mapping[str, Any]) -> str:
    """The sentence for a reason code and its values, in the active language."""
    text = _COMMON.get(reason) or reason_texts().get(reason)
    if text is None:
        return str(details.get("text") or reason)
    values = {key: retold(one) if isinstance(one, str) else one for key, one in details.items()}
    return str(text) % _Values(values)
