# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw the packages of the collection and who imports whom, as the architecture page shows it.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.draw_architecture``. Boxes and arrows come from the
source; only the floors and the captions stand here. An arrow that others imply is left out: what a package may reach
through another one needs none of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = ROOT / "plugins"
PICTURE = ROOT / "docs" / "docsite" / "rst" / "images" / "architecture.svg"
PREFIX = "ansible_collections.tokenops.ionos.plugins."

Rooms = Mapping[str, frozenset[str]]

CONTROLLER = "plugin_utils: the controller only, Python 3.11"
TARGET = "module_utils: on a target too, Python 3.8"
FLOORS: list[tuple[str, dict[str, int]]] = [
    ("what Ansible finds", {"action": 250, "lookup": 480, "modules": 965}),
    (CONTROLLER, {"plugin_utils._rotation": 250}),
    (
        "",
        {
            "plugin_utils._run": 110,
            "plugin_utils._vaults": 330,
            "plugin_utils._report": 560,
            "plugin_utils._notify": 760,
        },
    ),
    (
        "",
        {
            "plugin_utils._declaration": 110,
            "plugin_utils._record": 305,
            "plugin_utils._action": 500,
            "plugin_utils._result": 690,
            "plugin_utils._files": 880,
        },
    ),
    (TARGET, {"module_utils._modules": 965}),
    ("", {"module_utils._minting": 250}),
    ("", {"module_utils._auth_api": 305, "module_utils._basic_auth_audit": 965}),
    ("", {"module_utils._http": 200, "module_utils._policy": 500, "module_utils._files": 760}),
    ("", {"module_utils._core": 500}),
]
"""The floors from top to bottom: a title, and the middle of each box."""
EVERYBODYS = "module_utils._core"
CAPTIONS = {
    "action": "vaulted_tokens, reports",
    "lookup": "vaulted_token",
    "modules": "auth_token, audit",
    "plugin_utils._rotation": "one file per step",
    "plugin_utils._run": "what all tokens share",
    "plugin_utils._vaults": "one package per kind",
    "plugin_utils._report": "page, JSON, metrics",
    "plugin_utils._notify": "webhook",
    "plugin_utils._declaration": "what is declared",
    "plugin_utils._record": "what a vault holds",
    "plugin_utils._action": "arguments, no secrets",
    "plugin_utils._result": "one model of states",
    "plugin_utils._files": "shared files",
    "module_utils._modules": "what modules decide",
    "module_utils._minting": "never blind",
    "module_utils._auth_api": "the client",
    "module_utils._basic_auth_audit": "the audit",
    "module_utils._http": "the transport",
    "module_utils._policy": "the vendor's rules",
    "module_utils._files": "files with a secret",
    "module_utils._core": "used by every package",
}
WIDTH, BOX_WIDTH, BOX_HEIGHT, FLOOR_HEIGHT, TOP = 1060, 176, 52, 104, 56

STYLE = """
  svg { background: #ffffff; font-family: system-ui, sans-serif; }
  .box { fill: #eef3fb; stroke: #2b5797; stroke-width: 1.5; }
  .name { fill: #10243e; font-size: 14px; font-weight: 600; }
  .caption { fill: #3c5068; font-size: 12px; }
  .floor { fill: #3c5068; font-size: 13px; font-style: italic; }
  .arrow { fill: none; stroke: #5a6f8a; stroke-width: 1.3; }
  .head { fill: #5a6f8a; }
  .border { stroke: #9fb0c5; stroke-dasharray: 6 5; }
  @media (prefers-color-scheme: dark) {
    svg { background: #10161f; }
    .box { fill: #1b2736; stroke: #7fb2ff; }
    .name { fill: #eaf1fb; }
    .caption, .floor { fill: #b7c6d9; }
    .arrow { stroke: #8fa3bd; }
    .head { fill: #8fa3bd; }
    .border { stroke: #46586e; }
  }
"""


def room_of(module: str) -> str:
    """Return the package that a dotted name below ``plugins`` belongs to, or its folder."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] in ("module_utils", "plugin_utils") else parts[0]


def imported_modules(path: Path) -> Iterator[str]:
    """Yield the dotted names below ``plugins`` that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PREFIX):
            module = node.module.removeprefix(PREFIX)
            yield module if "." in module else f"{module}.{node.names[0].name}"


def imports() -> Rooms:
    """Return each package of the source with those that it imports, but for what every package uses."""
    found: dict[str, set[str]] = {}
    for path in sorted(PLUGINS.rglob("*.py")):
        room = room_of(".".join(path.relative_to(PLUGINS).with_suffix("").parts))
        if room not in ("doc_fragments", "plugin_utils.__init__"):
            found.setdefault(room, set()).update(room_of(module) for module in imported_modules(path))
    return {room: frozenset(targets - {room, EVERYBODYS}) for room, targets in found.items()}


def reachable(rooms: Rooms, start: str) -> frozenset[str]:
    """Return every package that ``start`` reaches by one arrow or more."""
    seen: set[str] = set()
    todo = list(rooms[start])
    while todo:
        room = todo.pop()
        if room not in seen:
            seen.add(room)
            todo.extend(rooms[room])
    return frozenset(seen)


def without_implied(rooms: Rooms) -> Rooms:
    """Return the fewest arrows by which every package reaches what it reaches."""
    return {
        room: frozenset(
            target
            for target in targets
            if not any(target in reachable(rooms, other) for other in targets if other != target)
        )
        for room, targets in rooms.items()
    }


def positions() -> dict[str, tuple[float, int]]:
    """Return the left upper corner of each box."""
    return {
        room: (middle - BOX_WIDTH / 2, TOP + number * FLOOR_HEIGHT)
        for number, (_title, rooms) in enumerate(FLOORS)
        for room, middle in rooms.items()
    }


def draw(rooms: Rooms) -> str:
    """Return the picture as SVG."""
    height = TOP + len(FLOORS) * FLOOR_HEIGHT
    places = positions()
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        '<title id="title">The packages of tokenops.ionos, floor by floor; every arrow points down</title>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
    ]
    for number, (title, _rooms) in enumerate(FLOORS):
        if title:
            y = TOP + number * FLOOR_HEIGHT
            lines.append(f'<text class="floor" x="12" y="{y - 30}">{escape(title)}</text>')
            if number:
                lines.append(f'<line class="border" x1="0" y1="{y - 48}" x2="{WIDTH}" y2="{y - 48}"/>')
    for room, targets in without_implied(rooms).items():
        lines.extend(_arrow(room, target, places) for target in sorted(targets))
    for room, (x, y) in places.items():
        middle = x + BOX_WIDTH / 2
        lines += [
            f'<g data-room="{room}">',
            f'<rect class="box" x="{x:.0f}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>',
            f'<text class="name" x="{middle:.0f}" y="{y + 22}" text-anchor="middle">{room.rpartition(".")[2]}</text>',
            f'<text class="caption" x="{middle:.0f}" y="{y + 41}" text-anchor="middle">{escape(CAPTIONS[room])}</text>',
            "</g>",
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _arrow(room: str, target: str, places: Mapping[str, tuple[float, int]]) -> str:
    (x1, y1), (x2, y2) = places[room], places[target]
    start, end = x1 + BOX_WIDTH / 2, x2 + BOX_WIDTH / 2
    top, bottom = y1 + BOX_HEIGHT, y2
    bend = (bottom - top) / 2
    path = f"M{start:.0f} {top} C{start:.0f} {top + bend:.0f} {end:.0f} {bottom - bend:.0f} {end:.0f} {bottom}"
    return f'<path class="arrow" data-from="{room}" data-to="{target}" d="{path}" marker-end="url(#head)"/>'


def main() -> None:
    """Write the picture."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(draw(imports()), encoding="utf-8")


if __name__ == "__main__":
    main()
