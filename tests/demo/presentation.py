# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the demo looks: captions, commands and their output, in colour on a terminal and plain elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

LONGEST_LINE = 100
OUTPUT_INDENT = "    "

BOLD, DIM, CYAN, GREEN, RED = "1", "2", "36", "32", "31"


class Screen:
    """Writes to standard output. *steps* is the number of steps that ``step`` counts up to."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._step = 0
        self.in_colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        columns = shutil.get_terminal_size((LONGEST_LINE, 24)).columns if sys.stdout.isatty() else LONGEST_LINE
        self._width = max(40, min(columns, LONGEST_LINE))

    def title(self, text: str) -> None:
        """Show the heading of it all."""
        self._write(self._styled(text, BOLD, CYAN), "")

    def step(self, text: str) -> None:
        """Show the heading of the next step."""
        self._step += 1
        self._write("", self._styled(f"{self._step}/{self._steps}  {text}", BOLD, CYAN), "")

    def heading(self, text: str) -> None:
        """Show a heading that is no step."""
        self._write("", self._styled(text, BOLD, CYAN), "")

    def say(self, text: str) -> None:
        """Show a paragraph, wrapped."""
        self._write(*textwrap.wrap(text, self._width, break_long_words=False, break_on_hyphens=False))

    def file(self, name: str, lines: Iterable[str]) -> None:
        """Show (a part of) a file."""
        self._write("", self._styled(name, BOLD), *((OUTPUT_INDENT + line).rstrip() for line in lines))

    def block(self, lines: Iterable[str]) -> None:
        """Show lines that can be copied, apart from the text."""
        self._write("", *(OUTPUT_INDENT + line for line in lines), "")

    def command(self, command: str) -> None:
        """Show a command as it is typed; its output follows."""
        self._write("", self._styled(f"$ {command}", BOLD, GREEN))

    def output(self, line: str) -> None:
        """Show one line that a command has written."""
        self._write((OUTPUT_INDENT + line).rstrip())

    def table(self, heading: str, rows: Sequence[tuple[str, str]]) -> None:
        """Show pairs of a name and a text, in columns."""
        width = max((len(name) for name, _text in rows), default=0)
        self._write(
            "", self._styled(heading, BOLD), *(f"{OUTPUT_INDENT}{name:<{width}}  {text}" for name, text in rows)
        )

    def failure(self, text: str) -> None:
        """Show why the demo did not come to its end."""
        self._write("", self._styled(text, BOLD, RED))

    def _styled(self, text: str, *styles: str) -> str:
        return f"\033[{';'.join(styles)}m{text}\033[0m" if self.in_colour else text

    @staticmethod
    def _write(*lines: str) -> None:
        # Flushed, so that whoever watches through a pipe sees each line when it is written.
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
