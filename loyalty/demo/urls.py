"""Addresses that exist only while ``DEMO`` is on."""

from __future__ import annotations

from django.urls import path

from loyalty.demo.mailbox import mailbox

urlpatterns = [path("mailbox/", mailbox, name="demo_mailbox")]
