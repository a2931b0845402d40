# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that tests put where a secret can stand, and the search for them in whatever form they come out.

A canary is found as it is, escaped for JSON, Python or a URL, as hexadecimal digits, and in base64 at each of the three
alignments; also in part, as a message that was cut off shows it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

# Shorter pieces are not told from chance.
SHORTEST_LEAK = 16
# A piece of SHORTEST_LEAK octets covers a whole block, wherever it begins.
BLOCK = SHORTEST_LEAK // 2
SHAPES = {
    "any token": re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "any token of OpenBao": re.compile(rb"(?<![\w.])(?:hvs\.[\w-]{24,}|s\.[A-Za-z0-9]{24}(?![A-Za-z0-9]))"),
}


@dataclass(frozen=True, order=True)
class Canary:
    """A secret and what it is called in findings."""

    name: str
    value: str


@dataclass(frozen=True, order=True)
class Leak:
    """A canary in a place where none may be."""

    canary: str
    form: str
    place: str


def token_canaries(name: str, value: str) -> list[Canary]:
    """Return the parts of a JWT that are nobody's business: the header is public, it is the id."""
    _header, payload, signature = value.split(".")
    return [Canary(f"{name}: payload", payload), Canary(f"{name}: signature", signature)]


def forms(value: str) -> dict[str, bytes]:
    """Return the forms of a value by name, each only once."""
    octets = value.encode()
    json_text = json.dumps(value)[1:-1]
    candidates = {
        "plain": octets,
        "JSON": json_text.encode(),
        "JSON in UTF-8": json.dumps(value, ensure_ascii=False)[1:-1].encode(),
        "JSON in JSON": json.dumps(json_text)[1:-1].encode(),
        "Python": repr(value)[1:-1].encode(),
        "URL": quote(value, safe="").encode(),
        "form data": quote_plus(value).encode(),
        "hexadecimal": octets.hex().encode(),
        "HEXADECIMAL": octets.hex().upper().encode(),
        **{f"base64, {before} before": _base64_after(before, octets) for before in range(3)},
    }
    candidates |= {
        f"URL-safe {name}": form.translate(bytes.maketrans(b"+/", b"-_"))
        for name, form in candidates.items()
        if name.startswith("base64")
    }
    names: dict[bytes, str] = {}
    for name, form in candidates.items():
        names.setdefault(form, name)
    return {name: form for form, name in names.items()}


def _base64_after(before: int, octets: bytes) -> bytes:
    """Return those digits of base64 that depend on these octets alone, after so many others."""
    encoded = base64.b64encode(bytes(before) + octets)
    first, end = -(-before * 8 // 6), (before + len(octets)) * 8 // 6
    return encoded[first:end]


class CanarySearch:
    """Looks for canaries, in all forms, in contents of any size."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._blocks: dict[bytes, list[tuple[Canary, str, bytes, int]]] = {}
        for canary in canaries:
            for name, form in forms(canary.value).items():
                if len(form) < SHORTEST_LEAK:
                    raise ValueError(f"The canary {canary.name} is too short to be told from chance.")
                for start in range(len(form) - BLOCK + 1):
                    found = (canary, name, form, start)
                    self._blocks.setdefault(form[start : start + BLOCK], []).append(found)

    def find(self, place: str, content: bytes) -> set[Leak]:
        """Return what is found in the content of a place."""
        return set(self._canaries(place, content)) | {
            Leak(name, "plain", place) for name, shape in SHAPES.items() if shape.search(content)
        }

    def _canaries(self, place: str, content: bytes) -> Iterator[Leak]:
        for position in range(0, len(content) - BLOCK + 1, BLOCK):
            for canary, name, form, start in self._blocks.get(content[position : position + BLOCK], ()):
                if _common_length(content, position, form, start) >= SHORTEST_LEAK:
                    yield Leak(canary.name, name, place)


def _common_length(content: bytes, position: int, form: bytes, start: int) -> int:
    """Return how much of a form stands in a content around a block that both share."""
    before = 0
    while before < min(position, start) and content[position - before - 1] == form[start - before - 1]:
        before += 1
    after = BLOCK
    while (
        position + after < len(content)
        and start + after < len(form)
        and content[position + after] == form[start + after]
    ):
        after += 1
    return before + after
