# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``report.html``: everything is on it, nothing is loaded by it, and no name gets out of its place."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.page import render_page
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import account_facts, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import STATUS_WORDS
from support.report_entries import DAY, NOW, account, all_sorts, current, due, handoff, place, token

Structure = list[tuple[str, list[str]]]

WITHOUT_END = {"meta", "br", "col", "hr", "img", "input", "link", "base"}
LOADING = {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video", "source", "use"}


class Page(HTMLParser):
    """A page, taken apart; an element that is not closed where it was opened fails.

    :ivar elements: name and attributes of each element.
    :ivar text: all that is not an attribute, a style, a script or a comment.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.style = ""
        self.script = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in WITHOUT_END:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
        elif self._open[-1:] == ["script"]:
            self.script += data
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]

    def with_attribute(self, name: str, value: str) -> list[dict[str, str | None]]:
        return [attributes for _tag, attributes in self.elements if attributes.get(name) == value]


def source(
    tokens: list[dict[str, Any]],
    accounts: list[dict[str, Any]] | None = None,
    *,
    failure: str | None = None,
    title: str = "IONOS Cloud tokens",
) -> str:
    facts = [token_facts(entry, number) for number, entry in enumerate(tokens)]
    known = [account_facts(entry, number) for number, entry in enumerate(accounts or [])]
    return render_page(overview(facts, known, NOW, failure), title)


@pytest.fixture(scope="module")
def everything() -> Page:
    sorts = all_sorts()
    return Page(source(sorts["tokens"], sorts["accounts"], title="Tokens of the shop"))


def test_the_tokens_that_nobody_declares_are_listed_with_their_account() -> None:
    nobodys = {
        "id": "3f6d2c1e-0000-4000-8000-5a5f8a1d2c3e",
        "created_at": format_instant(NOW - 40 * DAY),
        "expires_at": format_instant(NOW - 3 * DAY),
        "expired": True,
    }
    ours = {**nobodys, "id": "4f6d2c1e-0000-4000-8000-5a5f8a1d2c3e", "declared": "dns", "role": "current"}
    text = Page(source([token()], [account(tokens=[nobodys, ours])])).text
    assert "1 token that nobody declares" in text
    assert nobodys["id"] in text
    assert "expired 3 days ago" in text
    assert ours["id"] not in text


def listed(number: int, created: float, expires: float) -> dict[str, Any]:
    """Return a token that nobody declares, by the days from now."""
    return {
        "id": f"{number:08d}-0000-4000-8000-5a5f8a1d2c3e",
        "created_at": format_instant(NOW + round(created * DAY)),
        "expires_at": format_instant(NOW + round(expires * DAY)),
        "expired": expires <= 0,
    }


def test_of_the_tokens_that_nobody_declares_it_says_what_is_old_and_what_has_expired() -> None:
    tokens = [listed(1, -40, -3), listed(2, -10, 20), listed(3, -100, 200), listed(4, -90, 100)]
    text = Page(source([], [account(tokens=tokens)])).text
    assert "4 tokens, 2 old, 1 expired:" in text
    rows = re.findall(
        r"(0000000\d)-\S+ shop . (Old|Recent|Expired) (\d+ days ago) ((?:expired )?(?:in )?\d+ days)", text
    )
    assert rows == [
        ("00000004", "Old", "90 days ago", "in 100 days"),
        ("00000003", "Old", "100 days ago", "in 200 days"),
        ("00000002", "Recent", "10 days ago", "in 20 days"),
        ("00000001", "Expired", "40 days ago", "expired 3 days"),
    ]


def test_where_everything_is_declared_nothing_is_said_of_what_is_not() -> None:
    ours = {**listed(1, -5, 25), "declared": "dns", "role": "current"}
    credential = {**listed(2, -5, 25), "role": "credential"}
    assert "nobody declares" not in Page(source([token()], [account(tokens=[ours, credential])])).text


def test_a_table_of_all_tokens_comes_before_any_details() -> None:
    text = source([token("late"), token("soon", token=current(10)), due("missing", reason="missing", token=None)])
    rows = re.findall(
        r'<th scope="row">(\w+)</th>.*?<td class="ends">(.*?)</td>\n<td data-label="Account">(\w+)</td>',
        text,
        re.DOTALL,
    )
    shown = [(name, " ".join(re.sub("<[^>]+>", "", ends).split()), owner) for name, ends, owner in rows]
    assert shown == [
        ("missing", "none works", "shop"),
        ("soon", "in 20 days 13 Apr 2026", "shop"),
        ("late", "in 25 days 18 Apr 2026", "shop"),
    ]


def test_a_token_that_is_refused_is_not_said_to_end_later() -> None:
    row = source([due("dns", reason="refused")]).partition('<td class="ends">')[2].partition("</td>")[0]
    assert row == "none works"


def test_a_task_leads_to_its_token_and_a_count_to_the_first_of_its_level() -> None:
    text = source([token("fine"), handoff("person"), due("soon"), due("gone", reason="missing", token=None)])
    for name in ("person", "gone"):
        [anchor] = re.findall(rf'<strong><a href="#([a-z0-9-]+)">{name}</a></strong>', text)
        assert f'Details of {name}</span></summary><div class="more" id="{anchor}">' in text
    for level, name in (("critical", "gone"), ("warning", "person"), ("notice", "soon"), ("ok", "fine")):
        assert f'href="#{level}"' in text
        assert re.search(rf'<tbody class="{level}" id="{level}">\n<tr>\n<th scope="row">{name}</th>', text)


def test_a_level_without_tokens_leads_nowhere() -> None:
    links = [link["href"] for link in Page(source([token()])).named("a")]
    assert links == ["#ok"]


def test_more_than_ten_tasks_are_all_there_and_the_rest_is_folded() -> None:
    text = source([due(f"t{number:02d}", reason="missing", token=None) for number in range(13)])
    shown, _summary, folded = text.partition("<summary>3 more</summary>")
    assert ">t09</a></strong>" in shown
    assert re.findall(r">(t\d\d)</a></strong>", folded) == ["t10", "t11", "t12"]


def test_it_says_from_when_on_it_is_outdated() -> None:
    page = Page(source([token()]))
    assert "This page is outdated from 25 Mar 2026, 11:30 UTC on." in page.text
    [warning] = page.with_attribute("id", "outdated")
    assert "hidden" in warning


def test_a_thousand_tokens_stay_a_page_that_opens_at_once() -> None:
    """What a token adds to the page in bytes; a browser draws a thousand in about a second."""
    pages = [len(source([token(f"service-{number}") for number in range(count)]).encode()) for count in (100, 200)]
    assert (pages[1] - pages[0]) / 100 < 2500


def test_every_token_and_account_is_on_it_with_its_status(everything: Page) -> None:
    sorts = all_sorts()
    for entry in [*sorts["tokens"], *sorts["accounts"]]:
        assert entry["name"] in everything.texts
    for status in STATUS_WORDS.values():
        assert status in everything.text


def test_dates_are_there_for_people_and_for_programs() -> None:
    page = Page(source([token()]))
    assert "18 Apr 2026, 09:30 UTC (in 25 days)" in page.text
    assert {"2026-03-19T09:30:00Z", "2026-04-11T09:30:00Z", "2026-04-18T09:30:00Z"} <= {
        attributes["datetime"] for attributes in page.named("time")
    }


def test_the_time_line_says_in_words_what_it_shows() -> None:
    (line,) = Page(source([token()])).with_attribute("role", "img")
    assert line["aria-label"] == (
        "Created 19 Mar 2026, 09:30 UTC, renewal window from 11 Apr 2026, 09:30 UTC, "
        "expires 18 Apr 2026, 09:30 UTC, in 25 days."
    )


@pytest.mark.parametrize("used", [0, 34, 95, 100, 250])
def test_the_gauge_of_a_quota_says_what_it_shows_and_stays_in_its_frame(used: int) -> None:
    page = Page(source([], [account(quota={"used": used, "limit": 100, "reserve": 5})]))
    (gauge,) = page.with_attribute("role", "meter")
    assert (gauge["aria-valuenow"], gauge["aria-valuemax"]) == (str(used), "100")
    assert f"{used} of 100" in page.text
    widths = [float((attributes["width"] or "").rstrip("%")) for attributes in page.named("rect")]
    assert max(widths) <= 100


def test_a_quota_of_nothing_is_no_division_by_zero() -> None:
    assert "0 of 0" in Page(source([], [account(quota={"used": 0, "limit": 0, "reserve": 5})])).text


def test_what_a_person_has_to_do_is_told_step_by_step() -> None:
    page = Page(source([handoff()], [account("bank", "enabled")]))
    assert "Sign in to the DCD. Select Generate Token." in page.text
    assert "The user of account bank , in the DCD" in page.text
    assert "Runs fail from 26 Mar 2026, 09:30 UTC" in page.text


def test_a_place_says_when_the_token_was_published_there() -> None:
    published = place("gitlab", "replica", published_at="2026-02-24T10:00:00Z")
    page = Page(source([token(vaults=[place(), published])]))
    assert "in sync gitlab (replica) published 24 Feb 2026, 10:00 UTC" in page.text


def test_places_are_said_to_be_in_sync_or_not() -> None:
    page = Page(source([token(vaults=[place(), place("files", "replica", in_sync=False, message="It is read-only.")])]))
    assert "in sync bao (record) vault of record" in page.text
    assert "out of sync files (replica) It is read-only." in page.text


def test_where_nothing_is_wrong_it_says_so() -> None:
    assert "Everything is in order." in Page(source([token()], [account()])).text
    assert "Nobody has to do anything." in Page(source([token()], [account()])).text


def test_a_run_that_looked_at_nothing_is_not_shown_as_an_empty_declaration() -> None:
    page = Page(source([], failure="The declaration is wrong. Correct it."))
    assert "The declaration is wrong. Correct it." in page.text
    assert "They were not looked at." in page.text
    assert "No token is declared." in Page(source([])).text


def test_nothing_is_loaded_and_nothing_runs_but_its_own_script(everything: Page) -> None:
    assert everything.named("script") == [{}]
    assert [name for name, _attributes in everything.elements if name in LOADING] == []
    attributes = {name for _tag, found in everything.elements for name in found}
    assert [name for name in attributes if name.startswith("on") or name in {"src", "style", "srcset", "action"}] == []
    assert "url(" not in everything.style.replace("url(#hatched)", "")
    assert "@import" not in everything.style


def digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_its_policy_allows_nothing_but_its_own_script_and_style(everything: Page) -> None:
    (policy,) = [item["content"] for item in everything.named("meta") if item.get("http-equiv")]
    assert policy == (
        f"default-src 'none'; script-src '{digest(everything.script)}'; style-src '{digest(everything.style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_its_script_is_the_same_whatever_the_report_tells(everything: Page) -> None:
    assert Page(hostile_source("name")).script == everything.script
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(", everything.script)


def test_it_has_a_language_a_title_and_headings_in_order(everything: Page) -> None:
    assert everything.named("html") == [{"lang": "en"}]
    assert everything.texts[everything.texts.index("Tokens of the shop: Somebody has to act now.")]
    levels = [int(name[1]) for name, _attributes in everything.elements if re.fullmatch("h[1-6]", name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_reference_by_id_leads_somewhere(everything: Page) -> None:
    ids = [attributes["id"] for _tag, attributes in everything.elements if "id" in attributes]
    referred = [
        attributes["aria-labelledby"] for _tag, attributes in everything.elements if "aria-labelledby" in attributes
    ]
    targets = [(link["href"] or "")[1:] for link in everything.named("a") if (link["href"] or "").startswith("#")]
    assert targets
    assert len(set(ids)) == len(ids)
    assert {*referred, *targets} <= set(ids)


def test_links_leave_the_address_of_the_report_behind(everything: Page) -> None:
    leaving = [link for link in everything.named("a") if not (link["href"] or "").startswith("#")]
    assert leaving
    for link in leaving:
        assert (link["href"] or "").startswith("https://")
        assert link["rel"] == "noreferrer"


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</title><base href=//example.com>",
    "&lt;script&gt;",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe",
]


def hostile_source(name: str) -> str:
    wrong = place(name, "replica", place=name, in_sync=False, message=name, foreign=name)
    return source(
        [
            token(
                name,
                account=name,
                message=name,
                failed=True,
                token=current(id=name, fingerprint=name, origin=name),
                vaults=[place(name, place=name), wrong],
                warnings=[name],
                previous=[{"id": name, "expires_at": None, "replaced_at": None}],
                delete_in_dcd=[{"id": name, "expires_at": None, "since": None}],
            ),
            handoff(f"handoff {name}", handoff={"why": name, "lifetime": name, "token_manager": name, "steps": [name]}),
        ],
        [{**account(name, message=name, user_id=name, contract_number=name), "two_factor": name}],
        failure=name,
        title=name,
    )


def structure(page: Page) -> Structure:
    return [(name, sorted(attributes)) for name, attributes in page.elements]


@pytest.fixture(scope="module")
def harmless() -> Structure:
    return structure(Page(hostile_source("harmless")))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_nothing_but_text(name: str, harmless: Structure) -> None:
    page = Page(hostile_source(name))
    assert structure(page) == harmless
    shown = "".join(character if character.isprintable() else "?" for character in name)
    assert shown in page.texts


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1))
def test_no_name_changes_the_structure_of_the_page(harmless: Structure, name: str) -> None:
    assert structure(Page(hostile_source(name))) == harmless
