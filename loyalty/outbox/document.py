"""What the API's document says of webhooks: one delivery, as the receiver sees it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiWebhook

_STRING = {"type": "string"}
_EXAMPLE = {
    "type": "purchase.recorded",
    "timestamp": "2026-11-20T01:15:02.318000Z",
    "data": {"purchase": "pur_01m83ta2j0e2c49m8hpta10p9a", "member": "mem_01m83t9zbd6gkp1s0jj2rx"},
    "id": "evt_01m83sqe3qnf1wgcvd3v56r2tn",
    "programme": "prg_01m83s2m7k5x3d0c8v9q1w4e6r",
    "subject": "mem_01m83t9zbd6gkp1s0jj2rx",
}


def _header(name: str, told: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": _STRING, "description": told}


DELIVERY: dict[str, Any] = {
    "operationId": "webhook_delivery",
    "summary": "An event",
    "description": (
        "Sent for every event whose type the endpoint listens to, signed by Standard Webhooks "
        "1.0.0; any of its libraries verifies it. Delivery is at least once and not in order: "
        "remember `webhook-id`. Answer 2xx within 15 seconds. Anything else is tried again for "
        "about three days, `Retry-After` is obeyed, redirects are not followed, and 410 switches "
        "the endpoint off."
    ),
    "tags": ["Webhooks"],
    "parameters": [
        _header("webhook-id", "The event's id, the same at every attempt."),
        _header("webhook-timestamp", "Unix seconds of this attempt."),
        _header("webhook-signature", "`v1,…`; during a rotation two, separated by a space."),
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": list(_EXAMPLE),
                    "properties": {
                        "type": {**_STRING, "description": "Such as `points.earned`."},
                        "timestamp": {**_STRING, "format": "date-time"},
                        "data": {
                            "type": "object",
                            "additionalProperties": True,
                            "description": "Public ids and amounts; no personal data.",
                        },
                        "id": _STRING,
                        "programme": _STRING,
                        "subject": {**_STRING, "description": "Whom or what it is about."},
                    },
                },
                "example": _EXAMPLE,
            }
        },
    },
    "responses": {"2XX": {"description": "Received."}, "410": {"description": "Send no more."}},
}

event = OpenApiWebhook("event", {"post": DELIVERY})
