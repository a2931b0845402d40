# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``report.html`` in a real browser: light and dark, narrow and wide, printed, with its script and without it."""

from __future__ import annotations

import itertools
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import write_report
from support.browser import AXE, AXE_NEEDED, NEEDED, Tab, find_browser, open_tab
from support.report_entries import DAY, NOW, account, all_sorts, current, due, handoff, many, token, undeclared

pytestmark = pytest.mark.heavy

BROWSER = find_browser()
WIDTHS = [320, 600, 1200, 2000]
SCHEMES = ["light", "dark"]
OUTDATED_AT = NOW + 26 * 3600
LONG_NAME = "a-name-that-is-longer-than-anybody-would-want-to-read-at-all"

# Text and what is behind it, as [text, [r, g, b] of the text, [r, g, b] behind it, size in pixels].
TEXTS = """
[...document.querySelectorAll("body *")].flatMap((element) => {
  const own = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join(" ").trim();
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (!own || style.display === "none" || !box.width || element.closest("svg.definitions")) return [];
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  let behind = element;
  while (behind && (numbers(getComputedStyle(behind).backgroundColor)[3] === 0)) behind = behind.parentElement;
  const ground = getComputedStyle(behind || document.body).backgroundColor;
  const ink = element.closest("svg") ? style.fill : style.color;
  return [[own, numbers(ink).slice(0, 3), numbers(ground).slice(0, 3), parseFloat(style.fontSize)]];
})
"""


# Fills of graphics, as [class, [r, g, b], [r, g, b] behind it].
FILLS = """
[...document.querySelectorAll("rect.life, rect.used, line.end, line.now, line.failure")].map((shape) => {
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const style = getComputedStyle(shape);
  let behind = shape.closest("svg");
  while (behind && numbers(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const color = shape.tagName === "line" ? style.stroke : style.fill;
  const ground = getComputedStyle(behind || document.body).backgroundColor;
  return [shape.getAttribute("class"), numbers(color).slice(0, 3), numbers(ground).slice(0, 3)];
})
"""
OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true; }); 1"
SHOWN = (
    "[...document.querySelectorAll('#list tbody:not([hidden]) > tr:first-child > th')].map((name) => name.textContent)"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports in which everything stands that a report can show, and nothing of it."""
    sorts = all_sorts()
    long = token(LONG_NAME, account=LONG_NAME, message=LONG_NAME, failed=True)
    contents: dict[str, dict[str, Any]] = {
        "everything": {
            "tokens": [*sorts["tokens"], long],
            "accounts": [*sorts["accounts"], account("lost", tokens=undeclared(14))],
        },
        "some": {"tokens": [token("dns"), token("mail", token=current(10)), handoff(), due("shop", account="cash")]},
        "many": {"tokens": many(1000), "accounts": sorts["accounts"]},
        "nothing": {"tokens": []},
        "failure": {"tokens": [], "failure": "The declaration is wrong. Correct it."},
    }
    found = {}
    for name, content in contents.items():
        directory = tmp_path_factory.mktemp(name)
        arguments = check_arguments(REPORT_OPTIONS, {"directory": str(directory), **content})
        found[name] = Path(write_report(arguments, "/nowhere", NOW, check_mode=False).paths.page)
    return found


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    if BROWSER is None:
        pytest.skip(NEEDED)
    with open_tab(BROWSER, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def contrast(first: list[float], second: list[float]) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(color: list[float]) -> float:
        shares = [value / 255 for value in color]
        linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted([luminance(first), luminance(second)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["everything", "nothing", "failure"])
@pytest.mark.parametrize(("width", "scheme"), list(itertools.product(WIDTHS, SCHEMES)))
def test_nothing_sticks_out_of_the_window(tab: Tab, pages: dict[str, Path], name: str, width: int, scheme: Any) -> None:
    tab.show(pages[name], width=width, scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_where_all_details_are_open(tab: Tab, pages: dict[str, Path], width: int) -> None:
    tab.show(pages["everything"], width=width)
    tab.evaluate(OPEN_ALL)
    assert tab.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read(tab: Tab, pages: dict[str, Path], scheme: Any) -> None:
    tab.show(pages["everything"], scheme=scheme)
    tab.evaluate(OPEN_ALL)
    texts = tab.evaluate(TEXTS)
    assert len(texts) > 100
    assert [text for text, ink, ground, _size in texts if contrast(ink, ground) < 4.5] == []
    assert [text for text, _ink, _ground, size in texts if size < 12] == []


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_bar_stands_out_from_what_is_behind_it(tab: Tab, pages: dict[str, Path], scheme: Any, media: Any) -> None:
    """WCAG 2.2, 1.4.11: three to one. The marks of the scale are an aid only: the dates are there in words."""
    tab.show(pages["everything"], scheme=scheme, media=media)
    fills = tab.evaluate(FILLS)
    assert {name.split()[0] for name, _color, _ground in fills} == {"life", "used", "end", "now", "failure"}
    assert [name for name, color, ground in fills if contrast(color, ground) < 3] == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["everything", "nothing", "failure"])
def test_axe_finds_no_violation(tab: Tab, pages: dict[str, Path], name: str, scheme: Any, width: int) -> None:
    if not AXE.is_file():
        pytest.skip(AXE_NEEDED)
    tab.show(pages[name], scheme=scheme, width=width, scripts=True, now=OUTDATED_AT)
    tab.evaluate(OPEN_ALL)
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = json.loads(tab.evaluate("axe.run().then((result) => JSON.stringify(result))"))
    assert [(item["id"], [node["html"] for node in item["nodes"]]) for item in found["violations"]] == []
    assert len(found["passes"]) > 10


def search(tab: Tab, words: str) -> None:
    """Type words into the field of the filter."""
    tab.evaluate(f"""(() => {{
      const field = document.getElementById("filter-text");
      field.value = {json.dumps(words)};
      field.dispatchEvent(new Event("input"));
    }})()""")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["backup", "shop", "mail", "dns"]),
        ("MAIL", ["mail"]),
        ("bank", ["backup"]),
        ("person needed", ["backup"]),
        ("replica working", ["mail", "dns"]),
        ("nothing-like-it", []),
    ],
)
def test_tokens_are_found_by_any_text_about_them(
    tab: Tab, pages: dict[str, Path], words: str, names: list[str]
) -> None:
    tab.show(pages["some"], scripts=True)
    search(tab, words)
    assert tab.evaluate(SHOWN) == names
    said = tab.evaluate("document.getElementById('filter-count').textContent")
    assert said == ("" if len(names) == 4 else f"{len(names)} of 4 are shown.")


def test_a_count_shows_the_tokens_of_its_level(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["some"], scripts=True)
    tab.evaluate("document.querySelector('.counts .warning a').click()")
    assert tab.evaluate(SHOWN) == ["backup"]
    assert tab.evaluate("location.hash") == "#warning"


def test_a_task_opens_its_token_even_where_the_filter_hides_it(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["some"], scripts=True)
    search(tab, "dns")
    tab.evaluate("document.querySelector('.tasks strong a').click()")
    assert len(tab.evaluate(SHOWN)) == 4
    assert tab.evaluate("document.querySelector('#list .warning details').open") is True


def test_without_scripts_all_tokens_are_there_and_links_open_them(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["some"], target="token-1")
    assert len(tab.evaluate(SHOWN)) == 4
    assert tab.evaluate("getComputedStyle(document.getElementById('filter')).display") == "none"
    assert tab.evaluate("document.querySelector('#list .warning details').open") is True


AGES = [(NOW, False), (OUTDATED_AT - 1, False), (OUTDATED_AT, True), (NOW + 90 * DAY, True)]


@pytest.mark.parametrize(("now", "is_outdated"), AGES)
def test_a_page_that_is_too_old_says_so_in_red(tab: Tab, pages: dict[str, Path], now: int, is_outdated: bool) -> None:
    tab.show(pages["some"], scripts=True, now=now)
    assert tab.evaluate("document.getElementById('outdated').offsetHeight > 0") is is_outdated
    assert tab.evaluate("document.title").startswith("Outdated: ") is is_outdated
    if is_outdated:
        assert "A newer one was due by 25 Mar 2026, 11:30 UTC" in tab.evaluate("document.body.innerText")
        ink = tab.evaluate("getComputedStyle(document.getElementById('outdated')).color")
        red, green, blue = (int(number) for number in re.findall("[0-9]+", ink))
        assert red > 2 * max(green, blue)


def test_a_page_that_is_left_open_becomes_outdated(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["some"], now=OUTDATED_AT - 1, scripts=True)
    assert tab.evaluate("document.getElementById('outdated').hidden") is True
    tab.evaluate(f"Date.now = () => {OUTDATED_AT * 1000}; ticks.forEach((tick) => tick()); 1")
    assert tab.evaluate("document.getElementById('outdated').hidden") is False


def test_without_scripts_it_says_from_when_on_it_is_outdated(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["some"])
    assert "This page is outdated from 25 Mar 2026, 11:30 UTC on." in tab.evaluate("document.body.innerText")
    assert tab.evaluate("document.getElementById('outdated').offsetHeight") == 0


def test_a_thousand_tokens_are_drawn_and_searched_in_no_time(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["many"], scripts=True)
    assert len(tab.evaluate(SHOWN)) == 1000
    search(tab, "service-0999")
    assert tab.evaluate(SHOWN) == ["service-0999"]
    drawn, searched = tab.evaluate("""(() => {
      const field = document.getElementById("filter-text");
      const begin = performance.now();
      field.value = "service-01";
      field.dispatchEvent(new Event("input"));
      document.body.getBoundingClientRect();
      return [performance.getEntriesByType("navigation")[0].loadEventEnd, performance.now() - begin];
    })()""")
    # Ten times what they take on two cores that have other work.
    assert drawn < 10000
    assert searched < 1500


def test_the_preference_of_the_reader_decides_between_light_and_dark(tab: Tab, pages: dict[str, Path]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        tab.show(pages["everything"], scheme=scheme)
        grounds.append(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
    light, dark = ([int(number) for number in re.findall("[0-9]+", ground)] for ground in grounds)
    assert min(light) > 200
    assert max(dark) < 60


@pytest.mark.parametrize("scripts", [False, True])
def test_nothing_is_loaded_and_its_policy_is_not_violated(tab: Tab, pages: dict[str, Path], scripts: bool) -> None:
    tab.log.clear()
    tab.requests.clear()
    tab.show(pages["everything"], scripts=scripts)
    assert tab.requests == [pages["everything"].as_uri()]
    assert tab.log == []


def test_a_script_that_got_into_the_page_would_not_run(tab: Tab, pages: dict[str, Path], tmp_path: Path) -> None:
    page = tmp_path / "tampered.html"
    source = pages["everything"].read_text(encoding="utf-8")
    page.write_text(source.replace("<main>", "<main><script>document.title = 'owned'</script>"), encoding="utf-8")
    tab.log.clear()
    tab.show(page, scripts=True)
    assert tab.evaluate("document.title") != "owned"
    assert any("Content Security Policy" in entry for entry in tab.log)


def test_details_open_without_scripts_and_by_keyboard(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["everything"])
    tab.evaluate("document.querySelector('.tasks summary').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r", windowsVirtualKeyCode=13)
    assert tab.evaluate("document.querySelector('.tasks details').open") is True


def test_bars_and_marks_are_where_the_dates_are(tab: Tab, pages: dict[str, Path]) -> None:
    """Now is a quarter of the way on every time line, and no bar ends before it unless its token has expired."""
    tab.show(pages["everything"])
    ends, now = tab.evaluate(
        """(() => {
          const bars = [...document.querySelectorAll("svg.bar")];
          const middle = (line) => { const box = line.getBoundingClientRect(); return (box.left + box.right) / 2; };
          const share = (svg, line) => {
            const box = svg.getBoundingClientRect();
            return (middle(line) - box.left) / box.width;
          };
          const found = (selector) => bars.flatMap((svg) => [...svg.querySelectorAll(selector)]
            .map((line) => share(svg, line)));
          return [found("line.end"), found("line.now")];
        })()"""
    )
    assert {round(position, 2) for position in now} == {0.25}
    assert ends
    assert all(position > 0.25 for position in ends)


def test_printed_it_is_light_opens_what_to_do_and_fits_the_paper(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["everything"], scheme="dark", media="print", width=700)
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert tab.evaluate("document.querySelector('.tasks details ol').getBoundingClientRect().height") > 20
    assert tab.evaluate("document.documentElement.scrollWidth") <= 700
    printed = tab.pdf()
    assert printed.startswith(b"%PDF-")
    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 12


def filled(printed: bytes) -> list[float]:
    """Return how far down each page of a printed report is written on, from 0 to 1, by its lines of text."""
    # US Letter less two margins of 14 mm, in pixels, of which Chromium counts on from page to page.
    height = (11 - 2 * 14 / 25.4) * 96
    lowest = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", printed, re.DOTALL):
        try:
            content = zlib.decompress(stream)
        except zlib.error:
            continue
        if positions := re.findall(rb"1 0 0 -1 [-0-9.]+ ([-0-9.]+) Tm", content):
            lowest.append(max(map(float, positions)))
    return [bottom / height - number for number, bottom in enumerate(lowest)]


@pytest.mark.parametrize("name", ["everything", "many"])
def test_no_page_but_the_last_is_printed_with_a_blank_third(tab: Tab, pages: dict[str, Path], name: str) -> None:
    tab.show(pages[name], media="print", width=700)
    shares = filled(tab.pdf())
    assert len(shares) > 3
    assert [share for share in shares[:-1] if share < 2 / 3] == []


def test_printed_it_opens_what_is_wrong_and_leaves_what_is_in_order_a_line(tab: Tab, pages: dict[str, Path]) -> None:
    tab.show(pages["everything"], media="print", width=700)
    heights = tab.evaluate("""Object.fromEntries(["critical", "warning", "notice", "ok"].map((level) => [level,
      [...document.querySelectorAll(`#list .${level} .more`)].map((more) => more.getBoundingClientRect().height)]))""")
    assert min(*heights["critical"], *heights["warning"]) > 20
    assert max(*heights["notice"], *heights["ok"]) == 0


@pytest.mark.parametrize(("width", "scheme"), list(itertools.product([390, 1200], SCHEMES)))
def test_it_can_be_photographed(tab: Tab, pages: dict[str, Path], tmp_path: Path, width: int, scheme: Any) -> None:
    """The pictures are for people: pytest --basetemp says where they go."""
    tab.show(pages["everything"], width=width, scheme=scheme)
    picture = tmp_path / f"{width}-{scheme}.png"
    picture.write_bytes(tab.screenshot())
    assert int.from_bytes(picture.read_bytes()[16:20], "big") == width
