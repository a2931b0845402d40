# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs and scripts are made of: code, comments, and texts that only a reader of them sees."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import NamedTuple, Pattern

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.comments import Comment

_ENDINGS = {
    "python": re.compile(r".*\.py[iw]?"),
    "braces": re.compile(
        r".*\.(?:go|[mc]?js|jsx|[mc]?ts|tsx|vue|java|kts?|scala|groovy|gradle|cs|fs|vb|php|rs|swift|dart|cc?|cpp|h|hpp)"
        r"|(?:.*/)?jenkinsfile[^/]*"
    ),
    "hash": re.compile(r".*\.(?:rb|p[lm]|cr|exs?|r|jl|lua|nim|coffee)"),
    "powershell": re.compile(r".*\.ps[md]?1"),
    "shell": re.compile(r".*\.(?:bash|bats|command|fish|ksh|sh|zsh)"),
}
_SHEBANG = re.compile(r"#!\s*\S*/(?:env\s+(?:-\S+\s+)*)?(?P<name>[a-z]+)")
_SHEBANGS = {
    "python": "python",
    "node": "braces",
    "php": "braces",
    "ruby": "hash",
    "perl": "hash",
    "pwsh": "powershell",
}
_SHELLS = frozenset({"sh", "bash", "zsh", "ksh", "dash", "ash", "bats", "fish"})

# A text that is a statement of its own, or goes to somebody who reads it.
_DOCUMENTATION_BEFORE = re.compile(
    r"(?:^|[;:{(\[,])\s*[rRuUbB]{0,2}$"
    r"|(?:^|[^\w.])(?:DOCUMENTATION|EXAMPLES|RETURN|__doc__|[A-Z_]{0,40}(?:USAGE|HELP|DESCRIPTION|EPILOG|README|DOC|DOCS))"
    r"\s*=\s*[rRuU]{0,2}$"
    r"|(?:print|help|description|epilog|usage|Error|Exception|dedent|echo|doc)\s*[=(]\s*[rRfFuU]{0,2}$"
)
_MESSAGE = re.compile(r"\s*@?(?:echo|printf|print|log\w*|die|err\w*|warn\w*|info|usage|fail\w*|abort|msg\w*)\b")
_WRITER = re.compile(r"\s*(?:cat|echo|usage|info|log\w*|warn\w*|err\w*)\b")
_USED_VARIABLE = re.compile(r"(?<!\\)\$\{?\w{1,100}")
_TO_A_FILE = re.compile(r"(?:^|[^>&0-9=-])>{1,2}(?!\s*&|\s*/dev/(?:stderr|stdout|tty))|\||\$\(")
_HERE_DOCUMENT = re.compile(r"<<-?\s*[\"']?(?P<mark>[A-Za-z_]\w{0,40})[\"']?")


class _Syntax(NamedTuple):
    """How a family of languages writes comments and texts.

    :ivar starts: what begins one of either.
    :ivar line_comments: what begins a comment that ends with the line.
    :ivar long: what begins and ends a text of several lines.
    """

    starts: Pattern[str]
    line_comments: tuple[str, ...]
    long: tuple[str, ...]


_SYNTAXES = {
    "python": _Syntax(re.compile(r"#|\"\"\"|'''|\"|'"), ("#",), ('"""', "'''")),
    "braces": _Syntax(re.compile(r"//|/\*|\"\"\"|\"|'|`"), ("//",), ('"""', "`")),
    "hash": _Syntax(re.compile(r"#|\"|'"), ("#",), ()),
    "powershell": _Syntax(re.compile(r"<#|#|\"|'"), ("#",), ()),
}
_ENDS = {
    '"': re.compile(r"\\.|\"|\n", re.DOTALL),
    "'": re.compile(r"\\.|'|\n", re.DOTALL),
    "`": re.compile(r"`"),
    '"""': re.compile(r"\\.|\"\"\"", re.DOTALL),
    "'''": re.compile(r"\\.|'''", re.DOTALL),
    "/*": re.compile(r"\*/"),
    "<#": re.compile(r"#>"),
    "//": re.compile(r"\n"),
    "#": re.compile(r"\n"),
}


_BLOCK_COMMENTS = ("/*", "<#")


@dataclass(frozen=True)
class Separated:
    """The code of a text with as many lines as before, and its comments."""

    code: str
    comments: list[Comment]


def language_of(path: str, text: str) -> str | None:
    """Return the family of languages that a program is written in, ``shell``, or None for what is neither.

    :param path: its path, without the ending of a template.
    """
    name = path.lower()
    for language, endings in _ENDINGS.items():
        if endings.fullmatch(name):
            return language
    shebang = _SHEBANG.match(text[:200])
    interpreter = shebang.group("name") if shebang else ""
    return "shell" if interpreter in _SHELLS else _SHEBANGS.get(interpreter)


def separate_program(text: str, language: str) -> Separated:
    """Return the code of a program without comments and without what documents it, and the comments.

    :param language: a family, but not ``shell``.
    """
    syntax = _SYNTAXES[language]
    code: list[str] = []
    comments: list[Comment] = []
    position = line = 0
    while position < len(text):
        start = syntax.starts.search(text, position)
        if start is None:
            break
        code.append(text[position : start.start()])
        line += text.count("\n", position, start.start())
        mark = start.group()
        end = _end_of(text, start.end(), mark)
        part = text[start.start() : end]
        if mark in syntax.line_comments or mark in _BLOCK_COMMENTS:
            code.append("\n" * part.count("\n"))
            if not part.startswith("///"):
                comments.append(Comment(line + 1, _body(part, mark)))
        elif mark in syntax.long and "\n" in part and _is_documentation(text, start.start()):
            code.append(mark + "\n" * part.count("\n") + mark)
        else:
            code.append(part)
        line += part.count("\n")
        position = end
    code.append(text[position:])
    return Separated("".join(code), _joined(comments))


def without_messages(code: str) -> str:
    """Return a shell script, line for line, without what it writes for people: usage, hints and errors."""
    lines = code.split("\n")
    mark = ""
    for index, line in enumerate(lines):
        if mark:
            lines[index] = _used_in(line)
            mark = "" if line.strip() == mark else mark
            continue
        here = _HERE_DOCUMENT.search(line) if "<<" in line else None
        if here is not None and _WRITER.match(line) and "<<<" not in line and not _goes_elsewhere(line):
            mark = here.group("mark")
        elif _MESSAGE.match(line) and not _goes_elsewhere(line):
            lines[index] = _used_in(line)
    return "\n".join(lines)


def _end_of(text: str, position: int, mark: str) -> int:
    """Return where what begins with a mark ends; a text of one line that nothing closes ends with its line."""
    for match in _ENDS[mark].finditer(text, position):
        found = match.group()
        if found.startswith("\\"):
            continue
        return match.start() if found == "\n" else match.end()
    return len(text)


def _body(comment: str, mark: str) -> str:
    if mark == "<#":
        return comment[2:].rstrip("#>")
    if mark != "/*":
        return comment.lstrip("#/!")
    inner = comment[2:-2] if comment.endswith("*/") else comment[2:]
    return textwrap.dedent("\n".join(re.sub(r"^\s*\*+", "", line) for line in inner.split("\n")))


def _joined(comments: list[Comment]) -> list[Comment]:
    """Return comments with those in neighbouring lines put together."""
    blocks: list[tuple[int, list[str]]] = []
    next_line = 0
    for comment in comments:
        if not blocks or comment.line != next_line:
            blocks.append((comment.line, []))
        blocks[-1][1].append(comment.text)
        next_line = comment.line + comment.text.count("\n") + 1
    return [Comment(line, textwrap.dedent("\n".join(bodies))) for line, bodies in blocks]


def _is_documentation(text: str, start: int) -> bool:
    """Tell whether a text of several lines that begins somewhere is there to be read."""
    line = text[max(text.rfind("\n", 0, start) + 1, start - 200) : start]
    return not line.strip() or _DOCUMENTATION_BEFORE.search(line) is not None


def _used_in(line: str) -> str:
    """Return the variables that a message has in it."""
    return " ".join(_USED_VARIABLE.findall(line))


def _goes_elsewhere(line: str) -> bool:
    return _TO_A_FILE.search(line) is not None
