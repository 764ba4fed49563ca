"""What a rule is called: its name, and the one readers of the other language see."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.common.naming import InBoth


class Called(models.Model):
    """Base of what has a name, and may have it in the other language too."""

    name = models.CharField(_("name"), max_length=200)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        """A row whose name knows both languages, where it has both."""
        row = super().from_db(*args, **kwargs)
        known = row.__dict__
        vi, en = known.get("name_vi", ""), known.get("name_en", "")
        if (vi or en) and "name" in known:
            row.name = InBoth(row.name, vi=vi, en=en)
        return row
