# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``report.html``: the report for people, one page without any other file, complete without its script."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import cache

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.version import VERSION
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report import words
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.time_line import TimeLine
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.undeclared import DAYS_UNTIL_OLD, undeclared_tokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import LEVELS, STATUS_WORDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import date, date_and_time, relative

_DIRECTORY = os.path.dirname(__file__)
_TEMPLATE = "page.html.j2"
_STYLE = "page.css"
_SCRIPT = "page.js"

SHOWN_ROWS = 10
"""Tasks, and tokens that nobody declares, beyond these are folded, so that what follows them can be found."""


def render_page(overview: Overview, title: str) -> str:
    """Return the text of ``report.html``.

    What comes from outside is escaped by the template engine, and the page's own policy forbids every source and every
    script but the one that stands here, which is known by its hash and the same in every report. So even a name that is
    meant to do harm is nothing but text.
    """
    style = _text_of(_STYLE)
    script = _text_of(_SCRIPT)
    rendered: str = _template().render(
        title=title,
        overview=overview,
        counts=overview.counts(),
        duties=overview.duties(),
        undeclared=undeclared_tokens((account.facts for account in overview.accounts), overview.now),
        days_until_old=DAYS_UNTIL_OLD,
        shown_rows=SHOWN_ROWS,
        # Names are no ids: they may hold anything.
        anchors={token.facts.name: f"token-{number}" for number, token in enumerate(overview.tokens, 1)},
        time_line=TimeLine(overview.tokens, overview.now),
        levels=LEVELS,
        words=words,
        status_words=STATUS_WORDS,
        relative=relative,
        version=VERSION,
        # Our own files, and neither a style sheet nor a script is a place where HTML is escaped.
        style=Markup(style),  # noqa: S704
        style_hash=_source_hash(style),
        script=Markup(script),  # noqa: S704
        script_hash=_source_hash(script),
    )
    return rendered


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["iso"] = format_instant
    environment.filters["when"] = date_and_time
    environment.filters["day"] = date
    return environment.from_string(_text_of(_TEMPLATE))


def _text_of(name: str) -> str:
    with open(os.path.join(_DIRECTORY, name), encoding="utf-8") as file:
        return file.read()


def _source_hash(text: str) -> str:
    """Return the hash by which a Content-Security-Policy allows an inline element (CSP level 3, section 2.3.1)."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
