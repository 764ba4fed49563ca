"""The parts every page stands on: style guide, brand style sheet, errors, forms, vendored files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings as django_settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.template import Context, Template
from django.test import Client
from pytest_django import Settings

from loyalty.web.styleguide import FACES

ROOT = Path(__file__).resolve().parents[3]
VENDOR = ROOT / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))
ICON = re.compile(r"""\{% icon ["']([a-z0-9-]+)["']|icon(?:_name)?=["']([a-z0-9-]+)["']""")


@pytest.fixture
def static_root(settings: Settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
        },
    }
    return tmp_path


def test_the_style_guide_stays_in_the_workshop(client: Client, db: None) -> None:
    assert client.get("/dev/styleguide/").status_code == 404


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_component_renders(
    face: str, language: str, client: Client, settings: Settings, db: None
) -> None:
    settings.DEBUG = True
    client.cookies["django_language"] = language
    response = client.get(f"/dev/styleguide/{face}/")
    assert response.status_code == 200
    assert f'lang="{language}"' in response.text
    assert not re.search(r"\{%|\{\{|</?(style)\b|\sstyle=", response.text)


def test_a_brand_style_sheet_is_cached_for_ever(client: Client) -> None:
    response = client.get("/brand/c4552d.css")
    assert response["Content-Type"].startswith("text/css")
    assert "immutable" in response["Cache-Control"]
    assert "--brand:#" in response.text
    assert "[data-bs-theme=dark]" in response.text


def test_theme_comes_from_the_cookie_and_only_known_ones(client: Client) -> None:
    for cookie, theme in (("dark", "dark"), ("light", "light"), ('"><script>', "light")):
        client.cookies["theme"] = cookie
        assert f'data-bs-theme="{theme}"' in client.get("/offline/").text


def test_error_pages_are_ours(client: Client, db: None) -> None:
    missing = client.get("/no/such/page/")
    assert missing.status_code == 404
    assert "than-error" in missing.text
    assert re.search(r"<code>[0-9a-f-]{36}</code>", missing.text), "the number to name to support"
    strict = Client(enforce_csrf_checks=True)
    stale = strict.post("/i18n/setlang/", {"language": "en"})
    assert stale.status_code == 403
    assert "than-error" in stale.text


def test_form_errors_are_tied_to_their_field() -> None:
    class Form(forms.Form):
        name = forms.CharField(help_text="As on the card.")
        kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
        agreed = forms.BooleanField(required=False)

    page = Template("{% load than %}{{ form }}").render(Context({"form": Form({})}))
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'id="id_name_error"' in page
    assert 'role="alert"' in page
    assert page.count("form-check-input") == 2


def test_vendored_files_are_exactly_the_listed_ones() -> None:
    listed = {"vendored.json"}
    for package in MANIFEST["packages"]:
        assert package["version"]
        assert package["licence"]
        listed |= set(package["files"].values())
        listed |= {package["sprite"]["file"]} if "sprite" in package else set()
    found = {p.relative_to(VENDOR).as_posix() for p in VENDOR.rglob("*") if p.is_file()}
    assert found == listed


def test_vendored_scripts_ask_no_other_host() -> None:
    for path in VENDOR.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text, path
        assert not re.search(r"(jsdelivr|unpkg|cdnjs|googleapis)", text), path


def test_every_icon_named_in_a_page_is_in_the_sprite() -> None:
    sprite = (VENDOR / "icons" / "sprite.svg").read_text(encoding="utf-8")
    known = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("*/*/dashboard.py")]
        for pair in ICON.findall(path.read_text(encoding="utf-8"))
        if (name := pair[0] or pair[1]) not in known
    }
    assert not missing, sorted(missing)


def test_hashed_names_hold_together(static_root: Path) -> None:
    """Fonts in style sheets and every file a page names survive the hashing."""
    call_command("collectstatic", interactive=False, verbosity=0)
    storage = ManifestStaticFilesStorage(location=static_root)
    tokens = (static_root / storage.stored_name("css/tokens.css")).read_text(encoding="utf-8")
    fonts = re.findall(r'url\("([^"]+)"\)', tokens)
    assert len(fonts) == 6
    for font in fonts:
        assert (static_root / "css" / font).resolve().exists(), font
