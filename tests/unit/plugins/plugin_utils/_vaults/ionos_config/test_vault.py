# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens in the configuration file of the vendor's tools: what is particular to that file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record, bare
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.ionos_config.vault import Kind
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Place
from support.records import new_token, record_of

OTHER_USER = 12345
WRITTEN_BY_IONOSCTL = """\
version: 1.0
currentProfile: mail
profiles:
    - name: user
      environment: prod
      credentials:
        token: ""
        s3AccessKey: ""
        s3SecretKey: ""
    - name: mail
      environment: prod
      credentials:
        username: ann
        token: ""
environments:
    - name: prod
      products:
        - name: dns
          endpoints:
            - name: https://dns.de-fra.ionos.com
              skipTlsVerify: false
"""


class Home:
    """A user's home directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / ".ionos" / "config"
        self.environ = {"HOME": str(folder)}
        self.warnings: list[str] = []

    def place(self, **options: Any) -> Place:
        controller = Controller(self.environ, str(self.folder), warn=self.warnings.append)
        return Kind().connect("config", {}, controller).place(options)

    def write(self, text: str, mode: int = 0o600) -> None:
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_bytes(text.encode())
        self.file.chmod(mode)

    def text(self) -> str:
        return self.file.read_bytes().decode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that everybody may write to, below none that only its owner may enter."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def write_first(place: Place, record: Record) -> str:
    """Write onto what is read, and return the token's value."""
    place.write(record, place.read().version)
    assert record.token is not None
    return str(record.token.value)


def replica() -> Record:
    current = record_of(new_token()).current
    assert current is not None
    return bare(current)


def found_by_the_vendor(text: str, profile: str) -> Any:
    """Return the token that the vendor's tools take: that of the first profile whose name differs in case at most."""
    profiles = yaml.safe_load(text)["profiles"]
    return next(item for item in profiles if item["name"].lower() == profile.lower())["credentials"]["token"]


def test_the_token_of_one_profile_is_set_and_no_other_character_changes(home: Home) -> None:
    home.write(WRITTEN_BY_IONOSCTL)

    token = write_first(home.place(), replica())

    before = '        token: ""\n        s3AccessKey'
    assert home.text() == WRITTEN_BY_IONOSCTL.replace(before, before.replace('""', f"'{token}'"))


def test_the_current_profile_does_not_move_the_place(home: Home) -> None:
    home.write(WRITTEN_BY_IONOSCTL)
    token = write_first(home.place(), replica())
    assert found_by_the_vendor(home.text(), "user") == token
    assert found_by_the_vendor(home.text(), "mail") == ""


def test_the_vendors_tools_find_the_token_beside_a_record(home: Home) -> None:
    home.write(WRITTEN_BY_IONOSCTL)
    assert write_first(home.place(profile="MAIL"), record_of(new_token())) == found_by_the_vendor(home.text(), "mail")


def test_a_missing_file_is_made_for_its_owner_alone_with_the_profile_as_the_current_one(home: Home) -> None:
    token = write_first(home.place(profile="shop"), replica())

    assert yaml.safe_load(home.text()) == {
        "version": 1.0,
        "currentProfile": "shop",
        "profiles": [{"name": "shop", "environment": "", "credentials": {"token": token}}],
        "environments": [],
    }
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (home.file, home.file.parent)]
    assert modes == [0o600, 0o700]


def test_a_missing_profile_is_added_behind_the_others(home: Home) -> None:
    home.write(WRITTEN_BY_IONOSCTL)
    token = write_first(home.place(profile="shop"), replica())
    added = f'    - name: "shop"\n      environment: ""\n      credentials:\n        token: \'{token}\'\n'
    assert home.text() == WRITTEN_BY_IONOSCTL.replace("environments:\n", f"{added}environments:\n")


@pytest.mark.parametrize(
    "text",
    [
        "profiles:\n- name: user\n",
        "profiles:\n- name: user # mine\n  environment: prod\nenvironments: []\n",
        "currentProfile: user\n",
        "# nothing yet\n",
        "---\n",
        "profiles:\n  - credentials:\n      username: ann\n    name: user",
        "profiles:\r\n  - name: user\r\n    credentials:\r\n      username: ann\r\n# end\r\n",
    ],
)
def test_whatever_is_missing_of_a_profile_is_added(home: Home, text: str) -> None:
    home.write(text)
    record = record_of(new_token())
    assert write_first(home.place(), record) == found_by_the_vendor(home.text(), "user")
    assert home.place().read().record == record
    assert all(line in home.text() for line in text.split("\n"))


def test_erasing_leaves_the_empty_token_that_ionosctl_logout_leaves(home: Home) -> None:
    home.write(WRITTEN_BY_IONOSCTL)
    place = home.place()
    write_first(place, record_of(new_token()))

    place.erase(place.read().version)

    assert yaml.safe_load(home.text()) == yaml.safe_load(WRITTEN_BY_IONOSCTL)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("profiles: [{name: user}]\n", "does not allow to change it"),
        ("profiles:\n- name: user\n  credentials: {token: ''}\n", "does not allow to change it"),
        ("profiles:\n- name: user\n- name: USER\n", "sets user more than once"),
        ("profiles:\n- name: user\n  credentials: &c\n    token: ''\nx: *c\n", "shares credentials with"),
        ("x: &c\n  token: ''\nprofiles:\n- name: user\n  credentials: *c\n", "shares credentials with"),
        ("x: &p\n  credentials:\n    token: ''\nprofiles:\n- <<: *p\n  name: user\n", "shares credentials with"),
        ("x: &p\n  name: user\nprofiles:\n- *p\n", "shares user with"),
        ("x: &p\n  name: user\nprofiles:\n- <<: *p\n", "shares user with"),
        ("x: &n user\nprofiles:\n- name: *n\n", "shares user with"),
        ("profiles:\n- name: user\n  credentials:\n    token: &t ''\n    other: *t\n", "shares token with"),
        ("profiles:\n- name: user\n  credentials:\n    token: a\n    token: b\n", "sets token more than once"),
        ("- profiles\n", "not one mapping"),
        ("profiles: {\n", "not YAML"),
    ],
)
def test_a_file_that_could_not_be_changed_safely_is_refused_at_the_first_read(
    home: Home, text: str, message: str
) -> None:
    home.write(text)
    with pytest.raises(VaultCorrupt, match=message):
        home.place().read()
    assert home.text() == text


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.lists(st.text(max_size=3), max_size=2)
CREDENTIALS = st.dictionaries(st.sampled_from(("username", "password", "s3AccessKey")), VALUES, min_size=1)
CONFIGS = st.fixed_dictionaries(
    {
        "version": st.just(1.0),
        "profiles": st.lists(
            st.fixed_dictionaries({"name": NAMES, "credentials": CREDENTIALS}, optional={"environment": VALUES}),
            min_size=1,
            max_size=3,
            unique_by=lambda profile: profile["name"].strip().casefold(),
        ),
    },
    optional={"environments": VALUES, "currentProfile": VALUES},
)


@given(config=CONFIGS, number=st.integers(0, 3), indent=st.sampled_from((2, 4)))
@settings(max_examples=60, deadline=None)
def test_any_configuration_keeps_its_meaning_but_for_one_token(config: Any, number: int, indent: int) -> None:
    text = yaml.safe_dump(config, sort_keys=False, indent=indent, allow_unicode=True)
    # As read, since a few signs do not come back from it as they went in.
    expected, record = yaml.safe_load(text), replica()
    assert record.token is not None
    names = [profile["name"] for profile in config["profiles"]]
    name = names[number] if number < len(names) else "added"
    if name == "added":
        expected["profiles"].append({"name": name, "environment": "", "credentials": {}})
    expected["profiles"][names.index(name) if name in names else -1]["credentials"]["token"] = record.token.value
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.write(text)
        write_first(home.place(profile=name), record)
        assert yaml.safe_load(home.text()) == expected


@given(
    st.text(max_size=60) | st.text(st.sampled_from("profiles:- name: user\n  credentials: token &*{}[]<<"), max_size=80)
)
@settings(max_examples=150, deadline=None)
def test_any_file_at_all_is_read_or_refused_with_an_error_of_ours(text: str) -> None:
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.write(text)
        try:
            write_first(home.place(), replica())
        except VaultError:
            assert home.text() == text


# Who may read it


def test_a_file_for_its_owner_alone_is_nothing_to_warn_about(home: Home) -> None:
    write_first(home.place(), record_of(new_token()))
    assert (home.place().read().is_plain_text, home.warnings) == (False, [])


def test_a_file_that_others_may_read_is_warned_about_and_closed_by_the_next_token(home: Home) -> None:
    write_first(home.place(), replica())
    home.file.chmod(0o644)
    place = home.place()

    for _number in range(2):
        place.read()
    place.write(replica(), place.read().version)

    assert len(home.warnings) == 1
    assert "is in a file that other users may read (mode 0644)" in home.warnings[0]
    assert stat.S_IMODE(home.file.stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_a_file_that_somebody_else_may_have_put_there_is_given_no_token(shared_folder: Path) -> None:
    path = shared_folder / "config"
    path.write_text(WRITTEN_BY_IONOSCTL)
    os.chown(path, OTHER_USER, OTHER_USER)
    place = Home(shared_folder).place(path=str(path))

    with pytest.raises(VaultDenied, match="may have been put there to be given the token"):
        write_first(place, replica())

    assert path.read_text() == WRITTEN_BY_IONOSCTL


def test_a_symbolic_link_is_refused_unless_it_may_be_followed(home: Home) -> None:
    home.write(WRITTEN_BY_IONOSCTL)
    (home.folder / "link").symlink_to(home.file)
    with pytest.raises(VaultDenied, match="is a symbolic link"):
        home.place(path="link").read()

    write_first(home.place(path="link", follow=True), replica())

    assert (home.folder / "link").is_symlink()
    assert home.place(path="link", follow=True).identity == home.place().identity
    assert home.place().read().token is not None


# Which file


def test_the_file_that_the_environment_names_is_used_unless_a_path_is_given(home: Home) -> None:
    home.environ["IONOS_CONFIG_FILE"] = str(home.folder / "named")
    write_first(home.place(), replica())
    assert (home.folder / "named").exists()
    write_first(home.place(path="~/given"), replica())
    assert (home.folder / "given").exists()


def test_a_folder_whose_own_folder_is_missing_is_no_empty_place(home: Home) -> None:
    with pytest.raises(VaultUnavailable, match="does not exist"):
        home.place(path="missing/too/config").read()


@pytest.mark.parametrize(
    "options", [{"profile": "a\nb"}, {"profile": "x" * 129}, {"path": "a/"}, {"path": "a\0"}], ids=str
)
def test_a_place_that_cannot_be_one_is_refused(home: Home, options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        home.place(**options)


def test_r18_a_record_in_the_project_of_awx_is_refused(home: Home) -> None:
    home.environ["AWX_ISOLATED_DATA_DIR"] = str(home.folder / "artifacts" / "1")
    with pytest.raises(VaultDenied, match="is in a project of AWX"):
        write_first(home.place(), record_of(new_token()))
