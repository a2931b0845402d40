# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML and JSON as trees with line numbers, read without recursion, up to a limit, as far as they are well-formed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any, Iterator, Union

try:
    import yaml
except ImportError:
    HAS_YAML = False
else:
    HAS_YAML = True

MAXIMUM_NODES = 200_000
# Readers of YAML take time by the square of the depth.
MAXIMUM_DEPTH = 500
MAXIMUM_MERGED = 200
_VAULT_TAGS = ("!vault", "!vault-encrypted")
_BRACKET = re.compile(r"[\[\]{}]")
_JSON_TOKEN = re.compile(r'[ \t\r]+|(\n)|("(?:[^"\\\n]|\\.)*")|([{}\[\],:])|([^\s{}\[\],:"]+)|(.)', re.DOTALL)


@dataclass(eq=False)
class Scalar:
    """A text.

    :ivar line: from 1 on; ``last_line`` is where it ends.
    :ivar vaulted: whether it is encrypted with Ansible Vault.
    """

    value: str
    line: int
    last_line: int
    vaulted: bool = False


@dataclass(eq=False)
class Sequence:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Mapping:
    """A mapping, with its pairs as they come."""

    line: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[Scalar, Node]]:
        """Yield the keys that are texts and their values, then those of mappings that are merged in, not too many."""
        yield from self._own_entries()
        seen = {id(self)}
        todo: list[Mapping] = [self]
        count = 0
        while todo:
            for merged in todo.pop().merged:
                if id(merged) in seen:
                    continue
                seen.add(id(merged))
                todo.append(merged)
                for entry in islice(merged._own_entries(), MAXIMUM_MERGED):
                    count += 1
                    yield entry
                if count >= MAXIMUM_MERGED:
                    return

    @cached_property
    def merged(self) -> list[Mapping]:
        """The mappings at merge keys."""
        return [node for key, value in self._own_entries() if key.value == "<<" for node in _mappings_in(value)]

    def get(self, *names: str) -> Node | None:
        """Return the value of the first of these names that is a key, or None."""
        return next((self._values[name] for name in names if name in self._values), None)

    @cached_property
    def _values(self) -> dict[str, Node]:
        values: dict[str, Node] = {}
        for key, value in self.entries():
            values.setdefault(key.value, value)
        return values

    def _own_entries(self) -> Iterator[tuple[Scalar, Node]]:
        return ((key, value) for key, value in self.pairs if isinstance(key, Scalar))

    def text(self, name: str) -> str:
        """Return the text at a key, or an empty one."""
        value = self.get(name)
        return value.value if isinstance(value, Scalar) else ""


Node = Union[Scalar, Sequence, Mapping]


@dataclass
class Tree:
    """The documents of a text.

    :ivar problem: None, or ``broken_structure``, ``too_complex`` or ``yaml_missing``; the documents end where it arose.
    """

    documents: list[Node] = field(default_factory=list)
    problem: str | None = None


class _Builder:
    """Puts nodes together as they come."""

    def __init__(self) -> None:
        self.documents: list[Node] = []
        self._count = 0
        self._open: list[Node] = []
        self._keys: list[Node | None] = []

    @property
    def is_full(self) -> bool:
        return self._count > MAXIMUM_NODES or len(self._open) > MAXIMUM_DEPTH

    def add(self, node: Node) -> None:
        self._count += 1
        parent = self._open[-1] if self._open else None
        if parent is None:
            self.documents.append(node)
        elif isinstance(parent, Sequence):
            parent.items.append(node)
        elif isinstance(parent, Mapping):
            key = self._keys[-1]
            self._keys[-1] = node if key is None else None
            if key is not None:
                parent.pairs.append((key, node))

    def open(self, node: Node) -> None:
        self.add(node)
        self._open.append(node)
        self._keys.append(None)

    def close(self) -> Node | None:
        if not self._open:
            return None
        self._keys.pop()
        return self._open.pop()


def read_yaml(text: str) -> Tree:
    """Return the trees of the YAML documents in a text. Tags are not acted upon, and aliases lead to the same node."""
    if not HAS_YAML:
        return Tree(problem="yaml_missing")
    builder = _Builder()
    problem = None
    anchors: dict[str, Node] = {}
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            _take(event, builder, anchors)
            if builder.is_full:
                problem = "too_complex"
                break
    # A reader in C may object with errors of its own to what it is not made for.
    except (yaml.YAMLError, ValueError, RecursionError):
        # Newer readers refuse deep nesting themselves, before they have told of any of it.
        problem = "too_complex" if _nests_too_deep(text) else "broken_structure"
    return Tree(builder.documents, problem)


def read_json(text: str) -> Tree:
    """Return the tree of a JSON text."""
    builder = _Builder()
    line = 1
    balance: list[str] = []
    for newline, string, mark, word, other in (match.groups() for match in _JSON_TOKEN.finditer(text)):
        if builder.is_full:
            return Tree(builder.documents, "too_complex")
        if newline:
            line += 1
        elif string:
            builder.add(Scalar(_unescaped(string), line, line))
        elif word:
            builder.add(Scalar("" if word == "null" else word, line, line))
        elif other or (mark and not _take_mark(mark, line, builder, balance)):
            return Tree(builder.documents, "broken_structure")
    return Tree(builder.documents, "broken_structure" if balance or len(builder.documents) != 1 else None)


def mappings(root: Node) -> Iterator[tuple[Mapping, str]]:
    """Yield each mapping of a tree once, with the name of the key that it is at; lists in between do not count."""
    seen: set[int] = set()
    todo: list[tuple[Node, str]] = [(root, "")]
    while todo:
        node, name = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Sequence):
            todo.extend((item, name) for item in reversed(node.items))
        elif isinstance(node, Mapping):
            yield node, name
            todo.extend((value, key.value if isinstance(key, Scalar) else "") for key, value in reversed(node.pairs))


def texts_and_lists(root: Node) -> Iterator[Scalar | Sequence]:
    """Yield each text and each list of a tree once."""
    seen: set[int] = set()
    todo: list[Node] = [root]
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Mapping):
            todo.extend(child for pair in reversed(node.pairs) for child in pair)
            continue
        yield node
        if isinstance(node, Sequence):
            todo.extend(reversed(node.items))


def _take(event: Any, builder: _Builder, anchors: dict[str, Node]) -> None:
    node: Node | None = None
    line = _number(event.start_mark)
    if isinstance(event, yaml.ScalarEvent):
        vaulted = event.tag in _VAULT_TAGS
        node = Scalar(event.value, line, _number(event.end_mark), vaulted)
        builder.add(node)
    elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
        node = Mapping(line) if isinstance(event, yaml.MappingStartEvent) else Sequence(line)
        builder.open(node)
    elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
        builder.close()
    elif isinstance(event, yaml.AliasEvent):
        builder.add(anchors.get(event.anchor or "") or Scalar("", line, line))
    elif isinstance(event, yaml.DocumentStartEvent):
        anchors.clear()
    if node is not None and event.anchor:
        anchors[event.anchor] = node


def _nests_too_deep(text: str) -> bool:
    depth = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[{" else -1
        if depth > MAXIMUM_DEPTH:
            return True
    return False


def _number(mark: Any) -> int:
    return 1 if mark is None else int(mark.line) + 1


def _take_mark(mark: str, line: int, builder: _Builder, balance: list[str]) -> bool:
    """Take a bracket of JSON; tell whether it fits."""
    if mark == "{":
        builder.open(Mapping(line))
    elif mark == "[":
        builder.open(Sequence(line))
    elif mark in "}]":
        if not balance or balance.pop() != mark:
            return False
        builder.close()
    if mark in "{[":
        balance.append("}" if mark == "{" else "]")
    return True


def _mappings_in(value: Node) -> Iterator[Mapping]:
    for node in value.items if isinstance(value, Sequence) else (value,):
        if isinstance(node, Mapping):
            yield node


def _unescaped(string: str) -> str:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string[1:-1]
