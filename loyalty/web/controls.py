"""Form controls dressed for our pages, and the sentences scripts say.

Django renders the control and ties help text and errors to it (`aria-describedby`,
`aria-invalid`); we only choose classes and layout. Field layout: templates/django/forms/field.html.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.boundfield import BoundWidget
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
)
_FITS, _MOST_READ, _FEW = 26, 12, 7


def styled_widget(bound: BoundField) -> SafeString:
    """A field's control with the class of its kind and `is-invalid` where it has errors."""
    widget = bound.field.widget
    css = next(name for kind, name in _CLASSES if isinstance(widget, kind))
    own = widget.attrs.get("class", "")
    wrong = "is-invalid" if bound.errors else ""
    return bound.as_widget(attrs={"class": " ".join(filter(None, (css, own, wrong)))})


def is_long(bound: BoundField) -> bool:
    """Has a select a choice that half a row would cut off, a group more than half a row can hold?"""
    if isinstance(bound.field.widget, forms.CheckboxSelectMultiple):
        return len(list(getattr(bound.field, "choices", ()))) > _FEW
    is_select = isinstance(bound.field.widget, forms.Select)
    if not is_select or isinstance(bound.field, forms.ModelChoiceField):
        return False
    found: list[Any] = list(getattr(bound.field, "choices", ()))
    return len(found) <= _MOST_READ and any(len(str(label)) > _FITS for _value, label in found)


def field_kind(bound: BoundField) -> str:
    """Which layout a field takes: `switch`, `choices`, `file` or `plain`."""
    widget = bound.field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "switch"
    return "plain"


def choice_widgets(bound: BoundField) -> list[BoundWidget]:
    """The controls of a radio or checkbox group, each with our class."""
    widget = bound.field.widget
    attrs = {"id": widget.attrs.get("id") or bound.auto_id, "class": "form-check-input"}
    parts = widget.subwidgets(bound.html_name, bound.value(), bound.build_widget_attrs(attrs))
    return [BoundWidget(widget, part, bound.form.renderer) for part in parts]


def script_texts() -> dict[str, str]:
    """What static/js says aloud, in the reader's language."""
    return {
        "offline": _("No connection. Please try again."),
        "forbidden": _("You may not do this."),
        "slow_down": _("Too many requests. Please wait a moment."),
        "failed": _("That did not work. Please try again."),
        "copied": _("Copied"),
        "copy_failed": _("Could not copy. Select the text and copy it yourself."),
        "no_camera": _("No camera found. Take or choose a photo of the code instead."),
        "camera_refused": _(
            "The camera is blocked. Allow it in the browser's settings, or choose a photo."
        ),
        "reader_failed": _("The reader could not start. Type the number instead."),
        "no_code": _("No code found in this photo. Try again, closer and with more light."),
    }
