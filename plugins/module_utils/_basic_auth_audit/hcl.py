# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Splits Terraform's language into parts, in time that grows with the length of the text and no faster."""

from __future__ import annotations

import re
from typing import Iterator, Match

# It matches however a text goes on, so it never looks back.
_QUOTED = r'"[^"\\\n]*(?:\\.[^"\\\n]*)*(?:"|(?P<unclosed>))'


class HclParts:
    """The parts that a text is split into: those of two patterns, and what stands in quotes.

    :param before: pattern of what is looked for before quotes; it must match in one way only.
    :param after: pattern of what is looked for after quotes; it must match any character.
    """

    def __init__(self, before: str, after: str) -> None:
        self._parts = re.compile(f"{before}|{_QUOTED}|{after}", re.DOTALL)
        self._parts_without_quotes = re.compile(f"{before}|{after}", re.DOTALL)

    def of(self, text: str) -> Iterator[Match[str]]:
        """Yield the parts of a text; a quotation mark that nothing closes is a part by itself."""
        position = end_of_unclosed = 0
        while position < len(text):
            # Each further quotation mark up to there is escaped, so nothing closes it either.
            is_unclosed = position < end_of_unclosed
            match = (self._parts_without_quotes if is_unclosed else self._parts).match(text, position)
            if match is None:
                return
            if not is_unclosed and match.group("unclosed") is not None:
                end_of_unclosed = match.end()
                continue
            yield match
            position = match.end()
