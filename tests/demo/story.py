# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the main job. Each says what happens, lets it happen, and checks that it did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from .interruption import Interruption
from .presentation import Screen
from .servers import PERSON, Servers
from .workplace import Failed, Workplace

DECLARATION = "group_vars/all/rotation.yml"
VARIABLES_FILE = "group_vars/all/ionos.yml"
ROTATE = "tokenops.ionos.rotate"
USE_TOKEN = "use_token.yml"
LINES_OF_CIPHERTEXT_SHOWN = 4


class Story:
    """The steps in their order: ``steps``."""

    def __init__(self, workplace: Workplace, servers: Servers, screen: Screen, interruption: Interruption) -> None:
        self._workplace = workplace
        self._servers = servers
        self._screen = screen
        self._interruption = interruption
        self.steps: tuple[Callable[[], None], ...] = (
            self.take_in_first_token,
            self.run_again,
            self.rotate,
            self.retire,
            self.use_token,
        )

    def declare(self) -> None:
        """Show what the team has written down."""
        self._screen.say(
            "A team needs one IONOS token. It lives in OpenBao, and a copy in a variables file that Ansible Vault "
            "encrypts. This is all that the team writes:"
        )
        lines = self._workplace.lines(DECLARATION)
        self._screen.file(DECLARATION, lines[1:])

    def take_in_first_token(self) -> None:
        """A person's token is adopted and written to both vaults."""
        self._screen.step("A first token, made by a person, is taken in")
        self._screen.say(
            f"{PERSON} creates a token for 30 days in the Token Manager of the DCD, once. The value is handed over in "
            "the environment variable NEW_IONOS_TOKEN; the run checks it and writes it to both vaults."
        )
        value = self._servers.create_token_in_dcd("30d")
        self._rotate(requests=["get"], tokens=1, secret_environment={"NEW_IONOS_TOKEN": value})
        self._show_variables_file()

    def run_again(self) -> None:
        """Nothing is due."""
        self._screen.step("The same run again changes nothing")
        self._screen.say("So it can run every day. While nothing is due, it costs one request to the API.")
        self._rotate(requests=["get"], tokens=1)

    def rotate(self) -> None:
        """The token is in its renewal window."""
        self._advance(timedelta(days=24), "24 days later: the token is rotated")
        self._screen.say(
            "Six days are left, and the declaration says to renew seven days before the end. The token mints its "
            "successor. The old one goes on working, since somebody may still be using it."
        )
        self._rotate(requests=["get", "get_user", "list", "generate", "get"], tokens=2)

    def retire(self) -> None:
        """The overlap is over."""
        self._advance(timedelta(days=1, hours=1), "A day later: the old token is retired")
        self._screen.say(
            "The overlap of one day is over and both vaults hold the new token, so the old one is deleted."
        )
        self._rotate(requests=["get", "get_user", "delete"], tokens=1)

    def use_token(self) -> None:
        """A playbook of the user's reads the token and calls the API."""
        self._screen.step("Any playbook uses the token, wherever it lives")
        self._screen.say("The lookup reads it from its vault at the moment that it is needed.")
        self._screen.file(USE_TOKEN, self._workplace.lines(USE_TOKEN)[1:])
        self._play(USE_TOKEN)
        self._expect(self._servers.operations_since(0)[-1] == "list", "The playbook did not reach the API.")

    def _rotate(self, *, requests: list[str], tokens: int, secret_environment: dict[str, str] | None = None) -> None:
        before = self._servers.operations_so_far()
        self._play(ROTATE, secret_environment)
        sent = self._servers.operations_since(before)
        listed = self._servers.tokens_in_dcd()
        self._screen.table("Requests that the API received", [(name, f"{n}x") for name, n in Counter(sent).items()])
        self._screen.table(f"Tokens in the Token Manager on {self._servers.today()}", listed)
        self._expect(sent == requests, f"Expected the requests {', '.join(requests)}.")
        self._expect(len(listed) == tokens, f"Expected {tokens} token(s) in the Token Manager.")

    def _play(self, playbook: str, secret_environment: dict[str, str] | None = None) -> None:
        self._workplace.play(
            playbook, self._servers, self._screen, self._interruption, secret_environment=secret_environment
        )

    def _advance(self, by: timedelta, heading: str) -> None:
        self._servers.advance(by)
        self._screen.step(heading)
        self._screen.say(f"(The demo has set the clocks of the API and of Ansible to {self._servers.today()}.)")

    def _show_variables_file(self) -> None:
        lines = self._workplace.lines(VARIABLES_FILE)[1 : 3 + LINES_OF_CIPHERTEXT_SHOWN]
        self._screen.file(f"{VARIABLES_FILE} ({self._workplace.mode(VARIABLES_FILE)})", [*lines, "          ..."])

    @staticmethod
    def _expect(condition: bool, otherwise: str) -> None:
        if not condition:
            raise Failed(otherwise)
