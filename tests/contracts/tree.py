"""The source tree as contract tests see it: files, their roles, what they import and call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from loyalty.web.discovery import AREAS

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, kw_only=True)
class Source:
    """One Python file of ours."""

    path: Path

    @property
    def name(self) -> str:
        """The path below the root, as people write it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def app(self) -> str:
        """`rewards/points`, or the area alone for a file that stands beside the apps."""
        return "/".join(self.path.relative_to(ROOT).parts[:-1][:2])

    @property
    def role(self) -> str:
        """The file's role in its app; a file inside a role's folder has that role."""
        parts = self.path.relative_to(ROOT).parts[2:]
        return parts[0].removesuffix(".py") if parts else ""

    @cached_property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The file parsed."""
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """Line and dotted name of everything imported; `from a import b` counts as `a.b`."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
        return found

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones too."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]

    @cached_property
    def calls(self) -> list[tuple[int, str]]:
        """Line and called name: `f(...)` is `f`, `a.b.f(...)` is `.f`."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found.append((node.lineno, node.func.id))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                found.append((node.lineno, f".{node.func.attr}"))
        return found


@lru_cache
def product_sources() -> tuple[Source, ...]:
    """Every Python file of the areas, migrations apart."""
    return tuple(_sources(*AREAS))


@lru_cache
def all_sources() -> tuple[Source, ...]:
    """The product, its tests and its scripts."""
    return tuple(_sources(*AREAS, "tests", "scripts", "benchmarks"))


def app_folders(*, areas: tuple[str, ...] = AREAS) -> list[Path]:
    """The folder of every app, found as discovery finds it."""
    return sorted(path.parent for area in areas for path in (ROOT / area).glob("*/apps.py"))


def _sources(*folders: str) -> Iterator[Source]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield Source(path=path)
