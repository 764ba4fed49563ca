"""Every command can be read in the audit trail, in both languages."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import override

from loyalty.commands.decorator import COMMANDS, CommandFunction
from loyalty.setup.selectors import command_label
from loyalty.web.discovery import AREAS
from tests.contracts.tree import product_sources


def test_every_command_has_a_name_people_understand() -> None:
    """`label=_("Rule published")`, and its Vietnamese in the catalogue of the app or the house."""
    wrong = []
    for one in _commands():
        if not isinstance(one.label, Promise):
            wrong.append(f"{one.name}: give @command a label=_(…)")
            continue
        with override("en"):
            english = command_label(one.name)
        with override("vi"):
            vietnamese = command_label(one.name)
        if not english or english == vietnamese:
            wrong.append(f"{one.name}: “{english}” has no Vietnamese")
    assert not wrong, "\n".join(wrong)


def test_no_two_commands_share_a_code_or_a_name() -> None:
    found = _commands()
    names = [one.name for one in found]
    labels = [str(one.label) for one in found]
    assert len(set(names)) == len(names) > 50
    assert sorted({one for one in labels if labels.count(one) > 1}) == []


def _commands() -> list[CommandFunction[..., Any]]:
    """Of every module of the product that writes `@command`, whoever imports it."""
    for source in product_sources():
        if "@command(" in source.text:
            import_module(
                source.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            )
    return [one for one in COMMANDS.values() if one.within.__module__.split(".")[0] in AREAS]
