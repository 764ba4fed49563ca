"""The shape of the house: sizes, names, and which file may do what (DESIGN 4 and 9), over every file there is."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from loyalty.web.discovery import AREAS
from members.profiles.portal import readable
from tests.contracts.tree import ROOT, Source, all_sources, app_folders, product_sources

FILE_LINES = 400
FUNCTION_LINES = 70

FEATURE_AREAS = ("members", "rewards", "tiers", "campaigns", "community")
FEATURE_APPS_IN_LOYALTY = ("loyalty/sales", "loyalty/payments")
CORE = {"models", "rules", "selectors", "services", "effects", "mechanic"}
FACES = {"api", "dashboard", "portal", "till", "admin", "forms", "serializers"}
# `results`: the frozen answers of commands and selectors; `quotes`: reads that run the engine in memory.
# `drafts`: what of it a ready-made programme holds besides rules.
# `demo`: what the app adds to the demo's coffee shop. `personal_data`: what of a person it keeps.
# `moderated`: what of it can be reported and decided.
# `joining`: which codes people may bring along when they join, and what becomes of them.
ROLES = (
    CORE
    | FACES
    | {"subscribers", "tasks", "apps", "imports", "results", "quotes", "demo", "__init__"}
    | {"personal_data", "drafts", "moderated", "joining"}
)
FOLDERS = {"migrations", "management", "adapters", "gateways", "presets", "locale", "__pycache__"}

HTTP = ("rest_framework", "django.http", "django.views", "django.shortcuts", "django.forms")
MAY_NOT_IMPORT: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(CORE, HTTP),
    "rules": (*HTTP, "django.db", "loyalty.common.clock.now"),
    "mechanic": (*HTTP, "django.db", "loyalty.common.clock.now"),
}
MAY_NOT_USE_SIBLING: dict[str, set[str]] = {
    "models": CORE - {"models", "rules"} | FACES,
    "rules": CORE - {"rules"} | FACES,
    "selectors": {"services", "effects", "mechanic"} | FACES,
    "services": FACES,
    "effects": FACES,
    "mechanic": {"models", "services"} | FACES,
}
WRITES = {
    ".save",
    ".create",
    ".bulk_create",
    ".bulk_update",
    ".get_or_create",
    ".update_or_create",
    ".delete",
}
READ_ONLY = {"selectors", "mechanic", "rules", "api", "dashboard", "portal", "till"}
MAY_LOCK = ("loyalty/tenancy", "loyalty/commands", "loyalty/ledger", "loyalty/outbox")
MAY_WRITE_SQL = (
    "loyalty/tenancy",
    "loyalty/ledger",
    "loyalty/outbox",
    "loyalty/insight",
    "loyalty/web",
)
WHOLE_NUMBERS = ("loyalty/ledger", "loyalty/engine")


def test_files_and_functions_stay_readable() -> None:
    """A file of 400 lines or a function of 70 is two things; give each its own name."""
    long_files = [
        f"{source.name}: {lines} lines"
        for source in all_sources()
        if (lines := source.text.count("\n")) > FILE_LINES
    ]
    long_functions = [
        f"{source.name}:{function.lineno} {function.name}: {lines} lines"
        for source in all_sources()
        for function in source.functions
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]
    _none(long_files + long_functions)


def test_every_file_of_a_feature_app_has_a_role() -> None:
    """The same file names in every app, so that nobody has to search."""
    strangers = []
    for folder in _feature_apps():
        for path in folder.iterdir():
            name = path.name.removesuffix(".py")
            known = ROLES | FOLDERS if path.is_dir() else ROLES
            if (path.is_dir() or path.suffix == ".py") and name not in known:
                strangers.append(f"{path.relative_to(ROOT)}: not one of the roles of DESIGN 4")
    _none(strangers)


def test_no_drawer_for_odds_and_ends() -> None:
    names = {"utils", "util", "helpers", "helper", "misc", "functions", "common_utils", "signals"}
    _none(
        source.name
        for source in product_sources()
        if names & {source.path.stem, *source.path.parts}
    )


def test_every_file_says_what_lives_in_it() -> None:
    _none(
        f"{source.name}: no module docstring"
        for source in product_sources()
        if source.path.stem not in {"__init__", "apps"}
        and source.tree.body
        and not ast.get_docstring(source.tree)
    )


@pytest.mark.parametrize("role", sorted(MAY_NOT_IMPORT))
def test_the_core_knows_no_http_and_rules_no_database(role: str) -> None:
    _none(
        f"{source.name}:{line} imports {name}"
        for source in product_sources()
        if source.role == role
        for line, name in source.imports
        if _within(name, MAY_NOT_IMPORT[role])
    )


@pytest.mark.parametrize("role", sorted(MAY_NOT_USE_SIBLING))
def test_roles_of_one_app_depend_downwards(role: str) -> None:
    """In feature apps faces use services, services use selectors and rules, rules use nothing."""
    wrong = []
    feature_apps = {folder.relative_to(ROOT).as_posix() for folder in _feature_apps()}
    for source in product_sources():
        if source.role != role or source.app not in feature_apps:
            continue
        app = source.app.replace("/", ".")
        forbidden = tuple(f"{app}.{other}" for other in MAY_NOT_USE_SIBLING[role])
        wrong += [
            f"{source.name}:{line} imports {name}"
            for line, name in source.imports
            if _within(name, forbidden)
        ]
    _none(wrong)


def test_faces_are_imported_by_nobody_but_their_own_app() -> None:
    """api, dashboard, portal … are found by name; what two faces share belongs below them."""
    face = re.compile(rf"^({'|'.join(AREAS)})\.(\w+)\.({'|'.join(FACES)})(\.|$)")
    wrong = []
    for source in product_sources():
        for line, name in source.imports:
            match = face.match(name)
            if match and f"{match[1]}/{match[2]}" != source.app and match[2] != "web":
                wrong.append(f"{source.name}:{line} imports {name}")
    _none(wrong)


def test_reading_files_do_not_write() -> None:
    """Selectors read; api, dashboard and portal call commands. Nothing there touches rows."""
    _none(
        f"{source.name}:{line} calls {name}()"
        for source in product_sources()
        if source.role in READ_ONLY and source.app != "loyalty/web"
        for line, name in source.calls
        if name in WRITES
    )


def test_models_hold_no_logic_in_save() -> None:
    _none(
        f"{source.name}:{function.lineno} defines {function.name}()"
        for source in product_sources()
        if source.role == "models" and source.app != "loyalty/tenancy"
        for function in source.functions
        if function.name in {"save", "delete"}
    )


def test_no_way_around_the_layers() -> None:
    """No get_model, no import inside a function: the linter must see every dependency."""
    wrong = []
    for source in product_sources():
        wrong += [
            f"{source.name}:{line} calls {name}()"
            for line, name in source.calls
            if name in {"get_model", ".get_model"}
        ]
        wrong += [
            f"{source.name}:{node.lineno} imports inside {function.name}()"
            for function in source.functions
            for node in ast.walk(function)
            if isinstance(node, ast.Import | ast.ImportFrom)
        ]
    _none(wrong)


def test_no_signals_for_domain_logic() -> None:
    signals = ("django.db.models.signals", "django.dispatch", "django.core.signals")
    _none(
        f"{source.name}:{line} imports {name}"
        for source in product_sources()
        for line, name in source.imports
        if _within(name, signals)
    )


def test_points_and_money_are_whole_numbers() -> None:
    """No float() and no float literal where amounts are computed."""
    wrong = []
    for source in product_sources():
        if source.app not in WHOLE_NUMBERS and source.role not in {"rules", "effects"}:
            continue
        wrong += [
            f"{source.name}:{line} calls float()" for line, name in source.calls if name == "float"
        ]
        wrong += [
            f"{source.name}:{node.lineno} has the float {node.value}"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, float)
        ]
    _none(wrong)


def test_locks_and_sql_stand_in_few_places() -> None:
    """One place to lock and one to write SQL, so that races and injections have few places to be."""
    wrong = []
    for source in product_sources():
        locks = not source.app.startswith(MAY_LOCK)
        sql = not source.app.startswith(MAY_WRITE_SQL) and "management" not in source.path.parts
        for line, name in source.calls:
            if (locks and name == ".select_for_update") or (
                sql and name in {".raw", ".cursor", "RawSQL"}
            ):
                wrong.append(f"{source.name}:{line} calls {name}()")
    _none(wrong)


def test_the_clock_is_read_in_one_place() -> None:
    clocks = ("django.utils.timezone.now", "django.utils.timezone.localdate")
    _none(
        f"{source.name}:{line} imports {name}"
        for source in product_sources()
        if source.name != "loyalty/common/clock.py"
        for line, name in source.imports
        if name in clocks
    )
    _none(
        f"{source.name}:{line} reads the clock; the instant is given to rules and mechanics"
        for source in product_sources()
        if source.role in {"rules", "mechanic"}
        for line, name in source.calls
        if name in {".now", "now"}
    )


def test_every_document_is_found_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    _none(
        f"docs/{path.name} is not in docs/index.md"
        for path in (ROOT / "docs").glob("*.md")
        if path.name != "index.md" and f"({path.name})" not in index
    )


def test_app_labels_name_area_and_app() -> None:
    by_path = {Path(config.path): config.label for config in apps.get_app_configs()}
    _none(
        f"{folder.relative_to(ROOT)}: label {by_path.get(folder)!r}"
        for folder in app_folders()
        if by_path.get(folder) != "_".join(folder.relative_to(ROOT).parts)
    )


def test_a_new_area_is_known_to_every_checker() -> None:
    """An area no tool looks at would be an area without rules."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    areas = {
        path.parent.parent.name for path in ROOT.glob("*/*/apps.py") if path.parts[-3] != "tests"
    }
    lists = {
        "discovery": AREAS,
        "importlinter": config["importlinter"]["root_packages"],
        "mypy": config["mypy"]["files"],
        "isort": config["ruff"]["lint"]["isort"]["known-first-party"],
    }
    _none(
        f"{area} is missing in {name}"
        for area in areas
        for name, known in lists.items()
        if area not in known
    )


def test_what_is_kept_of_a_person_has_a_name_they_read() -> None:
    """A key of ``personal_data.export`` without a word would stand in English on everyone's page."""
    _none(
        f"{source.name}: {key.value!r}"
        for source in product_sources()
        if source.role == "personal_data"
        for function in source.functions
        if function.name == "export"
        for told in ast.walk(function)
        if isinstance(told, ast.Dict)
        for key in told.keys
        if isinstance(key, ast.Constant)
        and key.value not in import_module(source.name[:-3].replace("/", ".")).NAMES
        and key.value not in readable.NAMES
    )


def _feature_apps() -> list[Path]:
    in_loyalty = [
        ROOT / name for name in FEATURE_APPS_IN_LOYALTY if (ROOT / name / "apps.py").exists()
    ]
    return app_folders(areas=FEATURE_AREAS) + in_loyalty


def _within(name: str, prefixes: Iterable[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def _none(findings: Iterable[str]) -> None:
    found = list(findings)
    assert not found, "\n" + "\n".join(found)


def test_the_checks_see_something() -> None:
    """A contract over an empty tree would pass for ever."""
    assert len(product_sources()) > 20
    assert all(isinstance(source, Source) for source in product_sources())
