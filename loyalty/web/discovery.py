"""Discovery by file name: what makes "a new mechanic is one new folder" true.

A Django app is every ``<area>/<app>/`` that holds an ``apps.py``; nothing central names it.
Submodules with an agreed name (``mechanic``, ``api``, ``dashboard`` …) are then imported from
each app when the part of the house that needs them starts. That is all the magic there is.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

AREAS = ("loyalty", "members", "rewards", "tiers", "campaigns", "community")


def discover_apps(base_dir: Path) -> list[str]:
    """Dotted names of every ``<area>/<app>`` with an ``apps.py``, in a stable order."""
    found = [path.parent for area in AREAS for path in (base_dir / area).glob("*/apps.py")]
    return sorted(".".join(folder.relative_to(base_dir).parts) for folder in found)


def modules_named(name: str) -> list[ModuleType]:
    """The submodule ``name`` of every discovered app that has one, in a stable order."""
    apps = discover_apps(Path(__file__).resolve().parent.parent.parent)
    return [import_module(f"{app}.{name}") for app in apps if find_spec(f"{app}.{name}")]
