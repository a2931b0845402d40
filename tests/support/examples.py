# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation: the blocks of the README and the guides, and ``EXAMPLES`` of the plugins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
PATTERNS = ("*.md", "roles/*/README.md", "docs/docsite/rst/*.rst", "plugins/modules/*.py", "plugins/lookup/*.py")
PROMPT = "$ "

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. code-block:: *(?P<language>\w*)\n(?P<text>(?:(?P=indent) +\S.*\n|[ ]*\n)+)", re.MULTILINE
)
_DOCUMENTED = re.compile(r'^EXAMPLES = r"""\n(?P<text>.*?)^"""$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One block.

    :ivar document: its file, from the root of the repository.
    """

    document: str
    language: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that the block is to be, which its first line names; None if it is no file."""
        named = re.match(r"# ([~\w./-]+)\n", self.text)
        return named[1] if named else None

    @property
    def commands(self) -> str:
        """What is typed: the lines with a prompt, or every line where there is no prompt."""
        typed = [line.removeprefix(PROMPT) for line in self.text.splitlines() if line.startswith(PROMPT)]
        return "\n".join(typed) or self.text

    @property
    def shown(self) -> list[str]:
        """What a reader is told to see, in order: the other lines, taken apart at each ``...``."""
        if PROMPT not in self.text:
            return []
        lines = [line for line in self.text.splitlines() if not line.startswith(PROMPT)]
        return [part.strip() for line in lines for part in line.split("...") if part.strip()]

    def __str__(self) -> str:
        """The block's first line and where it stands, for a test that fails."""
        return f"{self.document}: {self.text.splitlines()[0]}"


def documents() -> list[str]:
    """Return every file that has examples, from the root of the repository."""
    paths = [path for pattern in PATTERNS for path in sorted(ROOT.glob(pattern))]
    names = [str(path.relative_to(ROOT)) for path in paths]
    return [name for name in names if examples_of(name)]


def examples_of(document: str) -> list[Example]:
    """Return the blocks of a document in their order, without the indentation of a list that they stand in."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [
        Example(document, language, dedent(block).strip("\n") + "\n") for language, block in _blocks(document, text)
    ]


def _blocks(document: str, text: str) -> Iterator[tuple[str, str]]:
    if document.endswith(".py"):
        yield from (("yaml", found["text"]) for found in _DOCUMENTED.finditer(text))
        return
    pattern = _FENCE if document.endswith(".md") else _DIRECTIVE
    yield from ((found["language"], found["text"]) for found in pattern.finditer(text))


def example_with(document: str, words: str) -> Example:
    """Return the one block of a document that has these words."""
    [found] = [example for example in examples_of(document) if words in example.text]
    return found
