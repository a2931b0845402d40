# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens as vaulted variables of real files."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._files.shared_file import write_failure
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record, bare
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ansible_vault_file.vault import Kind
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Place
from support.child_processes import (
    kill_this_process,
    run_side_by_side,
    run_unprivileged,
    run_until_killed,
    run_with_file_size_limit,
)
from support.records import new_token, record_of, with_intent

PROD = ("prod", VaultSecret(b"password of production"))
DEV = ("dev", VaultSecret(b"password of development"))
OTHER_PROD = ("prod", VaultSecret(b"another password"))
PATH = "ionos.yml"
AROUND = (
    "---\n# Ours, do not edit\nregion: de/fra   # Frankfurt\n\n# greeting of the day\ngreeting: |\n  hello\n\n  world\n"
)


METADATA_FIELDS = st.sampled_from(("format", "current", "previous", "intent", "id", "token"))
METADATA = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(METADATA_FIELDS, inner),
)


class Clock:
    """A clock that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Files:
    """A folder of variables files, and places in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warnings: list[str] = []
        self.clock = Clock()

    def place(
        self,
        path: str = PATH,
        *,
        secrets: tuple[tuple[str, Any], ...] = (PROD, DEV),
        environ: dict[str, str] | None = None,
        variable: str = "ionos_token",
        follow: bool = False,
        **options: Any,
    ) -> Place:
        controller = Controller(environ or {}, str(self.folder), secrets, self.warnings.append)
        vault = Kind(self.clock, self.clock.sleep).connect("files", options, controller)
        return vault.place({"path": path, "variable": variable, "follow": follow})

    def write(self, text: str, path: str = PATH) -> Path:
        file = self.folder / path
        file.write_bytes(text.encode())
        return file

    def text(self, path: str = PATH) -> str:
        return (self.folder / path).read_bytes().decode()

    def names(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def open_files() -> Iterator[Files]:
    """A folder that every user may enter, as the one of pytest is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Files(Path(folder))


def write_first(place: Place, record: Record) -> None:
    place.write(record, place.read().version)


def vaulted(text: str, secret: tuple[str, Any] = PROD) -> str:
    """Return text as ``ansible-vault encrypt_string`` prints it."""
    encrypted = VaultLib([secret]).encrypt(text, secret[1], vault_id=secret[0]).decode()
    return "!vault |\n" + "".join(f"          {line}\n" for line in encrypted.splitlines())


def outcome(place: Place, record: Record) -> str:
    """Write onto what is read, and return the message of the error, or nothing."""
    try:
        write_first(place, record)
    except VaultError as error:
        return str(error)
    return ""


# Reading and writing


def test_a_missing_file_is_an_empty_place(files: Files) -> None:
    reading = files.place().read()

    assert (reading.token, reading.record) == (None, None)


def test_a_token_in_plain_text_is_told_from_a_vaulted_one(files: Files) -> None:
    files.write(f"ionos_token: {new_token().value}\n")
    assert files.place().read().is_plain_text

    write_first(files.place(), record_of(new_token()))
    assert not files.place().read().is_plain_text


def test_the_variables_beside_that_hold_a_token_in_plain_text_are_named(files: Files) -> None:
    files.write(f"inbx: {new_token().value}\nregion: de/fra\nnumber: 12\nlist: [{new_token().value}]\n")

    assert files.place(variable="inbox").read().beside == ("inbx",)


def test_a_new_file_is_readable_by_its_owner_alone(files: Files) -> None:
    write_first(files.place(), record_of(new_token()))

    assert stat.S_IMODE((files.folder / PATH).stat().st_mode) == 0o600


def test_nothing_but_the_file_is_left_in_the_folder(files: Files) -> None:
    write_first(files.place(), record_of(new_token()))

    assert files.names() == [PATH]


def test_no_secret_stands_in_the_file(files: Files) -> None:
    record = record_of(new_token())

    write_first(files.place(), record)

    assert record.token is not None
    assert record.token.value not in files.text()
    assert record.token.id not in files.text()


def test_ansible_itself_opens_the_value(files: Files) -> None:
    record = record_of(new_token())
    write_first(files.place(), record)

    block = files.text().split("ionos_token: !vault |\n")[1].split("ionos_token_record")[0]
    plain = VaultLib([PROD]).decrypt("\n".join(block.split())).decode()

    assert record.token is not None
    assert plain == record.token.value


def test_everything_else_in_the_file_stays_as_it_is(files: Files) -> None:
    other = f"database_password: {vaulted('for the database', DEV)}"
    files.write(AROUND + other)

    write_first(files.place(), record_of(new_token()))

    assert files.text().startswith(AROUND + other)


def test_windows_line_ends_stay_and_are_used(files: Files) -> None:
    files.write("a: 1\r\nb: 2\r\n")

    write_first(files.place(), record_of(new_token()))

    assert files.text().startswith("a: 1\r\nb: 2\r\n")
    assert "\n" not in files.text().replace("\r\n", "")


def test_a_token_in_plain_text_is_read_and_vaulted_by_the_first_write(files: Files) -> None:
    token = new_token()
    files.write(f"{AROUND}ionos_token: {token.value} # by hand\n")
    place = files.place()
    assert place.read().token == token

    write_first(place, record_of(token))

    assert token.value not in files.text()
    assert "ionos_token: !vault | # by hand\n" in files.text()
    assert place.read().token == token


def test_a_token_that_stays_is_not_encrypted_anew(files: Files) -> None:
    place, record = files.place(), record_of(new_token())
    write_first(place, record)
    before = files.text().split("ionos_token_record")[0]

    write_first(place, with_intent(record))

    assert files.text().split("ionos_token_record")[0] == before


def test_erase_removes_our_lines_and_no_others(files: Files) -> None:
    files.write(AROUND)
    place = files.place()
    write_first(place, record_of(new_token()))

    place.erase(place.read().version)

    assert files.text() == AROUND
    assert place.read().token is None


# Files that are encrypted as a whole


def test_a_file_that_is_encrypted_as_a_whole_stays_so_with_all_that_is_in_it(files: Files) -> None:
    files.write(VaultLib([DEV]).encrypt(AROUND, DEV[1], vault_id="dev").decode())
    place, record = files.place(), record_of(new_token())

    write_first(place, record)

    assert files.text().startswith("$ANSIBLE_VAULT;1.2;AES256;dev\n")
    assert VaultLib([DEV]).decrypt(files.text()).decode().startswith(AROUND)
    assert place.read().record == record


def test_values_that_are_vaulted_in_a_file_that_is_encrypted_as_a_whole_are_read(files: Files) -> None:
    token = new_token()
    inner = f"ionos_token: {vaulted(token.value)}"
    files.write(VaultLib([DEV]).encrypt(inner, DEV[1], vault_id="dev").decode())

    assert files.place().read().token == token


# Vault ids and passwords


def test_a_new_value_gets_the_first_vault_id(files: Files) -> None:
    write_first(files.place(secrets=(DEV, PROD)), record_of(new_token()))

    assert files.text().count("$ANSIBLE_VAULT;1.2;AES256;dev") == 2


def test_a_value_keeps_the_vault_id_that_it_has(files: Files) -> None:
    files.write(f"ionos_token: {vaulted(new_token().value, DEV)}")

    write_first(files.place(secrets=(PROD, DEV)), record_of(new_token()))

    assert files.text().count("$ANSIBLE_VAULT;1.2;AES256;dev") == 2


def test_the_option_vault_id_decides_for_both_values(files: Files) -> None:
    token = new_token()
    files.write(f"ionos_token: {vaulted(token.value, DEV)}")

    write_first(files.place(vault_id="prod"), record_of(token))

    assert files.text().count("$ANSIBLE_VAULT;1.2;AES256;prod") == 2


def test_a_label_that_no_password_goes_by_stays_while_a_password_opens_the_value(files: Files) -> None:
    secret = VaultSecret(b"password of production")
    files.write(f"ionos_token: {vaulted(new_token().value, ('former', secret))}")
    place = files.place(secrets=(DEV, PROD))

    write_first(place, record_of(new_token()))

    assert files.text().count("$ANSIBLE_VAULT;1.2;AES256;former") == 2
    assert place.read().token is not None


def test_without_a_vault_password_the_vault_is_refused(files: Files) -> None:
    with pytest.raises(ConfigurationError, match=r"started without a vault password\. Start it with --vault-id"):
        files.place(secrets=())


def test_a_vault_id_that_ansible_was_not_given_is_refused(files: Files) -> None:
    with pytest.raises(
        ConfigurationError, match=r"the vault id stage, which Ansible was not given; it has: prod, dev\."
    ):
        files.place(vault_id="stage")


def test_a_value_of_another_vault_id_is_denied_by_its_name(files: Files) -> None:
    files.write(f"ionos_token: {vaulted('x', DEV)}")

    with pytest.raises(VaultDenied, match=r"encrypted with the vault id dev, .* Add --vault-id dev@FILE"):
        files.place(secrets=(PROD,)).read()


def test_a_value_of_another_password_is_denied(files: Files) -> None:
    files.write(f"ionos_token: {vaulted('x', OTHER_PROD)}")

    with pytest.raises(VaultDenied, match=r"no vault password that Ansible was given opens it"):
        files.place(secrets=(PROD,)).read()


def test_a_file_that_another_password_encrypted_is_denied(files: Files) -> None:
    files.write(VaultLib([OTHER_PROD]).encrypt(AROUND, OTHER_PROD[1], vault_id="prod").decode())

    with pytest.raises(VaultDenied, match=r"no vault password that Ansible was given opens it"):
        files.place(secrets=(PROD,)).read()


# What stands there and is not ours


@pytest.mark.parametrize(
    "value",
    ["'{{ vault_ionos_token }}'", "12345", "[a]", "{a: b}", "'0123456789abcdef.secret'", "true"],
)
def test_what_is_not_a_token_is_refused_and_left(files: Files, value: str) -> None:
    files.write(f"ionos_token: {value}\n")

    with pytest.raises(
        VaultCorrupt, match="holds something that is not an IONOS Cloud API token; it was left as it is"
    ):
        files.place().read()


@pytest.mark.parametrize("value", ["", "null", "''", "'  '"])
def test_a_variable_without_a_value_is_an_empty_place(files: Files, value: str) -> None:
    files.write(f"ionos_token: {value}\n")

    assert files.place().read().token is None


@pytest.mark.parametrize(
    "metadata",
    ["not JSON", "[]", "{}", '{"format": 1, "write_id": 5}', "[" * 100_000],
    ids=["no JSON", "list", "no fields", "wrong type", "too deep"],
)
def test_a_corrupt_record_is_refused_with_a_way_out(files: Files, metadata: str) -> None:
    files.write(f"ionos_token_record: {vaulted(metadata)}")

    with pytest.raises(VaultCorrupt, match=r"a token record that cannot be read\. Restore it from an older version"):
        files.place().read()


def test_a_record_of_a_later_version_is_refused(files: Files) -> None:
    files.write(f"ionos_token_record: {vaulted(json.dumps({'format': 2}))}")

    with pytest.raises(VaultCorrupt, match="that another version of this collection wrote"):
        files.place().read()


@pytest.mark.parametrize(
    "damaged",
    ["$ANSIBLE_VAULT;1.1;AES256\n", "$ANSIBLE_VAULT;1.1;AES256\nzz\n", "$ANSIBLE_VAULT\n"],
    ids=["without content", "not hexadecimal", "header alone"],
)
def test_a_damaged_vault_text_is_refused(files: Files, damaged: str) -> None:
    files.write("ionos_token: !vault |\n" + "".join(f"    {line}\n" for line in damaged.splitlines()))

    with pytest.raises(VaultCorrupt, match="cut off or damaged"):
        files.place().read()


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_at_all_is_read_or_refused_with_an_error_of_ours(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, PATH).write_bytes(content)
        outcome(Files(Path(folder)).place(), record_of(new_token()))


@settings(deadline=None, max_examples=30)
@given(METADATA)
def test_any_metadata_at_all_are_a_record_or_refused_with_an_error_of_ours(metadata: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder))
        files.write(f"ionos_token_record: {vaulted(json.dumps(metadata))}")
        outcome(files.place(), record_of(new_token()))


# The file itself


def test_a_file_that_is_not_utf_8_is_refused(files: Files) -> None:
    (files.folder / PATH).write_bytes("größe: 1\n".encode("latin-1"))

    with pytest.raises(VaultCorrupt, match=r"ionos.yml, variable ionos_token\) is in a file that is not YAML in UTF-8"):
        files.place().read()


def test_a_symbolic_link_is_refused(files: Files) -> None:
    files.write(AROUND, "real.yml")
    (files.folder / PATH).symlink_to("real.yml")

    with pytest.raises(
        VaultDenied, match=r"is a symbolic link\. Name the file that it leads to, or set follow to true"
    ):
        files.place().read()


def test_a_link_that_may_be_followed_stays_and_its_file_is_changed(files: Files) -> None:
    files.write(AROUND, "real.yml")
    (files.folder / PATH).symlink_to("real.yml")

    write_first(files.place(follow=True), record_of(new_token()))

    assert (files.folder / PATH).is_symlink()
    assert "ionos_token: !vault" in files.text("real.yml")


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo], ids=["folder", "named pipe"])
def test_what_is_no_file_is_refused(files: Files, make: Any) -> None:
    make(files.folder / PATH)

    with pytest.raises(VaultCorrupt, match="is not a regular file"):
        files.place().read()


def test_a_missing_folder_is_not_taken_for_an_empty_place(files: Files) -> None:
    with pytest.raises(VaultUnavailable, match=r"its directory .*group_vars does not exist\. Create the directory"):
        files.place("group_vars/ionos.yml").read()


def test_a_huge_file_is_refused(files: Files) -> None:
    files.write("# " + "x" * 1024 * 1024)

    with pytest.raises(VaultCorrupt, match="is larger than 1048576 octets"):
        files.place().read()


def test_a_file_without_read_permission_is_denied(open_files: Files) -> None:
    open_files.write(AROUND).chmod(0o200)

    message = run_unprivileged(lambda: outcome(open_files.place(), record_of(new_token())))

    assert "cannot be read: no permission. Let the user that runs Ansible read the file" in message


def test_a_file_without_write_permission_is_denied_and_stays(open_files: Files) -> None:
    open_files.write(AROUND).chmod(0o444)

    message = run_unprivileged(lambda: outcome(open_files.place(), record_of(new_token())))

    assert "cannot be written: no permission. Let the user that runs Ansible write the file" in message
    assert open_files.text() == AROUND


def test_a_folder_without_write_permission_is_denied_and_stays(open_files: Files) -> None:
    open_files.write(AROUND).chmod(0o666)
    open_files.folder.chmod(0o555)

    message = run_unprivileged(lambda: outcome(open_files.place(), record_of(new_token())))

    assert "cannot be written: no permission. Let the user that runs Ansible write the file" in message
    assert open_files.names() == [PATH]


def test_a_full_disk_leaves_the_file_as_it_was(files: Files) -> None:
    files.write(AROUND)

    message = run_with_file_size_limit(512, lambda: outcome(files.place(), record_of(new_token())))

    assert "cannot be written: no space left; the file is as it was." in message
    assert (files.text(), files.names()) == (AROUND, [PATH])


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.EROFS, "denied", "its file system is read-only"),
        (errno.ENOSPC, "unavailable", "no space left"),
        (errno.EDQUOT, "unavailable", "no space left"),
        (errno.EIO, "unavailable", "the operating system reports EIO"),
    ],
)
def test_the_operating_systems_word_becomes_an_error_of_its_kind(number: int, kind: str, message: str) -> None:
    error = write_failure(number, "files (ionos.yml, variable ionos_token)", "/etc/ansible")

    assert error.kind == kind
    assert message in error.problem


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664])
def test_the_mode_of_a_file_stays(files: Files, mode: int) -> None:
    file = files.write(AROUND)
    file.chmod(mode)

    write_first(files.place(), record_of(new_token()))

    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_file_whose_group_cannot_be_kept_is_closed_to_groups(open_files: Files) -> None:
    file = open_files.write(AROUND)
    Path(file).chmod(0o666)
    group = file.stat().st_gid

    message = run_unprivileged(lambda: outcome(open_files.place(), record_of(new_token())))

    assert not message
    after = file.stat()
    assert after.st_gid == group or stat.S_IMODE(after.st_mode) & 0o070 == 0


def test_a_process_killed_before_the_new_file_is_in_place_leaves_the_old_one(files: Files) -> None:
    files.write(AROUND)
    record = record_of(new_token())

    def die_before_the_rename() -> None:
        os.replace = kill_this_process
        write_first(files.place(), record)

    run_until_killed(die_before_the_rename)

    assert files.text() == AROUND
    for name in set(files.names()) - {PATH}:
        left = files.folder / name
        assert record.token is not None
        assert record.token.value not in left.read_text()
        assert name.startswith(".")
    write_first(files.place(), record)
    assert files.place().read().record == record
    assert files.names() == [PATH]


def test_files_that_only_look_like_leftovers_stay(files: Files) -> None:
    files.write(AROUND)
    others = [".ionos.yml.swp", ".ionos.yml.backup12.tmp.gz", ".other.yml.abcdefgh.tmp"]
    for name in others:
        (files.folder / name).touch()

    write_first(files.place(), record_of(new_token()))

    assert files.names() == sorted([PATH, *others])


# Several at once


def test_of_many_processes_that_write_at_the_same_moment_one_wins(files: Files) -> None:
    files.write(AROUND)
    version = files.place().read().version

    def write() -> str:
        try:
            place_with_real_clock(files, "ionos_token").write(record_of(new_token()), version)
        except VaultConflict:
            return "conflict"
        return "written"

    for _round in range(3):
        version = files.place().read().version
        assert sorted(run_side_by_side([write] * 6)) == ["conflict"] * 5 + ["written"]
    assert files.text().startswith(AROUND)
    assert files.names() == [PATH]


def test_processes_that_write_different_variables_of_a_file_all_succeed(files: Files) -> None:
    records = [record_of(new_token()) for _number in range(5)]

    def writer(number: int) -> Any:
        return lambda: outcome(place_with_real_clock(files, f"token_{number}"), records[number])

    assert run_side_by_side([writer(number) for number in range(5)]) == [""] * 5
    assert [files.place(variable=f"token_{number}").read().record for number in range(5)] == records


def place_with_real_clock(files: Files, variable: str) -> Place:
    controller = Controller({}, str(files.folder), (PROD,))
    return Kind().connect("files", {}, controller).place({"path": PATH, "variable": variable})


def test_a_reader_sees_the_old_or_the_new_file_at_any_time(files: Files) -> None:
    records = [record_of(new_token()) for _number in range(20)]
    write_first(files.place(), records[0])

    def write_all() -> str:
        place = place_with_real_clock(files, "ionos_token")
        return "".join(outcome(place, record) for record in records)

    def read_on() -> str:
        place = files.place()
        seen = [place.read().record for _turn in range(60)]
        return "" if set(seen) <= set(records) else "torn"

    assert run_side_by_side([write_all, read_on, read_on]) == ["", "", ""]


def test_a_lock_that_another_run_holds_is_waited_for_and_then_named(files: Files) -> None:
    place = files.place(lock_timeout=7)
    version = place.read().version
    lock = files.folder / ".ionos.yml.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        with pytest.raises(
            VaultUnavailable, match=r"is being written by another run\. .* the lock is .*\.ionos\.yml\.lock"
        ):
            place.write(record_of(new_token()), version)

    assert 7 <= files.clock.now < 8


def test_the_lock_file_of_a_run_that_died_does_not_block(files: Files) -> None:
    (files.folder / ".ionos.yml.lock").touch()

    write_first(files.place(), record_of(new_token()))

    assert files.names() == [PATH]


def test_an_editor_that_saves_while_we_write_loses_nothing(files: Files) -> None:
    file = files.write(AROUND)
    place = files.place()
    version = place.read().version
    fsync = os.fsync

    def save_in_the_editor(descriptor: int) -> None:
        fsync(descriptor)
        if "edited" not in file.read_text():
            file.write_text(AROUND + "edited: true\n")

    def write_beside_an_editor() -> str:
        os.fsync = save_in_the_editor
        place.write(record_of(new_token()), version)
        return ""

    run_side_by_side([write_beside_an_editor])

    assert files.text().startswith(AROUND + "edited: true\n")
    assert files.place().read().token is not None


# Projects that are thrown away (R18)


def runner_environment(files: Files) -> dict[str, str]:
    return {"AWX_ISOLATED_DATA_DIR": str(files.folder / "artifacts" / "42")}


def test_r18_a_record_in_the_project_of_awx_is_refused(files: Files) -> None:
    place = files.place(environ=runner_environment(files))

    with pytest.raises(VaultDenied, match=r"in a project of AWX or ansible-runner, .* or set ephemeral to true"):
        write_first(place, record_of(new_token()))


def test_a_record_in_the_project_of_awx_is_written_for_who_says_that_it_is_ephemeral(files: Files) -> None:
    place, record = files.place(environ=runner_environment(files), ephemeral=True), record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


def test_r18_a_replica_in_the_project_of_awx_is_warned_about_once(files: Files) -> None:
    place, record = files.place(environ=runner_environment(files)), record_of(new_token())
    assert record.current is not None

    write_first(place, bare(record.current))
    write_first(place, bare(replace(record.current, token=new_token())))

    assert files.warnings == [
        "files (ionos.yml, variable ionos_token) is in a project of AWX or ansible-runner and will be forgotten "
        "with the job."
    ]


def test_a_token_in_the_place_of_a_path_is_not_shown_by_a_warning(files: Files) -> None:
    record = record_of(new_token())
    assert record.current is not None
    value = record.current.token.value

    write_first(files.place(path=value[:100], environ=runner_environment(files)), bare(record.current))

    [warning] = files.warnings
    assert warning.startswith("files ((a token), variable ionos_token) is in a project of AWX")


def test_a_file_elsewhere_is_written_in_a_job_of_awx(files: Files, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("persistent") / "ionos.yml"
    place, record = files.place(str(elsewhere), environ=runner_environment(files)), record_of(new_token())

    write_first(place, record)

    assert place.read().record == record


# Options


@pytest.mark.parametrize("variable", ["", "with-dash", "1st", "ionos_token_record", "a b", "a:\n  b"])
def test_a_variable_that_cannot_be_one_is_refused(files: Files, variable: str) -> None:
    with pytest.raises(ConfigurationError, match=r"files has an unusable variable\. Give a name of letters"):
        files.place(variable=variable)


@pytest.mark.parametrize("path", ["", "folder/", "nul\0"])
def test_a_path_that_cannot_be_a_file_is_refused(files: Files, path: str) -> None:
    with pytest.raises(ConfigurationError, match=r"files has an unusable path\. Give the path of a file"):
        files.place(path)


def test_two_ways_to_the_same_file_have_one_identity(files: Files) -> None:
    (files.folder / "vars").mkdir()
    (files.folder / "link").symlink_to("vars")

    ways = ("vars/ionos.yml", "./vars/../vars/ionos.yml", "link/ionos.yml", str(files.folder / "vars" / "ionos.yml"))

    assert len({files.place(way).identity for way in ways}) == 1


def test_a_path_may_begin_in_the_home_directory(files: Files) -> None:
    place = files.place("~/ionos.yml", environ={"HOME": str(files.folder)})

    assert place.identity == files.place("ionos.yml").identity


def test_there_is_no_login_that_could_end(files: Files) -> None:
    vault = Kind().connect("files", {}, Controller({}, str(files.folder), (PROD,)))

    assert (vault.outlasts(10**9), vault.login_again()) == (True, False)
