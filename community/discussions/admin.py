"""Discussions in the support view."""

from __future__ import annotations

from django.contrib import admin

from community.discussions.models import DiscussionSettings, Group, Membership, Reply, Topic
from loyalty.web.support import ReadOnlyAdmin


@admin.register(Topic)
class TopicAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "kind", "title", "state", "status", "votes")
    list_filter = ("kind", "state", "status", "programme")
    search_fields = ("public_id", "title")
    ordering = ("-pk",)


@admin.register(Reply)
class ReplyAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "topic", "state", "written_at")
    list_filter = ("state", "programme")
    search_fields = ("public_id", "text")
    ordering = ("-pk",)


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "name", "join", "is_private", "members", "state")
    list_filter = ("state", "programme")
    search_fields = ("public_id", "name")
    ordering = ("-pk",)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("public_id", "programme", "group", "state", "since")
    list_filter = ("state", "programme")
    ordering = ("-pk",)


@admin.register(DiscussionSettings)
class DiscussionSettingsAdmin(ReadOnlyAdmin):
    list_display = ("programme", "is_open", "looked_at", "edit_hours", "public_read", "former")
    ordering = ("-pk",)
