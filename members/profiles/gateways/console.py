"""Messages to phones as lines of the log, for development."""

from __future__ import annotations

import structlog


class ConsoleGateway:
    """``console://``: written to the log, text and all; never in production."""

    def send(self, *, to: str, text: str) -> None:
        """Write the message to the log."""
        structlog.get_logger(__name__).info("sms", to=to, text=text)
