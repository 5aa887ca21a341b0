"""The report in a real browser: inert, offline, legible everywhere, complete without scripts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.report.html import html

from ..report.sample import hostile_results, results

pytestmark = pytest.mark.browser

EXECUTABLE = (
    os.environ.get("HARNESS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)

CONTRASTS = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3]));
  const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (e) => { const colours = [];
    for (let at = e; at; at = at.parentElement) colours.push(parse(getComputedStyle(at).backgroundColor));
    return colours.reverse().reduce((below, top) => over(top, below), [255, 255, 255]); };
  const poor = [];
  for (const e of document.querySelectorAll("body *:not(script):not(svg *):not(.hidden):not(.skip)")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())) continue;
    const below = behind(e), style = getComputedStyle(e);
    const [a, b] = [light(over(parse(style.color), below)), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)];
}"""

UNNAMED = """() => [
  ...[...document.querySelectorAll("table")].filter((t) => !t.caption || !t.querySelector("thead th[scope]")),
  ...[...document.querySelectorAll("th")].filter((t) => !t.scope),
  ...[...document.querySelectorAll("section")].filter((s) => !document.getElementById(s.getAttribute("aria-labelledby"))),
  ...[...document.querySelectorAll("svg")].filter((s) => s.getAttribute("role") !== "img" || !s.getAttribute("aria-label")),
  ...[...document.querySelectorAll("input, button")].filter((c) => !c.getAttribute("aria-label") && !c.textContent),
].map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium without a network."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if EXECUTABLE is None:
        pytest.skip("no chromium: install it or name it in HARNESS_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=EXECUTABLE,
            args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the usual report and the hostile one."""
    target = tmp_path_factory.mktemp("reports")
    (target / "usual.html").write_bytes(html.function(results())["report.html"])
    (target / "hostile.html").write_bytes(html.function(hostile_results())["report.html"])
    return target


@pytest.fixture
def open_page(browser: Any, folder: Path) -> Iterator[Callable[..., Any]]:
    """Opens a report in a context of its own; complaints and requests are kept on the page."""
    contexts = []

    def opened(name: str = "usual", **options: Any) -> Any:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.asked = [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_nothing_runs_nothing_is_blocked_and_nothing_is_asked_for(
    open_page: Callable[..., Any], name: str
) -> None:
    """Hostile texts neither run nor even reach the content policy; the page asks for itself alone."""
    page = open_page(name)
    assert page.evaluate("document.documentElement.dataset.pwned") is None
    assert page.complaints == []
    assert [url for url in page.asked if not url.startswith("data:")] == [page.url]


def test_our_own_script_and_style_pass_the_policy(open_page: Callable[..., Any]) -> None:
    """The filter is there, and the page has its own typography."""
    page = open_page()
    assert page.locator("input[type=search]").count() >= 3
    assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px"


def test_a_foreign_script_is_stopped_by_the_policy(open_page: Callable[..., Any]) -> None:
    """Were a text ever to become markup, the browser would refuse to run it."""
    page = open_page()
    page.evaluate(
        "() => { const s = document.createElement('div'); s.innerHTML = "
        '"<img src=x onerror=\\"document.documentElement.dataset.pwned=1\\">"; document.body.append(s); }'
    )
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.dataset.pwned") is None
    assert any("Content Security Policy" in complaint for complaint in page.complaints)


@pytest.mark.parametrize("name", ["usual", "hostile"])
def test_a_narrow_screen_needs_no_sideways_scrolling(open_page: Callable[..., Any], name: str) -> None:
    """At 320 pixels the page is 320 pixels wide; tables scroll within."""
    page = open_page(name, viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast(open_page: Callable[..., Any], scheme: str) -> None:
    """Every text stands out from its background by 4.5 to 1 or more."""
    page = open_page(color_scheme=scheme)
    page.get_by_role("button", name="Unfold").click()
    assert page.evaluate(CONTRASTS) == []


def test_dark_mode_is_dark(open_page: Callable[..., Any]) -> None:
    """The page follows the reader's preference."""
    background = "getComputedStyle(document.body).backgroundColor"
    assert open_page(color_scheme="dark").evaluate(background) == "rgb(21, 24, 27)"
    assert open_page(color_scheme="light").evaluate(background) == "rgb(253, 253, 252)"


def test_without_scripts_everything_is_there(open_page: Callable[..., Any]) -> None:
    """Verdict, curves, heat maps, diffs and foldable parts need no script, and no dead control is shown."""
    page = open_page(java_script_enabled=False)
    for selector in ("#verdict", "figure svg", "table.heat", "ins", "del", "mark", "details"):
        assert page.locator(selector).count() > 0
    assert page.locator("button, input").count() == 0
    page.get_by_text("The same as a table").click()
    assert page.get_by_role("table", name="Severity curves as a table").is_visible()


def test_the_page_is_built_for_assistive_technology(open_page: Callable[..., Any]) -> None:
    """One heading of the first level, a language, landmarks, and a name for all that has content."""
    page = open_page()
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert [page.locator(tag).count() for tag in ("main", "body > header", "nav", "footer")] == [1, 1, 1, 1]
    assert page.evaluate(UNNAMED) == []


def test_the_keyboard_reaches_the_verdict_first(open_page: Callable[..., Any]) -> None:
    """The first stop is a visible link that skips to the verdict."""
    page = open_page()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdict"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


def test_rows_can_be_sifted_and_sorted(open_page: Callable[..., Any]) -> None:
    """A word hides the other rows; a heading sorts by number, down at the second press."""
    page = open_page()
    page.get_by_text("The same as a table").click()
    table = page.get_by_role("table", name="Severity curves as a table")
    rows = table.locator("tbody tr:not([hidden])")
    page.get_by_label("Filter: Severity curves as a table").fill("ocr")
    assert rows.count() == 6
    heading = table.get_by_role("button", name="Sort by Value")
    heading.click()
    heading.click()
    values = [float(text.split()[0]) for text in rows.locator("td:nth-child(4)").all_inner_texts()]
    assert values == sorted(values, reverse=True)


def test_print_unfolds_everything(open_page: Callable[..., Any]) -> None:
    """What is folded on the screen is on paper, even without scripts."""
    page = open_page(java_script_enabled=False)
    page.emulate_media(media="print")
    folded = page.get_by_role("table", name="Units of work by kind")
    assert folded.bounding_box()["height"] > 20
    assert page.pdf().startswith(b"%PDF")
