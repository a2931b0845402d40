# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runs that are searched for secrets, each made once and searched by many tests."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from emulator import EmulatorServer
from support.awx import AwxServer
from support.kubernetes_api import kubernetes_cluster
from support.leak_plays import (
    censored,
    declaration,
    failing_rotations,
    modules_by_environment,
    modules_by_option,
    planted,
    publications,
    rotation,
    unreachable_host,
)
from support.leak_site import LeakSite, Scene
from support.openbao_fixtures import OpenBao

LOUD = "-vvvvv"
# What ansible-core 2.19 and later add to messages when they are asked for it.
TRACEBACKS = {"ANSIBLE_DISPLAY_TRACEBACK": "always"}

NewSite = Callable[[], AbstractContextManager[LeakSite]]


@pytest.fixture(scope="session")
def new_site(tmp_path_factory: pytest.TempPathFactory, openbao: OpenBao) -> NewSite:
    """A function that returns a site of its own, to be used in ``with``."""

    @contextmanager
    def site() -> Iterator[LeakSite]:
        with EmulatorServer() as api, kubernetes_cluster() as cluster, AwxServer() as awx:
            yield LeakSite(tmp_path_factory.mktemp("leaks"), api, openbao, cluster, awx)

    return site


@pytest.fixture(scope="session")
def rotations(new_site: NewSite) -> dict[str, Scene]:
    """The life of declared tokens, a run each: predicted, first, rotated, retired, absent."""
    with new_site() as site:
        scenes = {
            "predicted": site.run(rotation(site), "--check", "--diff", LOUD),
            "first": site.run(rotation(site)),
        }
        site.advance(days=24)
        offers = {"taken": "{{ offered }}"}
        scenes["rotated"] = site.run(rotation(site, offers=offers), "--diff", LOUD, **TRACEBACKS)
        site.advance(days=1)
        scenes["retired"] = site.run(rotation(site), ANSIBLE_DEBUG="1")
        absent = [{**token, "state": "absent"} for token in declaration(site)["tokens"]]
        task = {"name": "Rotate", "tokenops.ionos.vaulted_tokens": declaration(site, tokens=absent)}
        scenes["absent"] = site.run(site.workspace.play(task), "--diff")
        return scenes


@pytest.fixture(scope="session")
def published(new_site: NewSite) -> Scene:
    """The role publishes a token with tasks of a user, who hides what these tasks are given."""
    with new_site() as site:
        return site.run(publications(site), LOUD, "--diff", ANSIBLE_DISPLAY_ARGS_TO_STDOUT="1", **TRACEBACKS)


@pytest.fixture(scope="session")
def failures(new_site: NewSite) -> Scene:
    """The action and the lookup fail, and say all they can."""
    with new_site() as site:
        return site.run(failing_rotations(site), LOUD, **TRACEBACKS)


@pytest.fixture(scope="session")
def quiet_failures(new_site: NewSite) -> Scene:
    """The same, with what is said by default."""
    with new_site() as site:
        return site.run(failing_rotations(site))


@pytest.fixture(scope="session")
def modules(new_site: NewSite) -> Scene:
    """The modules, with the credential in the environment."""
    with new_site() as site:
        credential = {"IONOS_TOKEN": site.secrets["issuer"], "IONOS_PASSWORD": site.password}
        return site.run(modules_by_environment(site), LOUD, "--diff", **credential)


@pytest.fixture(scope="session")
def modules_with_options(new_site: NewSite) -> Scene:
    """The modules, with secrets in their options."""
    with new_site() as site:
        return site.run(modules_by_option(site), LOUD, "--diff")


@pytest.fixture(scope="session")
def unreachable(new_site: NewSite) -> Scene:
    """A play for a host that cannot be reached."""
    with new_site() as site:
        credential = {"IONOS_TOKEN": site.secrets["issuer"]}
        return site.run(unreachable_host(site), LOUD, "-i", "nowhere,", **credential)


@pytest.fixture(scope="session")
def hidden(new_site: NewSite) -> Scene:
    """A run in which ``ANSIBLE_NO_LOG`` hides all results."""
    with new_site() as site:
        return site.run(censored(site), LOUD, ANSIBLE_NO_LOG="true")


@pytest.fixture(scope="session")
def job(new_site: NewSite) -> Scene:
    """A job of ansible-runner with the collection's playbook; no secret is in its environment."""
    with new_site() as site:
        folder = site.workspace.folder / "runner"
        options = {f"token_rotation_{name}": value for name, value in declaration(site).items()}
        site.workspace.write("runner/inventory/hosts", "localhost ansible_connection=local\n")
        site.workspace.write("runner/inventory/group_vars/all/tokens.yml", options)
        site.workspace.write("runner/inventory/group_vars/all/secrets.yml", site.secrets_file.read_text())
        site.workspace.write("runner/project/README", "The playbook is the collection's.\n")
        site.workspace.write("runner/env/cmdline", " ".join(["-vvvvv", *site.passwords]))
        playbook = ["--playbook", "tokenops.ionos.rotate", "--ident", "job"]
        return site.run_command([sys.executable, "-m", "ansible_runner", "run", str(folder), *playbook])


@pytest.fixture(scope="session")
def leaky(new_site: NewSite) -> Scene:
    """A run that leaks a canary of its own into each place that is searched."""
    with new_site() as site:
        return site.run(planted(site), ANSIBLE_DISPLAY_FAILED_STDERR="true")
