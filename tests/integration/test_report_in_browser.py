# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``report.html`` in a real browser: light and dark, narrow and wide, printed, and without scripts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import write_report
from support.browser import NEEDED, Tab, find_browser, open_tab
from support.report_entries import NOW, all_sorts, token

pytestmark = pytest.mark.heavy

BROWSER = find_browser()
WIDTHS = [320, 600, 1200, 2000]
SCHEMES = ["light", "dark"]
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


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports in which everything stands that a report can show, and nothing of it."""
    sorts = all_sorts()
    long = token(LONG_NAME, account=LONG_NAME, message=LONG_NAME, failed=True)
    contents: dict[str, dict[str, Any]] = {
        "everything": {**sorts, "tokens": [*sorts["tokens"], long]},
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


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read(tab: Tab, pages: dict[str, Path], scheme: Any) -> None:
    tab.show(pages["everything"], scheme=scheme)
    texts = tab.evaluate(TEXTS)
    assert len(texts) > 100
    assert [text for text, ink, ground, _size in texts if contrast(ink, ground) < 4.5] == []
    assert [text for text, _ink, _ground, size in texts if size < 12] == []


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


@pytest.mark.parametrize(("width", "scheme"), list(itertools.product([390, 1200], SCHEMES)))
def test_it_can_be_photographed(tab: Tab, pages: dict[str, Path], tmp_path: Path, width: int, scheme: Any) -> None:
    """The pictures are for people: pytest --basetemp says where they go."""
    tab.show(pages["everything"], width=width, scheme=scheme)
    picture = tmp_path / f"{width}-{scheme}.png"
    picture.write_bytes(tab.screenshot())
    assert int.from_bytes(picture.read_bytes()[16:20], "big") == width
