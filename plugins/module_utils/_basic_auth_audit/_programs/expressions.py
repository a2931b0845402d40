# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a value stands that is an expression, as Terraform, Packer and programs have them.

A text in quotes is plain and anything else leads somewhere else, but for texts that functions hand through, or that are
taken where there is nothing else.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import (
    PLAIN,
    REFERENCE,
    storage_of,
)

MAXIMUM_EXPRESSION = 1_000
MAXIMUM_VALUE = 500
MAXIMUM_DEPTH = 6

# A text, a mark that structures a program, or what stands between these.
PART = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*(?:\"|\\?(?=\n|\Z))|'(?:[^'\\\n]|\\.)*(?:'|\\?(?=\n|\Z))"
    r"|`[^`]*(?:`|\Z)|[()\[\]{},;]|[^\"'`()\[\]{},;]+",
    re.DOTALL,
)
CLOSING = {"(": ")", "[": "]", "{": "}"}

_TOKEN = re.compile(
    r"\s+|(?P<heredoc><<-?\s*(?P<mark>\w+)[^\n]*\n(?P<lines>.*))"
    r"|(?P<prefix>[A-Za-z]{0,2})(?P<string>\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z)|'(?:[^'\\]|\\.)*(?:'|\\?\Z)|`[^`]*(?:`|\Z))"
    r"|(?P<word>[A-Za-z_$@][\w.$:-]*|\d[\w.]*)|(?P<template>\{\{)|(?P<mark_of_other>\|\||\?\?|\?:|.)",
    re.DOTALL,
)
_NOTHING = frozenset(
    {"None", "null", "nil", "NULL", "undefined", "true", "false", "True", "False", "string", "str", "String", "number"}
    | {"boolean", "any", "bool", "object", "unknown", "Option"}
)
# What these are given is what they return; the first argument that is there, or the value of a text in other clothes.
_HANDS_THROUGH = re.compile(
    r"(?:non)?sensitive|coalesce|try|to_?string|trim(?:space)?|chomp|strip|lower|(?:base64|b64)?encode|[Ss]tr(?:ing)?|bytes?"
    r"|(?:String|To)Ptr|PtrString|Some|cast|[Ss]ecret(?:Str)?|StringInput|[Oo]utput|of|from"
)
# These look something up by the first argument, or by the first two, and return the last if they find nothing.
_LOOKUPS = re.compile(r"(?:[Gg]et)?[Ee]nv|get(?:OrDefault)?|fetch|(?P<of_two>lookup)")
_READER_OF_SECTIONS = re.compile(r"(?:conf|cfg|config|parser|ini)\.get$", re.IGNORECASE)
_ALTERNATIVES = frozenset({"or", "||", "??", "?:", ":"})
_OPENING = {"(": ")", "[": "]", "{": "}"}


class _Token(NamedTuple):
    """A piece of an expression; ``stored_as`` is how a text in quotes stands, or None for what is no text."""

    text: str
    is_string: bool = False
    stored_as: str | None = None


def storage_of_expression(text: str, depth: int = 0) -> str | None:
    """Return how the value of an expression stands, or None if it is empty or says that there is none."""
    tokens = list(_tokens(text[:MAXIMUM_EXPRESSION]))
    if not tokens or depth > MAXIMUM_DEPTH:
        return REFERENCE if tokens else None
    if len(tokens) == 1:
        [token] = tokens
        if token.is_string:
            return token.stored_as
        return None if token.text in _NOTHING else PLAIN if token.text[:1].isdigit() else REFERENCE
    if [token.text for token in tokens[:2]] == ["[", "]"]:
        # A type of Go in front of its value.
        return storage_of_expression(_text_of(tokens[2:]), depth + 1)
    call = _call(tokens)
    if call is not None:
        return _storage_of_call(*call, depth)
    return PLAIN if _has_plain_alternative(tokens) else REFERENCE


def value_at(text: str, start: int) -> str:
    """Return the expression that begins somewhere, up to what ends it, in a program."""
    closing = 0
    for match in PART.finditer(text, start, start + MAXIMUM_VALUE):
        part = match.group()
        closing += (part in CLOSING) - (part in ")]}")
        if closing < 0 or (closing == 0 and part in ",;"):
            return text[start : match.start()]
        if closing == 0 and "\n" in part and part[0] != "`" and text[start : match.end()].strip():
            return text[start : match.start() + part.index("\n")]
    return text[start : start + MAXIMUM_VALUE]


def _text_of(tokens: list[_Token]) -> str:
    return " ".join(token.text for token in tokens)


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        if match.group("heredoc") is not None:
            yield _Token("", True, REFERENCE if "${" in match.group("lines") else PLAIN)
        elif match.group("string") is not None:
            stored_as = _storage_of_string(match.group("prefix"), match.group("string"))
            yield _Token(match.group("prefix") + match.group("string"), True, stored_as)
        elif not match.group().isspace():
            yield _Token(match.group())


def _storage_of_string(prefix: str, string: str) -> str | None:
    content = string[1:-1] if string[-1:] == string[:1] and len(string) > 1 else string[1:]
    if not content:
        return None
    if "#{" in content or ("f" in prefix.lower() and "{" in content):
        return REFERENCE
    return storage_of(content)


def _call(tokens: list[_Token]) -> tuple[str, list[list[_Token]]] | None:
    """Return the name and the arguments if the whole of it is one call."""
    is_call = not tokens[0].is_string and tokens[0].text[:1].isalpha() and tokens[1].text == "("
    if not is_call or tokens[1].is_string:
        return None
    arguments: list[list[_Token]] = [[]]
    closing = [")"]
    for position, token in enumerate(tokens[2:], 2):
        mark = "" if token.is_string else token.text
        if mark == closing[-1]:
            closing.pop()
            if not closing:
                return (tokens[0].text, arguments) if position == len(tokens) - 1 else None
        elif mark in _OPENING:
            closing.append(_OPENING[mark])
        if mark == "," and len(closing) == 1:
            arguments.append([])
        else:
            arguments[-1].append(token)
    return tokens[0].text, arguments


def _storage_of_call(name: str, arguments: list[list[_Token]], depth: int) -> str | None:
    base = name.replace(":", ".").rpartition(".")[2]
    if _HANDS_THROUGH.fullmatch(base):
        found = [storage_of_expression(_text_of(part), depth + 1) for part in arguments if part]
        return PLAIN if PLAIN in found else REFERENCE if REFERENCE in found else None
    lookup = _LOOKUPS.fullmatch(base)
    if lookup is not None and not _READER_OF_SECTIONS.search(name):
        others = arguments[2 if lookup.group("of_two") else 1 :]
        if any(part[0].stored_as == PLAIN for part in others if len(part) == 1):
            return PLAIN
    return REFERENCE


def _has_plain_alternative(tokens: list[_Token]) -> bool:
    return any(
        after.stored_as == PLAIN and not before.is_string and before.text in _ALTERNATIVES
        for before, after in zip(tokens, tokens[1:])
    )
