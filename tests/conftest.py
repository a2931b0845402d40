# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the checkout importable as ``ansible_collections.tokenops.ionos``; keep the user's settings out of the tests."""

from __future__ import annotations

import faulthandler
import ipaddress
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

ROOT = Path(__file__).resolve().parents[1]
# What would change what the code under test does, were it set where the tests are run.
FOREIGN_SETTINGS = ("ANSIBLE_", "AWS_", "AWX_", "BAO_", "CONTROLLER_", "IONOS_", "KUBECONFIG", "TOWER_", "VAULT_")
PROXY_SETTINGS = ("all_proxy", "ftp_proxy", "http_proxy", "https_proxy", "no_proxy")
SHARING_FOLDERS = ("tests/leaks/",)
# What pytest has not captured.
STDERR = pytest.StashKey[int]()
CA_SETTINGS = ("curl_ca_bundle", "requests_ca_bundle", "ssl_cert_dir", "ssl_cert_file")


def collections_parent() -> Path:
    """Return where to import ``ansible_collections`` from: the real tree around ROOT, or else a symlinked one."""
    if ROOT.parts[-3:] == ("ansible_collections", "tokenops", "ionos"):
        return ROOT.parents[2]
    link = ROOT / ".cache" / "ansible_collections" / "tokenops" / "ionos"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("../../..")
    return ROOT / ".cache"


def forget_foreign_settings() -> None:
    """Remove the user's own settings of Ansible, vaults, proxies and certificates from the environment."""
    for name in list(os.environ):
        if name.startswith(FOREIGN_SETTINGS) or name.lower() in (*PROXY_SETTINGS, *CA_SETTINGS):
            del os.environ[name]


def refuse_other_hosts(event: str, arguments: tuple[object, ...]) -> None:
    """Raise PermissionError on a connection to another machine. An audit hook, since no library gets past it."""
    if event != "socket.connect":
        return
    host = arguments[1][0] if isinstance(arguments[1], tuple) else None
    if isinstance(host, str) and not _is_loopback(host):
        raise PermissionError(f"A test tried to reach {host}: tests talk to loopback only.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


for directory in (ROOT / "tests", collections_parent()):
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
# ansible-test keeps the user's settings out by itself, and its pytest plugins need the variables that it sets.
if "ANSIBLE_CONTROLLER_MIN_PYTHON_VERSION" not in os.environ:
    forget_foreign_settings()
    # A fixture of the session that modules import would start a server for each of them.
    pytest_plugins = ["support.openbao_fixtures"]
sys.addaudithook(refuse_other_hosts)
# No test fails because the machine is busy. All else is left to hypothesis, which is repeatable where CI is set.
set_hypothesis_home_dir(ROOT / ".cache" / "hypothesis")
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known to ansible-test too, which has a configuration of its own."""
    config.stash[STDERR] = os.dup(2)
    config.addinivalue_line(
        "markers", "heavy: takes long or needs much of the machine; left out of `make test`, part of `make test-all`"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """End a run that hangs while it looks for tests, as pytest does while they run: some cases are found by a run."""
    seconds = float(session.config.getini("faulthandler_timeout"))
    if seconds:
        faulthandler.dump_traceback_later(seconds, exit=True, file=session.config.stash[STDERR])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the files of a folder that share what takes long to make to one worker; with ``--dist loadfile`` only."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class FolderScheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            return next((folder for folder in SHARING_FOLDERS if file.startswith(folder)), file)

    return FolderScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _empty_home(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give everything that the tests start a home directory without the user's settings."""
    os.environ["HOME"] = str(tmp_path_factory.mktemp("home"))
