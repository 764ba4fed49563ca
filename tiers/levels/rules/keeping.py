"""A standing as the status that is kept: plain JSON, instants as ISO text, read back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from loyalty.common.values import changed
from loyalty.engine.status import Status
from tiers.levels.rules.ladder import LadderTerms
from tiers.levels.rules.standing import Gift, Standing

STATUS = "level"
_EVER = datetime(1900, 1, 1, tzinfo=UTC)
_INSTANTS = ("secured_at", "review_at", "rise_at", "look_at", "grace_until")
_TEXTS = ("secured", "before", "reached", "grace_to")


def read_standing(status: Status | None, ladder: LadderTerms) -> Standing:
    """What a status says of a ladder; the ground where it says nothing, or of another ladder."""
    if status is None:
        return _bottom(ladder)
    known = status.readings.get(id(ladder))
    if known is None:
        is_its = status.data.get("ladder") == ladder.family
        standing = _read(status.data, ladder) if is_its else _bottom(ladder)
        # The ladder is kept with it, so that no other takes its place in memory.
        known = status.readings[id(ladder)] = (ladder, standing)
    found: Standing = known[1]
    return found


def _bottom(ladder: LadderTerms) -> Standing:
    return Standing.made(ladder=ladder.family, secured=ladder.code(ladder.ground))


def _read(data: Mapping[str, Any], ladder: LadderTerms) -> Standing:
    gift = data.get("gift")
    standing = Standing(
        ladder=ladder.family,
        shielded=bool(data.get("shielded")),
        gift=_read_gift(gift) if gift else None,
        **_read_plain(data),
    )
    held = standing.reached or standing.secured
    if held and not ladder.rank(held):
        # The shop took the level off the ladder: they stand on the one that was below it.
        below = min(int(data.get("rank", 0)) - 1, len(ladder.levels))
        standing = changed(standing, secured=ladder.code(below), reached="")
    return standing


def written(
    standing: Standing, ladder: LadderTerms, *, before: Status | None, now: datetime
) -> Status:
    """A standing as the status that is kept; ``since`` grows only where the level changes."""
    code = ladder.code(standing.rank(ladder, now))
    same = before is not None and before.value == code and bool(before.data.get("ladder"))
    data: dict[str, Any] = {"ladder": standing.ladder, "rank": standing.earned(ladder)}
    data |= {name: value for name in _TEXTS if (value := getattr(standing, name))}
    data |= {name: value.isoformat() for name in _INSTANTS if (value := getattr(standing, name))}
    if standing.shielded:
        data["shielded"] = True
    if standing.gift:
        gift = standing.gift
        data["gift"] = {
            "level": gift.level,
            "since": gift.since.isoformat(),
            "until": gift.until.isoformat() if gift.until else None,
            "reason": gift.reason,
            "by": gift.by,
        }
    since = before.since if same and before else now
    return Status.made(value=code, since=since, due_at=standing.due_at, data=data)


def together(ladder: LadderTerms, standing: Standing, brought: Mapping[str, Any]) -> Standing:
    """The better of two standings, where a card is merged into another; a gift comes along."""
    other = read_standing(Status.made(value="", since=_EVER, data=brought), ladder)
    gift = standing.gift or other.gift
    if other.earned(ladder) > standing.earned(ladder):
        return changed(other, gift=gift)
    return changed(standing, gift=gift)


def _read_plain(data: Mapping[str, Any]) -> dict[str, Any]:
    texts = {name: data.get(name, "") for name in _TEXTS}
    return texts | {name: _instant(data.get(name)) for name in _INSTANTS}


def _read_gift(raw: Mapping[str, Any]) -> Gift:
    return Gift.made(
        level=raw["level"],
        since=datetime.fromisoformat(raw["since"]),
        until=_instant(raw["until"]),
        reason=raw["reason"],
        by=raw.get("by", ""),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
