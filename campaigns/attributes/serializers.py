"""Shapes of the API about attributes."""

from __future__ import annotations

from campaigns.attributes.models import Attribute
from campaigns.attributes.rules import MAX_OPTIONS, MAX_TEXT
from loyalty.web.api import Body, Choice, Flag, ItemList, PlainObject, Text


class _Named(Body):
    name_vi = Text(maximum=80, required=False)
    name_en = Text(maximum=80, required=False)
    options = ItemList(child=Text(maximum=MAX_TEXT), maximum=MAX_OPTIONS, required=False)
    is_told = Flag(required=False, help_text="Members may read rules that ask for it.")


class AttributeChangeBody(_Named):
    """What of an attribute is to change; what is left out stays."""

    is_retired = Flag(required=False, help_text="Put away: nobody sets it any more.")


class AttributeBody(_Named):
    """A new attribute."""

    code = Text(maximum=40, help_text="Rules ask for `attribute.<code>`.")
    kind = Choice(choices=Attribute.Kind.values)


class AttributeValuesBody(Body):
    """Values by code; `null` forgets one, what is left out stays."""

    values = PlainObject(any_number=True)
