"""What stops a whole file, as against `outcomes`, which judges single rows."""

from __future__ import annotations

from django.utils.functional import Promise


class FileProblem(Exception):  # noqa: N818 - reads as what it is at every raise
    """The file as a whole cannot be imported; nothing was written. `code` is stable."""

    def __init__(self, *, code: str, message: str | Promise) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = message
