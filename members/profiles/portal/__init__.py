"""The members' own pages: coming in, joining, and looking after one's card."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from loyalty.web.navigation import MenuItem
from members.profiles.portal.contacts import AddContactView, ProveContactView, RemoveContactView
from members.profiles.portal.entrance import CodeView, JoinView, LoginView
from members.profiles.portal.profile import (
    ConsentView,
    EraseView,
    ExportFileView,
    ExportView,
    ProfileView,
    RenewCodeView,
)

routes = [
    path("login/", LoginView.as_view(), name="login"),
    path("join/", JoinView.as_view(), name="join"),
    path("code/", CodeView.as_view(), name="code"),
    path("profile/", ProfileView.as_view(), name="profile"),
    path("profile/contacts/", AddContactView.as_view(), name="contact_add"),
    path("profile/contacts/code/", ProveContactView.as_view(), name="contact_prove"),
    path("profile/contacts/remove/", RemoveContactView.as_view(), name="contact_remove"),
    path("profile/consents/", ConsentView.as_view(), name="consents"),
    path("profile/new-code/", RenewCodeView.as_view(), name="renew_code"),
    path("profile/data/", ExportView.as_view(), name="export"),
    path("profile/data/file/", ExportFileView.as_view(), name="export_file"),
    path("profile/erase/", EraseView.as_view(), name="erase"),
]
menu = [MenuItem(label=_("Profile"), route="profile", icon="user-circle", order=90)]
