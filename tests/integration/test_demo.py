# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo as its user meets it: what it tells, what it must not tell, and what it leaves behind."""

from __future__ import annotations

import base64
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from emulator import EmulatorServer
from support.emulator_fixtures import emulator
from support.openbao_fixtures import ROOT_TOKEN, OpenBao

__all__ = ["emulator"]

ROOT = Path(__file__).resolve().parents[2]
STEPS = 5
SECONDS_FOR_ALL = 180
SECONDS_AFTER_SIGNAL = 30
JWT_BEGINNING = re.compile(r"eyJ[A-Za-z0-9_-]{8,}")
# Settings that a user may have, each of which would break a run that took notice of it.
USERS_SETTINGS = {
    "ANSIBLE_CALLBACKS_ENABLED": "nowhere.nothing.callback",
    "ANSIBLE_COLLECTIONS_PATH": "/nonexistent",
    "ANSIBLE_CONFIG": "/nonexistent/ansible.cfg",
    "ANSIBLE_FORCE_COLOR": "1",
    "ANSIBLE_INVENTORY": "/nonexistent/inventory",
    "ANSIBLE_STDOUT_CALLBACK": "nowhere.nothing.callback",
    "ANSIBLE_STRATEGY": "nowhere.nothing.strategy",
    "ANSIBLE_VAULT_PASSWORD_FILE": "/nonexistent/password",
    "IONOS_API_URL": "http://127.0.0.1:9",
    "IONOS_TOKEN": "not-a-token",
    "SHIFTED_CLOCK_FILE": "/nonexistent/shift",
    "VAULT_ADDR": "http://127.0.0.1:9",
    "VAULT_NAMESPACE": "elsewhere",
    "VAULT_TOKEN": "not-a-token",
    "http_proxy": "http://127.0.0.1:9",
}


class Demo:
    """The demo in a process group of its own, with an empty home and an empty directory for temporary files."""

    def __init__(self, directory: Path, **settings: str) -> None:
        self.home, self.temporary = directory / "home", directory / "tmp"
        self.home.mkdir()
        self.temporary.mkdir()
        self._environment = {
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TERM": "xterm",
            "TMPDIR": str(self.temporary),
            **settings,
        }

    @contextmanager
    def running(self, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
        """Run it; what it writes can be read from the process."""
        with subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "demo" / "demo.py")],
            cwd=self.home,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def work_directory(self) -> Path:
        """The only thing that it may leave."""
        [left] = self.temporary.iterdir()
        return left

    def processes(self) -> list[str]:
        """The command lines of the processes that belong to it, found by the directory in their environment."""
        marker = str(self.temporary).encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if marker in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
        return found


@dataclass
class Told:
    """A demo that came to its end."""

    demo: Demo
    code: int
    output: str
    processes_left: list[str]

    @property
    def project(self) -> Path:
        """The project in its work directory."""
        return self.demo.work_directory / "project"

    def secrets(self) -> list[str]:
        """The demo's own secrets: the vault password, the token that the vaults hold, the token of OpenBao."""
        password = (self.project / "vault-password").read_text(encoding="utf-8").strip()
        return [password, _variable(self.project / "group_vars/all/ionos.yml", "ionos_token", password), ROOT_TOKEN]


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo, not yet started, in a directory with a short path, since Ansible puts sockets below it."""
    return Demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The whole demo, started by somebody with a lot of settings."""
    demo = Demo(tmp_path_factory.mktemp("demo"), **USERS_SETTINGS)
    with demo.running() as process:
        output, _nothing = process.communicate(timeout=SECONDS_FOR_ALL)
    return Told(demo, process.returncode, output, demo.processes())


def test_it_comes_to_its_end_whatever_the_user_has_set(told: Told) -> None:
    assert told.code == 0, told.output


@pytest.mark.parametrize(
    ("step", "landmarks"),
    [
        (1, ["A first token", "terraform: working", "(adopted: ", "get  1x", "ionos_token: !vault |"]),
        (2, ["The same run again", "terraform: working", "changed=0", "get  1x"]),
        (3, ["24 days later", "set the clocks", "terraform: working", "(rotated: ", "generate  1x"]),
        (4, ["A day later", "set the clocks", "terraform: working", "(retired: ", "delete    1x"]),
        (5, ["Any playbook", "Status 200", "The same token: True"]),
    ],
)
def test_it_tells_the_main_job_step_by_step(told: Told, step: int, landmarks: list[str]) -> None:
    told_there = told.output.partition(f"\n{step}/{STEPS}  ")[2].partition(f"\n{step + 1}/{STEPS}  ")[0]
    positions = [told_there.find(landmark) for landmark in landmarks]
    assert -1 not in positions
    assert positions == sorted(positions)


def test_the_old_token_is_listed_until_its_overlap_is_over(told: Told) -> None:
    steps = re.split(r"^\d/\d  ", told.output, flags=re.MULTILINE)[1:]
    listed = [set(re.findall(r"^ +([0-9a-f-]{36})  created", step, re.MULTILINE)) for step in steps[:4]]
    assert [len(ids) for ids in listed] == [1, 1, 2, 1]
    assert listed[2] == listed[1] | listed[3]


def test_it_leaves_nothing_but_its_work_directory(told: Told) -> None:
    assert list(told.demo.home.iterdir()) == []
    assert str(told.demo.work_directory) in told.output
    assert told.demo.work_directory.stat().st_mode & 0o077 == 0


def test_it_names_only_files_that_are_there(told: Told) -> None:
    named = re.findall(r"^ +((?:project|servers)/\S*)  ", told.output, re.MULTILINE)
    assert len(named) == 5
    assert [name for name in named if not (told.demo.work_directory / name).exists()] == []


def test_it_leaves_no_process(told: Told) -> None:
    assert told.processes_left == []


def test_it_is_plain_text_where_there_is_no_terminal(told: Told) -> None:
    assert "\033" not in told.output


def test_no_secret_is_on_the_screen(told: Told) -> None:
    assert secrets_in(told.output, told.secrets()) == []


def _as_base64(secret: str) -> str:
    return base64.b64encode(secret.encode()).decode()


@pytest.mark.parametrize("form", [str, quote, _as_base64])
@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_secret_on_the_screen_would_be_seen(told: Told, which: int, form: Callable[[str], str]) -> None:
    secret = told.secrets()[which]
    assert secret in secrets_in(f"{told.output}{form(secret)}\n", told.secrets())


def test_a_token_that_no_vault_holds_any_more_would_be_seen(emulator: EmulatorServer) -> None:
    _token, value = emulator.mint(emulator.add_user("ann@example.com", "some-password"))
    assert value.partition(".")[0] in secrets_in(f"the token is {value}\n", [])


@pytest.mark.heavy
def test_a_terminal_gets_colours(demo: Demo) -> None:
    screen, terminal = pty.openpty()
    with os.fdopen(screen, "rb", buffering=0) as shown, demo.running(stdout=terminal) as process:
        os.close(terminal)
        assert shown.read(64).startswith(b"\033[1;36m")
        process.send_signal(signal.SIGINT)
        _read_to_end(shown.fileno())


def test_a_reader_that_goes_away_ends_it_and_leaves_no_process(demo: Demo) -> None:
    with demo.running() as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS_AFTER_SIGNAL) == 128 + signal.SIGPIPE
    assert demo.processes() == []


@pytest.mark.parametrize(
    ("number", "step", "landmark"),
    [(signal.SIGTERM, 0, "Everything happens"), (signal.SIGINT, 1, "TASK [")],
)
def test_a_signal_ends_it_and_leaves_no_process(demo: Demo, number: signal.Signals, step: int, landmark: str) -> None:
    _assert_signal_ends(demo, number, step, landmark)


@pytest.mark.heavy
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("landmark", ["$ ", "TASK [", "PLAY RECAP"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_a_signal_at_any_step_ends_it_and_leaves_no_process(
    demo: Demo, number: signal.Signals, step: int, landmark: str
) -> None:
    _assert_signal_ends(demo, number, step, landmark)


@pytest.mark.heavy
def test_a_signal_to_the_whole_group_as_from_a_terminal_leaves_no_process(demo: Demo) -> None:
    with demo.running() as process:
        _read_until(process, 1, "TASK [")
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=SECONDS_AFTER_SIGNAL)
    assert process.returncode == 128 + signal.SIGINT
    assert demo.processes() == []


def test_the_commands_for_a_real_account_take_in_the_token(
    told: Told, tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao
) -> None:
    commands = told.output.partition("line by line in bash:\n\n")[2].partition("\n\n")[0]
    # What comes before makes and installs the collection, which the tests of the tarball do.
    script = commands[commands.index("    cp -r ") :].replace("https://bao.example.com:8200", openbao.url)
    person = emulator.add_user("ann@example.com", "some-password", role="owner")
    token, value = emulator.dcd.signed_in(person).create_token("30d")
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"),
        "HOME": str(tmp_path),
        "IONOS_API_URL": emulator.url,
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    finished = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=ROOT,
        env=environment,
        input=f"{openbao.root_token}\n{value}\n",
        capture_output=True,
        check=False,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert openbao.secret("secret", "ionos/terraform")["token"] == value
    assert f"until {token.expires.day} {token.expires:%b %Y, %H:%M} UTC" in finished.stdout
    assert (tmp_path / "ionos-tokens" / "vault-password").stat().st_mode & 0o077 == 0


def secrets_in(text: str, secrets: Iterable[str]) -> list[str]:
    """Those of *secrets* that a text shows, plain, URL-encoded or in base64, and whatever begins as a JWT does."""
    shown = [secret for secret in secrets if any(form(secret) in text for form in (str, quote, _as_base64))]
    return shown + JWT_BEGINNING.findall(text)


def _assert_signal_ends(demo: Demo, number: signal.Signals, step: int, landmark: str) -> None:
    with demo.running() as process:
        _read_until(process, step, landmark)
        assert len(demo.processes()) > 1
        process.send_signal(number)
        rest, _nothing = process.communicate(timeout=SECONDS_AFTER_SIGNAL)
    assert process.returncode == 128 + number, rest
    assert demo.processes() == []
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    assert f"Ended by {number.name}" in rest
    assert str(demo.work_directory) in rest
    assert "Traceback" not in rest


def _read_until(process: subprocess.Popen[str], step: int, landmark: str) -> None:
    """Read what it writes up to a landmark in one of its steps; step 0 is what comes before the first."""
    assert process.stdout is not None
    reached = step == 0
    lines = []
    for line in process.stdout:
        lines.append(line)
        reached = reached or line.startswith(f"{step}/{STEPS}  ")
        if reached and line.strip().startswith(landmark.strip()):
            return
    raise AssertionError(f"It ended without {landmark!r} in step {step}:\n{''.join(lines)}")


def _read_to_end(descriptor: int) -> None:
    """Read a terminal until its other side is closed, which Linux reports as an error."""
    try:
        while os.read(descriptor, 65536):
            pass
    except OSError:
        return


def _variable(path: Path, name: str, password: str) -> str:
    """The value of a variable that Ansible Vault encrypts."""
    document = yaml.compose(path.read_text(encoding="utf-8"))
    assert isinstance(document, yaml.MappingNode)
    [ciphertext] = [value.value for key, value in document.value if key.value == name]
    value: bytes = VaultLib([("default", VaultSecret(password.encode()))]).decrypt(ciphertext)
    return value.decode()
