"""The style guide in a real browser: accessible, within the policy, and its scripts at work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import pytest
import segno
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserType, Page, ViewportSize, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from loyalty.web.styleguide import FACES

pytestmark = [pytest.mark.django_db(transaction=True)]
SEVERE = {"serious", "critical"}
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1440, height=900)
Theme = Literal["light", "dark"]
COLLECT_COMPLAINTS = """
window.complaints = [];
addEventListener('securitypolicyviolation', e => complaints.push(`${e.violatedDirective}: ${e.blockedURI}`));
addEventListener('error', e => complaints.push(e.message || `did not load: ${e.target.src || e.target.href}`), true);
addEventListener('unhandledrejection', e => complaints.push(String(e.reason)));
"""


@pytest.fixture
def guide(live_server: LiveServer, settings: Settings) -> str:
    settings.DEBUG = True
    return f"{live_server.url}/dev/styleguide/"


def opened(
    browser: Browser, address: str, *, theme: Theme, language: str, size: ViewportSize
) -> Page:
    context = browser.new_context(viewport=size, color_scheme=theme)
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    page = context.new_page()
    page.add_init_script(COLLECT_COMPLAINTS)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("theme", "language", "size"),
    [("light", "vi", PHONE), ("dark", "en", PHONE), ("light", "en", DESK), ("dark", "vi", DESK)],
)
def test_everyone_can_use_every_component(
    face: str, theme: Theme, language: str, size: ViewportSize, guide: str, browser: Browser
) -> None:
    """No severe axe finding, no complaint of the policy, nothing wider than the screen."""
    page = opened(browser, f"{guide}{face}/", theme=theme, language=language, size=size)
    assert page.locator("html").get_attribute("data-bs-theme") == theme
    findings = [v for v in Axe().run(page).response["violations"] if v["impact"] in SEVERE]
    assert not findings, [(v["id"], v["nodes"][0]["target"]) for v in findings]
    assert page.evaluate("complaints") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a.btn, nav a, summary, input, select')]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden')
          && !e.matches('.visually-hidden, .form-check-input, .stretched-link'))
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, r]) => r.height > 1 && (r.height < 24 || r.width < 24)).map(([h]) => h)"""
    )
    assert small == []
    page.context.close()


def test_long_names_of_facts_leave_their_values_room(guide: str, browser: Browser) -> None:
    """On a phone a value is read in words, not one syllable a line."""
    page = opened(browser, guide, theme="light", language="vi", size=PHONE)
    facts = page.locator("dl.than-facts").first
    facts.locator("dt").first.evaluate(
        "e => { e.textContent = 'Hạng có được nhờ đơn đã hoàn sẽ xuống' }"
    )
    whole, value = (
        one.evaluate("e => e.getBoundingClientRect().width")
        for one in (facts, facts.locator("dd").first)
    )
    assert value > whole * 0.4
    page.context.close()


def test_charts_tell_their_numbers_without_looking(guide: str, browser: Browser) -> None:
    page = opened(browser, guide, theme="light", language="vi", size=DESK)
    figure = page.locator("figure[data-chart='chart-visits']")
    expect(figure.locator("canvas")).to_be_visible()
    assert figure.locator("canvas").evaluate("c => !!window.Chart.getChart(c)")
    figure.locator("summary").click()
    expect(figure.get_by_role("cell").first).to_contain_text("₫")


def test_a_photo_of_a_card_is_read_on_our_own_server(
    guide: str, browser: Browser, tmp_path: Path
) -> None:
    """No camera here: the message says so, and a photo does instead; the reader is self-hosted."""
    photo = tmp_path / "card.png"
    segno.make("than:thẻ của Hoa 8412").save(str(photo), scale=6, border=4)
    page = opened(browser, guide, theme="light", language="vi", size=PHONE)
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.locator("[data-scanner-open]").click()
    status = page.locator(".than-scan-status")
    expect(status).to_have_text(re.compile("máy ảnh|Máy ảnh"))
    page.locator(".than-scan input[type=file]").set_input_files(photo)
    expect(page.locator("#scan-here")).to_have_value("than:thẻ của Hoa 8412", timeout=15_000)
    expect(page.locator("dialog.than-scan")).not_to_be_visible()
    assert hosts == {guide.split("/")[2]}


def test_the_camera_reads_a_card(
    guide: str,
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    tmp_path: Path,
) -> None:
    """A film of a code stands in for the lens; picture and text go through the real reader."""
    film = tmp_path / "card.y4m"
    film.write_bytes(_film_of("than:8412 thẻ Hoa"))
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
    fake.append(f"--use-file-for-fake-video-capture={film}")
    arguments = [*browser_type_launch_args["args"], *fake]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    page = opened(browser, guide, theme="light", language="vi", size=PHONE)
    page.locator("[data-scanner-open]").click()
    expect(page.locator("#scan-here")).to_have_value("than:8412 thẻ Hoa", timeout=20_000)
    browser.close()


def test_money_is_typed_with_dots_and_sent_as_an_integer(guide: str, browser: Browser) -> None:
    page = opened(browser, guide, theme="light", language="vi", size=DESK)
    shown = page.locator("#id_amount")
    expect(shown).to_have_value("1.250.000")
    shown.fill("")
    shown.press_sequentially("85000")
    expect(shown).to_have_value("85.000")
    expect(page.locator("input[type=hidden][name=amount]")).to_have_value("85000")


def test_the_number_pad_feeds_the_amount(guide: str, browser: Browser) -> None:
    page = opened(browser, f"{guide}till/", theme="light", language="vi", size=PHONE)
    for _ in range(6):
        page.locator("[data-key=back]").click()
    for key in ("4", "5", "000"):
        page.locator(f"[data-key='{key}']").click()
    expect(page.locator("#amount")).to_have_value("45.000")
    expect(page.locator("input[name=amount_minor]")).to_have_value("45000")


def test_a_risky_step_asks_first(guide: str, browser: Browser) -> None:
    page = opened(browser, guide, theme="light", language="en", size=DESK)
    methods: set[str] = set()
    page.on("request", lambda request: methods.add(request.method))
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish this rule?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).not_to_be_visible()
    assert "POST" not in methods


def test_the_chosen_theme_is_remembered(guide: str, browser: Browser) -> None:
    page = opened(browser, guide, theme="light", language="en", size=DESK)
    page.locator("[data-theme-set=dark]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.locator("[data-theme-set=auto]").click()
    page.reload()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"


def test_messages_become_toasts_and_errors_stay(guide: str, browser: Browser) -> None:
    page = opened(browser, f"{guide}?toast=1", theme="light", language="en", size=PHONE)
    toast = page.locator(".than-toast--error")
    expect(toast).to_contain_text("The receipt was already recorded")
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)


def _film_of(text: str) -> bytes:
    """Twenty frames of a code in YUV4MPEG2, 640 by 480, grey."""
    width, height, grey = 640, 480, 200
    code = [bytes(row) for row in segno.make(text).matrix_iter(scale=8, border=4)]
    left, top = (width - len(code[0])) // 2, (height - len(code)) // 2
    margin = bytes([grey]) * left
    rows = [margin + bytes(0 if dark else 255 for dark in row) for row in code]
    blank = bytes([grey]) * width
    picture = b"".join([blank] * top + [row.ljust(width, bytes([grey])) for row in rows])
    luma = picture.ljust(width * height, bytes([grey]))
    frame = b"FRAME\n" + luma + bytes([128]) * (width * height // 2)
    return b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + frame * 20
