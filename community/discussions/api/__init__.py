"""Discussions over the API: topics, ideas, replies, votes, groups, settings."""

from __future__ import annotations

from community.discussions.api import groups, topics

routes = [*topics.routes, *groups.routes]
