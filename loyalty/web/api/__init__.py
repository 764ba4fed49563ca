"""What every endpoint under ``/api/v1/`` stands on. How to write one: docs/api.md.

An app's ``api.py`` imports from here: :class:`ApiView`, :class:`Body` with its fields, and the
decorator :func:`operation` that documents an endpoint.
"""

from __future__ import annotations

from loyalty.web.api.fields import (
    Base64,
    Choice,
    Day,
    Flag,
    Instant,
    ItemList,
    JudgedList,
    Money,
    PlainObject,
    PublicId,
    Quantity,
    Text,
    Whole,
)
from loyalty.web.api.inputs import Body, Query
from loyalty.web.api.pagination import Page
from loyalty.web.api.pictures import PictureBody, picture_in
from loyalty.web.api.problems import faults_inside
from loyalty.web.api.schema import operation, shape
from loyalty.web.api.views import ApiView

__all__ = [
    "ApiView",
    "Base64",
    "Body",
    "Choice",
    "Day",
    "Flag",
    "Instant",
    "ItemList",
    "JudgedList",
    "Money",
    "Page",
    "PictureBody",
    "PlainObject",
    "PublicId",
    "Quantity",
    "Query",
    "Text",
    "Whole",
    "faults_inside",
    "operation",
    "picture_in",
    "shape",
]
