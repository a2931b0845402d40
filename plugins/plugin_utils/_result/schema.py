# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing mappings of plain types by the annotations of a dataclass, which is thereby their one schema.

A field of a dataclass that has another name in the mapping says so in its metadata, under ``key``.
Fields that the dataclass does not have are ignored, whatever they hold, and text that looks like a token is masked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Annotated, Any, Final, TypeVar, cast, get_args, get_origin, get_type_hints

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant

MAXIMUM_SENTENCES_LENGTH = 2000
"""Characters of a text that may hold several sentences."""

_WEB_ADDRESS = re.compile(r"https://[A-Za-z0-9._~:/?#@!$&()*+,;=%-]{1,500}")

Schema = TypeVar("Schema")


@dataclass(frozen=True)
class Codec:
    """How one value is read from plain types and written to them.

    :ivar read: takes the value and where it stands; raises ConfigurationError ``report_input_invalid``.
    """

    read: Callable[[Any, str], Any]
    write: Callable[[Any], Any] = lambda value: value


def read(schema: type[Schema], value: object, where: str) -> Schema:
    """Return an instance of the dataclass ``schema`` for a mapping; null and absent are the same.

    :param where: what the mapping is called in messages.
    :raises ConfigurationError: ``report_input_invalid``.
    """
    if not isinstance(value, Mapping):
        raise invalid(where, "it is not a mapping")
    return schema(**{member.name: member.read(value, where) for member in _members(cast(Any, schema))})


def write(instance: object) -> dict[str, Any]:
    """Return the mapping from which :func:`read` makes an equal instance."""
    return {member.key: member.write(instance) for member in _members(cast(Any, type(instance)))}


def invalid(where: str, problem: str) -> ConfigurationError:
    """Return the error for a value that cannot be read; the value itself is not shown.

    :param problem: what is wrong with it, as the end of a sentence.
    """
    return ConfigurationError("report_input_invalid", where=where, problem=problem)


@dataclass(frozen=True)
class _Member:
    """One field of a schema."""

    name: str
    key: str
    codec: Codec
    default: Any

    def read(self, entry: Mapping[str, Any], where: str) -> Any:
        value = entry.get(self.key)
        if value is not None:
            return self.codec.read(value, f"{where}.{self.key}")
        if self.default is MISSING:
            raise invalid(f"{where}.{self.key}", "it is missing or empty")
        return self.default

    def write(self, instance: object) -> Any:
        value = getattr(instance, self.name)
        return None if value is None else self.codec.write(value)


@cache
def _members(schema: Any) -> tuple[_Member, ...]:
    hints = get_type_hints(schema, include_extras=True)
    return tuple(
        _Member(item.name, item.metadata.get("key", item.name), _codec(hints[item.name]), item.default)
        for item in fields(schema)
    )


def _codec(hint: Any) -> Codec:
    if get_origin(hint) is Annotated:
        return cast(Codec, hint.__metadata__[0])
    if get_origin(hint) is tuple:
        return _list_of(_codec(get_args(hint)[0]))
    if is_dataclass(hint):
        schema = cast("type[Any]", hint)
        return Codec(lambda value, where: read(schema, value, where), write)
    (inner,) = (part for part in get_args(hint) if part is not NoneType)
    return _codec(inner)


def _list_of(item: Codec) -> Codec:
    def read_list(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise invalid(where, "it is not a list")
        return tuple(item.read(element, f"{where}[{number}]") for number, element in enumerate(value))

    return Codec(read_list, lambda value: [item.write(element) for element in value])


def _text(maximum_length: int | None = None) -> Callable[[Any, str], str]:
    def read_text(value: Any, where: str) -> str:
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            raise invalid(where, "it is not a text")
        return shown(value) if maximum_length is None else shown(value, maximum_length)

    return read_text


def _name(value: Any, where: str) -> str:
    name = _text()(value, where)
    if not name:
        raise invalid(where, "it is missing or empty")
    return name


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise invalid(where, "it is not true or false")
    return value


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**11:
        raise invalid(where, "it is not a whole number from zero")
    return value


def _instant(value: Any, where: str) -> int:
    seconds = parse_instant(value)
    if seconds is None:
        raise invalid(where, "it is not a date and time")
    return seconds


def _web_address(value: Any, where: str) -> str | None:
    text = _text()(value, where)
    return text if _WEB_ADDRESS.fullmatch(text) else None


SENTENCES: Final = Codec(_text(MAXIMUM_SENTENCES_LENGTH))

Name = Annotated[str, Codec(_name)]
Text = Annotated[str, Codec(_text())]
Sentences = Annotated[str, SENTENCES]
Flag = Annotated[bool, Codec(_flag)]
Count = Annotated[int, Codec(_count)]
Instant = Annotated[int, Codec(_instant, format_instant)]
"""Seconds since the epoch; written in ISO 8601, UTC."""
Number = Annotated[str, Codec(_text(), int)]
"""A number that is only an identifier, such as that of a contract."""
WebAddress = Annotated[str, Codec(_web_address)]
"""An address that is safe as a link; anything else is read as None."""
