"""A shop whose members talk, through the REST API alone."""

from __future__ import annotations

from typing import Any

from tests.community.reviews.reviews_of import Reviewing
from tests.world import Shop


class Talking(Reviewing):
    """A programme as a program from outside sees it, its community open."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.talk_settings(is_open=True)

    def talk_settings(self, **values: Any) -> None:
        self.did(self.api.patch("discussions/settings/", values, match="*"))

    def start(self, title: str = "Open earlier", *, member: str = "", **values: Any) -> Any:
        given = {"member": member or self.ana, "title": title, "text": "At six?", **values}
        return self.api.post("topics/", given)

    def topic(self, title: str = "Open earlier", **values: Any) -> str:
        return str(self.did(self.start(title, **values))["id"])

    def idea(self, title: str = "Open earlier", **values: Any) -> str:
        return self.topic(title, kind="idea", **values)

    def reply(self, topic: str, text: str = "Me too.", *, member: str = "") -> Any:
        body = {"text": text, **({"member": member} if member else {})}
        return self.api.post(f"topics/{topic}/replies/", body)

    def replied(self, topic: str, text: str = "Me too.", *, member: str = "") -> str:
        return str(self.did(self.reply(topic, text, member=member))["id"])

    def told(self, topic: str) -> Any:
        return self.did(self.api.get(f"topics/{topic}/"))

    def vote(self, topic: str, member: str, **values: Any) -> Any:
        return self.api.post(f"topics/{topic}/votes/", {"member": member, **values})

    def becomes(self, topic: str, status: str, note: str = "") -> Any:
        return self.api.post(f"topics/{topic}/status/", {"status": status, "note": note})

    def decide_text(self, path: str, verdict: str, reason: str = "") -> Any:
        body = {"verdict": verdict, "reason": reason}
        return self.api.post(f"{path}/decision/", body)

    def group(self, name: str = "Brewers", **values: Any) -> str:
        return str(self.did(self.api.post("groups/", {"name": name, **values}))["id"])

    def join_group(self, group: str, member: str = "") -> Any:
        return self.api.post(f"groups/{group}/members/", {"member": member or self.ana})

    def rewards(self, activity: str, points: int) -> None:
        self.rule(name=activity, activity=activity, basis="fixed", points=points)
