"""The key of a batch of sales."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.commands.decorator import Context, command


@command("sales.begin_batch", label=_("Batch of sales begun"), permission="purchases:write")
def begin_batch(ctx: Context, *, digest: str, size: int) -> str:
    """Bind a batch's key to its whole content: the same key with another list is a ``Conflict``."""
    ctx.about("", size=size)
    return digest
