"""Translations without system gettext: `update` the catalogues from the code, `compile` them, `check` them.

Source language is English; every message must have a Vietnamese translation with the same placeholders. Catalogues are
kept sorted and without source positions, so that two people adding messages rarely touch the same lines.

An app that holds a folder `locale/` has a catalogue of its own there, for what only its Python and `templates/<app>/`
say; everything else stands in the catalogue of the house, `locale/` at the root. So a new app is one new folder.
"""

from __future__ import annotations

import argparse
import ast
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("vi",)
HEADER = """msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
NOT_OURS = {
    ".venv",
    "tests",
    "static",
    "staticfiles",
    "var",
    "node_modules",
    "scripts",
    "benchmarks",
    "docs",
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*(?:![rsa])?(?::[^}]*)?\}|</?\w+")
_STRING = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
ENTRY_KEY = re.compile(r"^((?:msgctxt.*?)?msgid.*?)\nmsgstr", re.DOTALL | re.MULTILINE)
EMPTY_ENTRY = re.compile(r'^msgstr(?:\[0\])? ""\s*\Z', re.MULTILINE)
TEMPLATE_CALL = re.compile(
    rf"(?<![\w.])(_|gettext|pgettext|ngettext|npgettext)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)",
    re.DOTALL,
)


def main() -> int:
    """Run one of the three verbs; the exit status is 1 when something must be put right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("update", "compile", "check"))
    verb = parser.parse_args().verb
    return {"update": update, "compile": compile_stale, "check": check}[verb]()


def update() -> int:
    """Bring every catalogue in step with the code: new messages empty, vanished ones dropped, the rest kept."""
    templates = extract_all()
    for locale in LOCALES:
        texts = [_read(home, locale) for home in templates]
        for home, template in templates.items():
            new = Catalog(locale=locale, charset="utf-8")
            known = [_read(home, locale), *texts]
            for message in _messages(template):
                text = _known_text(message, known)
                new.add(message.id, text, flags=message.flags, context=message.context)
            _write(home, locale, new)
            empty = sum(1 for message in _messages(new) if _is_empty(message))
            where = _path(home, locale).relative_to(ROOT)
            print(f"messages: {where}: {len(new)} messages, {empty} without translation")
    return 0


def compile_stale() -> int:
    """Write each .mo that is missing or older than its .po; safe when several processes do it at once."""
    for home in (ROOT, *_homes().values()):
        for locale in LOCALES:
            source = _path(home, locale)
            target = source.with_suffix(".mo")
            if not source.exists() or _is_fresh(target, source):
                continue
            buffer = io.BytesIO()
            write_mo(buffer, _read(home, locale))
            partial = target.with_suffix(f".{os.getpid()}")
            partial.write_bytes(buffer.getvalue())
            partial.replace(target)
    return 0


def check() -> int:
    """Fail on a message without translation, marked fuzzy, with other placeholders, or translated in two ways."""
    templates = extract_all()
    findings: list[str] = []
    for locale in LOCALES:
        for home, template in templates.items():
            catalogue, where = _read(home, locale), _path(home, locale).relative_to(ROOT)
            findings += [f"{where}: written twice: {text!r}" for text in _twice(home, locale)]
            for message in _messages(template):
                known = catalogue.get(message.id, context=message.context)
                findings += [f"{where}: {problem}" for problem in _problems(message, known)]
        findings += _two_ways({home: _read(home, locale) for home in templates})
    for finding in findings[:60]:
        print(finding)
    if findings:
        print(f"translations: {len(findings)} to put right (make messages, then edit …/django.po)")
        return 1
    total = sum(len(template) for template in templates.values())
    print(f"translations: {total} messages complete in {', '.join(LOCALES)}")
    return 0


def extract_all() -> dict[Path, Catalog]:
    """Every message of our Python code and templates, by the folder that holds its catalogue."""
    homes = _homes()
    catalogues = {home: Catalog(charset="utf-8") for home in (ROOT, *homes.values())}
    for path in _files(".py"):
        with path.open("rb") as file:
            for _line, message, _comments, context in extract("python", file, keywords=KEYWORDS):
                catalogues[_home_of(path, homes)].add(message, context=context)
    for pattern in (".html", ".txt"):
        for path in _files(pattern):
            if "templates" in path.relative_to(ROOT).parts:
                for message, context in template_messages(path.read_text(encoding="utf-8")):
                    catalogues[_home_of(path, homes)].add(message, context=context)
    for home in homes.values():
        for one in _messages(catalogues[home]):
            if catalogues[ROOT].get(one.id, context=one.context) is not None:
                catalogues[home].delete(one.id, context=one.context)
    return catalogues


def _homes() -> dict[str, Path]:
    """The apps with a catalogue of their own, by the first folders of what belongs to them."""
    apps = sorted(
        file.parent for file in ROOT.glob("*/*/apps.py") if (file.parent / "locale").is_dir()
    )
    own = {app.relative_to(ROOT).as_posix(): app for app in apps}
    return own | {f"templates/{app.name}": app for app in apps}


def _home_of(path: Path, homes: dict[str, Path]) -> Path:
    return homes.get("/".join(path.relative_to(ROOT).parts[:2]), ROOT)


def _known_text(message: Message, catalogues: list[Catalog]) -> Any:
    """What a message is translated to: in its own catalogue, else in any other (it moved)."""
    for catalogue in catalogues:
        known = catalogue.get(message.id, context=message.context)
        if known is not None and not known.fuzzy and not _is_empty(known):
            return known.string
    return None


def template_messages(source: str) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """The messages of one Django template, read from what Django's own extractor makes of it."""
    if not settings.configured:
        settings.configure()
    for function, arguments in TEMPLATE_CALL.findall(templatize(source)):
        texts = list(ast.literal_eval(f"[{arguments}]"))
        context = texts.pop(0) if "pgettext" in function else None
        yield ((texts[0], texts[1]) if function.startswith("n") else texts[0]), context


def _files(suffix: str) -> Iterator[Path]:
    for folder, names, files in os.walk(ROOT):
        names[:] = sorted(
            name
            for name in names
            if not name.startswith(".")
            and not (Path(folder) == ROOT and name in NOT_OURS)
            and name not in {"migrations", "node_modules"}
        )
        yield from (Path(folder) / name for name in sorted(files) if name.endswith(suffix))


def _problems(message: Message, known: Message | None) -> Iterator[str]:
    source = message.id[-1] if isinstance(message.id, tuple | list) else message.id
    if known is None or _is_empty(known):
        yield f"no translation: {source!r}"
        return
    if known.fuzzy:
        yield f"fuzzy: {source!r}"
    for text in [known.string] if isinstance(known.string, str) else known.string or ():
        wanted, found = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(text))
        if wanted != found:
            yield f"placeholders differ ({' '.join(sorted(wanted ^ found))}): {source!r} -> {text!r}"


def _two_ways(catalogues: dict[Path, Catalog]) -> Iterator[str]:
    """Messages that two catalogues translate differently: of one process only one of them is ever read.

    Two senses of a word are two messages: ``pgettext``, or ``context`` in a template, tells them apart.
    """
    seen: dict[tuple[Any, Any], tuple[Path, Any]] = {}
    for home, catalogue in catalogues.items():
        for message in _messages(catalogue):
            where, text = seen.setdefault((message.context, _id(message)), (home, message.string))
            if text != message.string:
                first, second = where.relative_to(ROOT), home.relative_to(ROOT)
                yield f"{_id(message)!r}: {text!r} in {first}, {message.string!r} in {second}"


def _id(message: Message) -> Any:
    return tuple(message.id) if isinstance(message.id, list) else message.id


def _twice(home: Path, locale: str) -> list[str]:
    """Entries that stand twice, as a merge of two branches leaves them."""
    counts = Counter(key for key, _entry in _entries(home, locale))
    return [key for key, count in counts.items() if count > 1]


def _entries(home: Path, locale: str) -> list[tuple[str, str]]:
    """Each entry of a catalogue as text, with the part that identifies it."""
    path = _path(home, locale)
    entries = re.split(r"\n\s*\n", path.read_text(encoding="utf-8")) if path.exists() else []
    return [(match[1], entry) for entry in entries if (match := ENTRY_KEY.search(entry))]


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _is_empty(message: Message) -> bool:
    return not (message.string if isinstance(message.string, str) else any(message.string or ()))


def _is_fresh(target: Path, source: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


def _path(home: Path, locale: str) -> Path:
    return home / "locale" / locale / "LC_MESSAGES" / "django.po"


def _read(home: Path, locale: str) -> Catalog:
    if not _path(home, locale).exists():
        return Catalog(locale=locale, charset="utf-8")
    kept: dict[str, str] = {}
    for key, entry in _entries(home, locale):
        if key not in kept or EMPTY_ENTRY.search(kept[key]):
            kept[key] = entry
    text = "\n\n".join(kept.values()) + "\n"
    return read_po(io.BytesIO(text.encode()), locale=locale, charset="utf-8", abort_invalid=True)


def _write(home: Path, locale: str, catalogue: Catalog) -> None:
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, no_location=True, omit_header=True, sort_output=True)
    header = HEADER.format(locale=locale, plural_forms=catalogue.plural_forms)
    path = _path(home, locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + buffer.getvalue().decode().strip("\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
