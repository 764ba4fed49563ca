"""The embedded broker: Celery's folder of files, made safe for several processes.

Kombu writes a message into the very file a worker may be reading, and a worker that reads half a
message dies of it. Here a message takes its name only when it is whole, and one that cannot be read
(the power failed) is thrown away: messages only wake, what is due stands in rows.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from time import monotonic_ns
from typing import Any

import structlog
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils import json

log = structlog.get_logger(__name__)


class Channel(filesystem.Channel):
    """A channel whose files appear whole."""

    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        name = f"{monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        partial = folder / f".{name}"
        partial.write_text(json.dumps(payload))  # type: ignore[no-untyped-call]
        partial.replace(folder / name)

    def _get(self, queue: str, timeout: Any = None) -> Any:
        while True:
            try:
                return super()._get(queue)  # type: ignore[no-untyped-call]
            except ValueError:  # it was moved away before it was read: the next one is another
                log.warning("broken_message", queue=queue)


class Transport(filesystem.Transport):
    """Kombu's transport of files, with our channel."""

    Channel = Channel


def register() -> None:
    """Let ``filesystem://`` mean this one."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
