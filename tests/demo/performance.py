# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo from its first line to its last, whatever ends it."""

from __future__ import annotations

import os
import signal
import sys

from .interruption import Interrupted, Interruption
from .presentation import Screen
from .processes import adopt_orphans, end_children
from .servers import Servers, running_servers
from .story import DECLARATION, VARIABLES_FILE, Story
from .workplace import Failed, Workplace

EXIT_OF_SIGNAL = 128
STEPS = 5
FOR_A_REAL_ACCOUNT = (
    "make build",
    "ansible-galaxy collection install tokenops-ionos-*.tar.gz",
    "python3 -m pip install -r requirements.txt",
    "cp -r tests/demo/project ~/ionos-tokens",
    "cd ~/ionos-tokens",
    "(umask 077; python3 -c 'import secrets; print(secrets.token_urlsafe())' > vault-password)",
    "export VAULT_ADDR=https://bao.example.com:8200       # yours",
    "read -rsp 'Token of OpenBao: ' VAULT_TOKEN",
    "read -rsp 'Token from the Token Manager: ' NEW_IONOS_TOKEN",
    "export VAULT_TOKEN NEW_IONOS_TOKEN",
    "ansible-playbook tokenops.ionos.rotate",
    "unset NEW_IONOS_TOKEN                                # every run after this one goes without it",
)


def perform(interruption: Interruption) -> int:
    """Show everything; return 0, 1 where a step failed, or 128 and the number of the signal that ended it."""
    adopt_orphans()
    screen = Screen(STEPS)
    try:
        return _perform(screen, interruption)
    except BrokenPipeError:
        # Nobody reads any more. Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OF_SIGNAL + signal.SIGPIPE
    finally:
        end_children()


def _perform(screen: Screen, interruption: Interruption) -> int:
    workplace = Workplace()
    try:
        with running_servers(workplace.servers) as servers:
            _tell(workplace, servers, screen, interruption)
    except Interrupted as signal_that_came:
        screen.failure(f"Ended by {signal_that_came}. What was written lies in {workplace.directory}")
        return EXIT_OF_SIGNAL + signal_that_came.number
    except Failed as reason:
        screen.failure(f"{reason} What was written lies in {workplace.directory}")
        return 1
    _say_where_it_lies(screen, workplace)
    _say_how_it_goes_on(screen)
    return 0


def _tell(workplace: Workplace, servers: Servers, screen: Screen, interruption: Interruption) -> None:
    screen.title("tokenops.ionos: a token that rotates itself")
    screen.say(
        f"Everything happens on this machine: an emulator of the IONOS Auth API at {servers.emulator.url}, OpenBao at "
        f"{servers.openbao.url}, and ansible-playbook with this collection."
    )
    story = Story(workplace, servers, screen, interruption)
    story.declare()
    for step in story.steps:
        interruption.check()
        step()
    interruption.check()


def _say_where_it_lies(screen: Screen, workplace: Workplace) -> None:
    screen.heading("Where it lies")
    screen.say("Both servers are gone. These files stay until you remove them:")
    screen.table(
        str(workplace.directory),
        [
            ("project/", "the playbooks and the settings"),
            (f"project/{DECLARATION}", "the declaration"),
            (f"project/{VARIABLES_FILE}", "the encrypted token"),
            ("project/vault-password", "what it is encrypted with"),
            ("servers/openbao/server.log", "what OpenBao said"),
        ],
    )


def _say_how_it_goes_on(screen: Screen) -> None:
    screen.heading("With a real account")
    screen.say("With the same project, from this checkout, where ansible-core is installed, line by line in bash:")
    screen.block(FOR_A_REAL_ACCOUNT)
    screen.say("README.md has the shortest way, which needs no OpenBao, and how to run it every day.")
