"""What stops a whole file, as against `outcomes`, which judges single rows."""

from __future__ import annotations

from loyalty.common.errors import Invalid


class FileProblem(Invalid):
    """The file as a whole cannot be imported; nothing was written. `code` is stable."""
