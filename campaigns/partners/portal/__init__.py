"""Partners on the members' pages, and the partners' own entrance: two sets of addresses."""

from __future__ import annotations

from campaigns.partners.portal import desk, members

routes = [*members.routes, *desk.routes]
panels = members.panels
