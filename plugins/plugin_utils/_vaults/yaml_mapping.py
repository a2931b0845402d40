# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mapping in a YAML file as text: read one value, change one value, leave every other character alone.

The mapping is the file's own, as in a file of variables, or one deeper in it. The parser's marks say where a value
begins and ends, and after each change the new text is parsed again and everything else compared.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultCorrupt

VAULT_TAG = "!vault"
EMPTY_FILE = "---\n"
"""What a new file starts as."""

MAXIMUM_DEPTH = 100
"""Levels of nesting; PyYAML's time grows with the square of it."""

MAXIMUM_EVENTS = 50_000
"""Keys, values, beginnings and ends; a write has PyYAML parse the file several times, at 20 microseconds each."""

BLOCK_INDENTATION = 10
"""The spaces before each line of a vaulted value, as C(ansible-vault encrypt_string) writes them."""

_VAULT_TAGS = (VAULT_TAG, "!vault-encrypted")
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BREAKS = "\r\n\x85\u2028\u2029"
_BREAK = re.compile(f"\r\n|[{_BREAKS}]")
_BLANK = f" \t{_BREAKS}"
_BLOCK_HEADER = re.compile(rf"(?:!\S*[ \t]+)?[|>][0-9+-]{{0,2}}(?P<comment>[ \t]+#[^{_BREAKS}]*)?[ \t]*")
_REST_OF_LINE = re.compile(rf"[ \t]*(?:#[^{_BREAKS}]*)?")
_TAG_WITHOUT_VALUE = re.compile(rf"!\S*[ \t]*(?:#[^{_BREAKS}]*)?[{_BREAKS}]")


@dataclass(frozen=True)
class Item:
    """The item of a list that is a mapping with this text under a key, in upper or lower case."""

    key: str
    text: str

    def is_it(self, events: Sequence[Any]) -> bool:
        """Tell whether a node is the item."""
        if not isinstance(events[0], yaml.MappingStartEvent):
            return False
        texts = [pair.events[0] for pair in _pairs(events[1:-1]) if pair.name == self.key]
        return any(isinstance(text, yaml.ScalarEvent) and same_name(text.value, self.text) for text in texts)

    def may_be_shared(self, events: Sequence[Any]) -> bool:
        """Tell whether a node may turn out to be the item once an alias in it is followed."""
        if not isinstance(events[0], yaml.MappingStartEvent):
            return isinstance(events[0], yaml.AliasEvent)
        names = {pair.name: pair.events[0] for pair in _pairs(events[1:-1])}
        return isinstance(names.get(self.key, names.get("<<")), yaml.AliasEvent)


Step = str | Item
"""From a mapping to the value of a key, or from a list to an item."""


@dataclass(frozen=True)
class Scalar:
    """A variable's text.

    :ivar is_vaulted: True if the text is the output of Ansible Vault under the tag ``!vault``.
    """

    text: str = field(repr=False)
    is_vaulted: bool = False


@dataclass(frozen=True)
class _Pair:
    """One variable: its name, where its parts stand in the text, and the parser's events of its value."""

    name: str | None
    key_start: int
    column: int
    events: tuple[yaml.Event, ...]

    @property
    def value_start(self) -> int:
        return _index(self.events[0].start_mark)

    @property
    def last_event(self) -> yaml.Event:
        """The last event that stands in the text: the end of a collection in block style is only noticed later."""
        return next(event for event in reversed(self.events) if not _is_unwritten_end(event))

    @property
    def value_end(self) -> int:
        return _index(self.last_event.end_mark)

    @property
    def ends_in_block_scalar(self) -> bool:
        return isinstance(self.last_event, yaml.ScalarEvent) and self.last_event.style in ("|", ">")

    def signature(self) -> tuple[Any, ...]:
        """Return all that the value means, and nothing of where it stands."""
        return (self.name, *_signature(self.events))


class YamlMapping:
    """The text of a YAML file, and one mapping in it.

    :param text: decoded without conversion of line ends.
    :param where: the file, for messages.
    :param path: from the file's own mapping to the one that is meant.
    :ivar exists: whether there is that mapping.
    :raises VaultCorrupt: ``variables_file_not_yaml``, ``variables_file_too_many_values``, or
        ``variables_file_not_block_mapping`` for anything but one document with one mapping in block style;
        ``variables_file_variable_twice``, ``variables_file_shared_value`` or ``variables_file_unchangeable`` if the
        path is ambiguous, shared, or not in block style.
    """

    def __init__(self, text: str, where: str, path: tuple[Step, ...] = ()) -> None:
        self.text = text
        self._where = where
        self._path = path
        self._pairs, self._end, self._rest = self._parse()
        self.exists = not path or bool(self._pairs)

    def scalar(self, name: str) -> Scalar | None:
        """Return the text of a variable, or None if there is no such variable or its value is null.

        :raises VaultCorrupt: ``variables_file_shared_value`` if an anchor, alias or merge key is involved,
            ``variables_file_variable_twice``, or ``vault_value_not_a_token`` for a mapping or list.
        """
        pair = self._pair(name)
        if pair is None:
            return None
        event = self._only_scalar(pair)
        if event.tag is None and event.implicit[0] and event.value in _NULLS:
            return None
        return Scalar(text=str(event.value), is_vaulted=event.tag in _VAULT_TAGS)

    def plain_texts(self, *, besides: Collection[str]) -> dict[str, str]:
        """Return the texts of the other variables that are neither vaulted nor anything but a text."""
        return {
            pair.name: str(pair.events[0].value)
            for pair in self._pairs
            if pair.name is not None
            and pair.name not in besides
            and isinstance(pair.events[0], yaml.ScalarEvent)
            and pair.events[0].tag not in _VAULT_TAGS
        }

    def with_scalar(self, name: str, scalar: Scalar, *, after: str | None = None) -> YamlMapping:
        """Return the file with a variable set.

        :param after: a new variable is put behind this one, or at the end of the file.
        :raises VaultCorrupt: as :meth:`scalar`, or ``variables_file_unchangeable``.
        """
        pair = self._pair(name)
        if pair is not None:
            self._only_scalar(pair)
            changed = self._replaced(pair, scalar)
        else:
            changed = self._inserted(name, scalar, self._pair(after) if after else None)
        return self._checked(changed, name, scalar)

    @property
    def is_empty(self) -> bool:
        """True if there is no key."""
        return not self._pairs

    def has(self, name: str) -> bool:
        """Tell whether there is a key, whatever its value.

        :raises VaultCorrupt: as :meth:`scalar`.
        """
        return self._pair(name) is not None

    def with_block(self, name: str, lines: Sequence[str]) -> YamlMapping:
        """Return the file with a new last key, whose value is a block of these lines, each with its own indentation.

        :raises VaultCorrupt: ``variables_file_unchangeable``.
        """
        column = self._pairs[0].column if self._pairs else 0
        block = "".join(self._line_break + " " * column + line for line in lines)
        position = self._end_position()
        return self._grown(self._with_pair(name, block, position), position)

    def with_item(self, name: str, lines: Sequence[str]) -> YamlMapping:
        """Return the file with a new last item in the list under a key.

        :param lines: of the item, the first with its dash, the others indented accordingly.
        :raises VaultCorrupt: ``variables_file_unchangeable``, also if the list is not in block style.
        """
        pair = self._pair(name)
        node: Any = pair.events[0] if pair else None
        if pair is None or not isinstance(node, yaml.SequenceStartEvent) or node.flow_style or node.anchor is not None:
            raise self._unchangeable()
        position, column = self._next_line(self._content_end(pair)), _column(node.start_mark)
        before = self.text[:position]
        separator = self._line_break if before[-1] not in _BREAKS else ""
        item = separator + "".join(" " * column + line + self._line_break for line in lines)
        return self._grown(before + item + self.text[position:], position)

    def without(self, name: str) -> YamlMapping:
        """Return the file without a variable and the lines that it takes.

        :raises VaultCorrupt: as :meth:`with_scalar`.
        """
        pair = self._pair(name)
        if pair is None:
            return self
        self._only_scalar(pair)
        start, end = self._line_start(pair), self._next_line(self._content_end(pair))
        # A comment sign ends a text in block style before it, which could otherwise go on into blank lines and indented
        # comments behind the variable. Without any variable, an end mark (...) wants a start mark.
        for substitute in ("", "#" + self._line_break, "---" + self._line_break):
            with suppress(VaultCorrupt):
                return self._checked(self.text[:start] + substitute + self.text[end:], name, None)
        raise self._unchangeable()

    def _parse(self) -> tuple[tuple[_Pair, ...], int, list[Any]]:
        """Return the pairs of the mapping, where a new last one can begin, and the events of everything around it."""
        try:
            events = self._events()
        except (yaml.YAMLError, ValueError, OverflowError):
            events = None
        if events is None:
            raise VaultCorrupt("variables_file_not_yaml", where=self._where)
        documents = [event for event in events if isinstance(event, yaml.DocumentStartEvent)]
        if not documents:
            return (), len(self.text), []
        root, end = events[2], events[-2]
        empty = isinstance(root, yaml.ScalarEvent) and root.value == "" and root.tag is None and root.implicit[0]
        block = isinstance(root, yaml.MappingStartEvent) and not root.flow_style
        if len(documents) > 1 or not (empty or block):
            raise VaultCorrupt("variables_file_not_block_mapping", where=self._where)
        end_of_content = _index(end.start_mark) if end.explicit else len(self.text)
        if self._path:
            return self._parse_inner(events[2:-2])
        return (_pairs(events[3:-3]) if block else ()), end_of_content, []

    def _parse_inner(self, document: Sequence[Any]) -> tuple[tuple[_Pair, ...], int, list[Any]]:
        events = document
        for step in self._path:
            found = self._step(events, step)
            if found is None:
                return (), len(self.text), list(document)
            events = found
        if not isinstance(events[0], yaml.MappingStartEvent):
            # A key without a value.
            raise self._unchangeable()
        start = next(number for number, event in enumerate(document) if event is events[0])
        rest = [*document[:start], *document[start + len(events) :]]
        return _pairs(events[1:-1]), len(self.text), rest

    def _step(self, events: Sequence[Any], step: Step) -> Sequence[Any] | None:
        """Return the events of the node that a step leads to, or None if there is none."""
        if isinstance(step, Item):
            if not isinstance(events[0], yaml.SequenceStartEvent):
                raise self._unchangeable()
            items = _nodes(events[1:-1])
            found = [item for item in items if step.is_it(item)]
            if any(step.may_be_shared(item) for item in items):
                raise VaultCorrupt("variables_file_shared_value", where=self._where, variable=step.text)
        elif isinstance(events[0], yaml.MappingStartEvent):
            pairs = _pairs(events[1:-1])
            found = [pair.events for pair in pairs if pair.name == step]
            if not found and any(pair.name == "<<" for pair in pairs):
                raise VaultCorrupt("variables_file_shared_value", where=self._where, variable=step)
        elif isinstance(events[0], yaml.ScalarEvent) and events[0].value == "":
            return None
        else:
            raise self._unchangeable()
        if len(found) > 1:
            raise VaultCorrupt("variables_file_variable_twice", where=self._where, variable=_name(step))
        if not found:
            return None
        self._require_own_block(found[0][0], step)
        return found[0]

    def _require_own_block(self, event: Any, step: Step) -> None:
        if event.anchor is not None:
            raise VaultCorrupt("variables_file_shared_value", where=self._where, variable=_name(step))
        if getattr(event, "flow_style", False):
            raise self._unchangeable()

    def _events(self) -> list[Any] | None:
        events, depth = [], 0
        for event in yaml.parse(self.text, Loader=yaml.SafeLoader):
            events.append(event)
            if len(events) > MAXIMUM_EVENTS:
                raise VaultCorrupt("variables_file_too_many_values", where=self._where, maximum=MAXIMUM_EVENTS)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAXIMUM_DEPTH:
                return None
        return events

    def _pair(self, name: str) -> _Pair | None:
        found = [pair for pair in self._pairs if pair.name == name]
        if len(found) > 1:
            raise VaultCorrupt("variables_file_variable_twice", where=self._where, variable=name)
        if not found and any(pair.name == "<<" for pair in self._pairs):
            raise VaultCorrupt("variables_file_shared_value", where=self._where, variable=name)
        return found[0] if found else None

    def _only_scalar(self, pair: _Pair) -> yaml.ScalarEvent:
        event = pair.events[0]
        if getattr(event, "anchor", None) is not None:
            raise VaultCorrupt("variables_file_shared_value", where=self._where, variable=pair.name)
        if not isinstance(event, yaml.ScalarEvent):
            raise VaultCorrupt("vault_value_not_a_token", where=self._where)
        return event

    def _replaced(self, pair: _Pair, scalar: Scalar) -> str:
        self._line_start(pair)
        end, comment = self._content_end(pair), self._comment(pair)
        separator = "" if self.text[pair.value_start - 1] in _BLANK else " "
        value = self._source(scalar, comment, self._gap_indentation(end), pair.column)
        return self.text[: pair.value_start] + separator + value + self.text[end:]

    def _inserted(self, name: str, scalar: Scalar, after: _Pair | None) -> str:
        position = self._next_line(self._content_end(after)) if after else self._end_position()
        column = self._pairs[0].column if self._pairs else 0
        return self._with_pair(name, " " + self._source(scalar, "", self._gap_indentation(position), column), position)

    def _with_pair(self, name: str, value: str, position: int) -> str:
        column = self._pairs[0].column if self._pairs else 0
        before = self.text[:position]
        separator = self._line_break if before and before[-1] not in _BREAKS else ""
        return f"{before}{separator}{' ' * column}{name}:{value}{self._line_break}{self.text[position:]}"

    def _end_position(self) -> int:
        """Return where a new last variable begins.

        A last text in block style that ends without a line break would gain one from a variable behind it, so there the
        new variable comes before it and its comments.
        """
        if self._path:
            return self._next_line(self._content_end(self._pairs[-1]))
        unfinished = self._end == len(self.text) and self.text[-1:] not in ("", *_BREAKS)
        if not (self._pairs and self._pairs[-1].ends_in_block_scalar and unfinished):
            return self._end
        bottom = self._next_line(self._content_end(self._pairs[-2])) if len(self._pairs) > 1 else 0
        position = self._line_start(self._pairs[-1])
        while position > bottom:
            line = self._start_of_line(position - 1)
            if line < bottom or not self.text[line:position].startswith("#"):
                break
            position = line
        return position

    def _source(self, scalar: Scalar, comment: str, gap_indentation: int, column: int) -> str:
        if not scalar.is_vaulted:
            return "'" + scalar.text.replace("'", "''") + "'" + comment
        indentation = " " * max(column + BLOCK_INDENTATION, gap_indentation + 1)
        lines = [f"{VAULT_TAG} |{comment}", *(indentation + line for line in scalar.text.split())]
        return self._line_break.join(lines)

    def _content_end(self, pair: _Pair) -> int:
        """Return where the value's last line ends, its comment included and its line break not."""
        end = pair.value_end
        if pair.ends_in_block_scalar:
            end = len(self.text[:end].rstrip(_BLANK))
        rest = _REST_OF_LINE.match(self.text, end)
        end = rest.end() if rest else end
        if end < len(self.text) and self.text[end] not in _BREAKS:
            raise self._unchangeable()
        return end

    def _comment(self, pair: _Pair) -> str:
        """Return the comment on the line of the value, with the white space before it."""
        if not pair.ends_in_block_scalar:
            if _TAG_WITHOUT_VALUE.match(self.text, pair.value_start):
                raise self._unchangeable()
            return self.text[pair.value_end : self._content_end(pair)].rstrip(" \t")
        end = self._end_of_line(pair.value_start)
        header = _BLOCK_HEADER.fullmatch(self.text, pair.value_start, end)
        if header is None:
            raise self._unchangeable()
        return header["comment"] or ""

    def _gap_indentation(self, position: int) -> int:
        """Return the widest indentation of the blank and comment lines from ``position`` to the next variable.

        Lines indented like a text in block style would belong to it.
        """
        starts = [pair.key_start for pair in self._pairs if pair.key_start >= position]
        gap = self.text[position : min(starts, default=self._end)]
        return max((len(line) - len(line.lstrip(" ")) for line in _BREAK.split(gap)), default=0)

    def _line_start(self, pair: _Pair) -> int:
        start = self._start_of_line(pair.key_start)
        if self.text[start : pair.key_start].strip(" \ufeff"):
            raise self._unchangeable()
        return start if self.text[start : start + 1] != "\ufeff" else start + 1

    def _start_of_line(self, position: int) -> int:
        """Return where the line that holds ``position`` begins; a line break belongs to the line that it ends."""
        if self.text[position - 1 : position + 1] == "\r\n":
            position -= 1
        return max((self.text.rfind(character, 0, position) + 1 for character in _BREAKS), default=0)

    def _end_of_line(self, position: int) -> int:
        found = _BREAK.search(self.text, position)
        return found.start() if found else len(self.text)

    def _next_line(self, position: int) -> int:
        found = _BREAK.search(self.text, position)
        return found.end() if found else len(self.text)

    @property
    def _line_break(self) -> str:
        found = re.search("\r\n|\n|\r", self.text)
        return found[0] if found else "\n"

    def _checked(self, text: str, name: str, expected: Scalar | None) -> YamlMapping:
        try:
            changed = YamlMapping(text, self._where, self._path)
            actual = changed.scalar(name)
        except VaultCorrupt:
            changed, actual = self, None
        kept = self._others(name) == changed._others(name)
        if changed is self or not kept or not _same(actual, expected):
            raise self._unchangeable()
        return changed

    def _others(self, name: str) -> list[tuple[Any, ...]]:
        return [_signature(self._rest), *(pair.signature() for pair in self._pairs if pair.name != name)]

    def _grown(self, text: str, position: int) -> YamlMapping:
        """Return the file with a text that has something new at a position, once all else is proven to be as it was."""
        end = position + len(text) - len(self.text)
        try:
            grown = YamlMapping(text, self._where, self._path)
            before, after = self._events(), grown._events()
        except VaultCorrupt:
            grown, before, after = self, None, None
        if before is None or after is None or _signature(before) != _signature(_outside(after, position, end)):
            raise self._unchangeable()
        return grown

    def _unchangeable(self) -> VaultCorrupt:
        return VaultCorrupt("variables_file_unchangeable", where=self._where)


def same_name(one: object, other: object) -> bool:
    """Tell whether two names differ in upper and lower case and surrounding white space at the most."""
    return str(one).strip().casefold() == str(other).strip().casefold()


def _name(step: Step) -> str:
    return step.text if isinstance(step, Item) else step


def _nodes(events: Sequence[Any]) -> list[Sequence[Any]]:
    """Return the events of each node of a list, or of each key and value of a mapping."""
    starts, depth = [], 0
    for number, event in enumerate(events):
        if depth == 0 and not isinstance(event, yaml.CollectionEndEvent):
            starts.append(number)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
    return [events[start:end] for start, end in pairwise([*starts, len(events)])]


def _pairs(events: Sequence[Any]) -> tuple[_Pair, ...]:
    nodes = _nodes(events)
    return tuple(_pair(key, value) for key, value in zip(nodes[::2], nodes[1::2], strict=True))


def _outside(events: Sequence[Any], start: int, end: int) -> list[Any]:
    """Return the events of all nodes but those that begin between two places in the text."""
    kept, depth = [], 0
    for event in events:
        step = isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        is_inside = step >= 0 and isinstance(event, yaml.NodeEvent) and start <= _index(event.start_mark) < end
        if depth or is_inside:
            depth += step
        else:
            kept.append(event)
    return kept


def _signature(events: Sequence[Any]) -> tuple[tuple[Any, ...], ...]:
    """Return all that events mean, and nothing of where they stand."""
    names = ("anchor", "tag", "implicit", "value", "flow_style", "style")
    return tuple((type(event), *(getattr(event, name, None) for name in names)) for event in events)


def _pair(key: Sequence[Any], value: Sequence[Any]) -> _Pair:
    name = key[0].value if isinstance(key[0], yaml.ScalarEvent) else None
    mark = key[0].start_mark
    return _Pair(name=name, key_start=_index(mark), column=mark.column, events=tuple(value))


def _is_unwritten_end(event: Any) -> bool:
    return isinstance(event, yaml.CollectionEndEvent) and _index(event.start_mark) == _index(event.end_mark)


def _column(mark: Any) -> int:
    column: int = mark.column
    return column


def _index(mark: Any) -> int:
    index: int = mark.index
    return index


def _same(actual: Scalar | None, expected: Scalar | None) -> bool:
    if actual is None or expected is None or not expected.is_vaulted:
        return actual == expected
    return actual.is_vaulted and actual.text.split() == expected.text.split()
