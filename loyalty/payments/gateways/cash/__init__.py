"""Cash at the till: staff take it, and give it back."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loyalty.payments.gateways.base import Config, Gateway, Started
from loyalty.payments.results import Order


class Cash(Gateway):
    """Nothing to set up, nobody to be told by."""

    name = "cash"
    label = _("Cash at the counter")
    icon = "cash"
    mode = "manual"

    def start(self, order: Order, config: Config) -> Started:
        return Started()


GATEWAY = Cash()
