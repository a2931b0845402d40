# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk through files: what is read, what is noted, and that nothing leads astray."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.files import (
    Limits,
    find_files,
    read_text,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

LIMITS = Limits(max_file_size=1000, max_files=100)


def names(found):
    return [(Path(file.path).name, file.note) for file in found]


def write(folder, *paths):
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")


def read(path, *, named=False):
    [found] = find_files([str(path)], LIMITS)
    return read_text(found if named else type(found)(found.path), LIMITS.max_file_size)


def test_files_come_once_and_in_order(tmp_path):
    write(tmp_path, "b.yml", "a/z.yml", "a/c.yml")
    found = find_files([str(tmp_path), str(tmp_path / "a"), str(tmp_path / "b.yml")], LIMITS)
    assert names(found) == [("c.yml", None), ("z.yml", None), ("b.yml", None)]


def test_prose_and_other_peoples_directories_are_left_out_unless_named(tmp_path):
    write(tmp_path, ".git/config", "node_modules/x.js", ".terraform/x.tf", "README.md", ".env")
    assert names(find_files([str(tmp_path)], LIMITS)) == [(".env", None)]
    assert names(find_files([str(tmp_path / "README.md")], LIMITS)) == [("README.md", None)]
    assert names(find_files([str(tmp_path / ".git")], LIMITS)) == [("config", None)]


@pytest.mark.parametrize(
    "paths",
    [
        ("vendor/modules.txt", "vendor/github.com/x/y.go"),
        ("vendor/autoload.php", "vendor/x/y.php"),
        ("web/node_modules/x/y.js",),
        ("lib/python3/site-packages/x.py",),
        ("env/pyvenv.cfg", "env/lib/x.py"),
        ("module/.terragrunt-cache/x/main.tf",),
        ("collections/a/b/MANIFEST.json", "collections/a/b/FILES.json", "collections/a/b/x.yml"),
        ("roles/a/meta/.galaxy_install_info", "roles/a/tasks/main.yml"),
    ],
    ids=lambda paths: paths[0],
)
def test_copies_of_other_peoples_work_are_left_out(tmp_path, paths):
    write(tmp_path, "own.yml", *paths)
    assert names(find_files([str(tmp_path)], LIMITS)) == [("own.yml", None)]


@pytest.mark.parametrize(
    "path", ["vendor/main.tf", "vendor/ionos/deploy.sh", "collections/a/b/galaxy.yml", "roles/a/meta/main.yml"]
)
def test_own_work_under_the_same_names_is_examined(tmp_path, path):
    write(tmp_path, path)
    assert names(find_files([str(tmp_path)], LIMITS)) == [(Path(path).name, None)]


def test_what_is_named_is_examined_whosever_it_is(tmp_path):
    write(tmp_path, "vendor/modules.txt", "vendor/x.go")
    assert names(find_files([str(tmp_path / "vendor")], LIMITS)) == [("modules.txt", None), ("x.go", None)]


def test_patterns_leave_out_names_and_paths(tmp_path):
    write(tmp_path, "keep.yml", "old.orig", "tests/x.yml", "a/tests/y.yml")
    limits = Limits(1000, 100, exclude=("*.orig", "tests/*"))
    assert names(find_files([str(tmp_path)], limits)) == [("y.yml", None), ("keep.yml", None)]


def test_links_are_followed_only_if_wished_and_never_in_circles(tmp_path):
    write(tmp_path, "tree/x.yml", "elsewhere/y.yml")
    (tmp_path / "tree" / "circle").symlink_to("..")
    (tmp_path / "tree" / "self").symlink_to("self")
    (tmp_path / "tree" / "dangling").symlink_to("nowhere")
    root = str(tmp_path / "tree")
    assert names(find_files([root], LIMITS)) == [("x.yml", None)]
    assert sorted(names(find_files([root], Limits(1000, 100, follow=True)))) == [
        ("dangling", "unreadable"),
        ("self", "unreadable"),
        ("x.yml", None),
        ("y.yml", None),
    ]


def test_a_named_link_is_followed(tmp_path):
    write(tmp_path, "x.yml")
    (tmp_path / "link.yml").symlink_to("x.yml")
    assert names(find_files([str(tmp_path / "link.yml")], LIMITS)) == [("link.yml", None)]


def test_the_walk_ends_at_its_limit(tmp_path):
    write(tmp_path, *(f"{number}.yml" for number in range(5)))
    found = names(find_files([str(tmp_path)], Limits(1000, 3)))
    assert found == [("0.yml", None), ("1.yml", None), ("2.yml", None), (tmp_path.name, "too_many_files")]


def test_a_path_that_is_not_there_is_an_error_before_anything_is_read(tmp_path):
    with pytest.raises(ConfigurationError, match=r"missing\.yml does not exist\. Correct paths"):
        list(find_files([str(tmp_path), str(tmp_path / "missing.yml")], LIMITS))


def test_a_pipe_is_neither_waited_for_nor_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert names(find_files([str(tmp_path)], LIMITS)) == []
    assert names(find_files([str(tmp_path / "pipe")], LIMITS)) == [("pipe", "unreadable")]


def test_what_vanishes_or_may_not_be_read_is_noted(tmp_path):
    write(tmp_path, "x.yml")
    [found] = find_files([str(tmp_path)], LIMITS)
    (tmp_path / "x.yml").unlink()
    assert read_text(found, 1000) == (None, "unreadable")


@pytest.mark.parametrize(
    ("raw", "text", "note"),
    [
        (b"IONOS=\xfc\xff\r\nx\ry", "IONOS=\ufffd\ufffd\nx\ny", None),
        (b"\xef\xbb\xbfIONOS=1", "IONOS=1", None),
        ("IONOS=ü".encode("utf-16"), "IONOS=ü", None),
        ("a\u2028b\x85c".encode(), "a b c", None),
        (b"\x7fELF\0\0", None, None),
        (b"\x7fELF\0IONOS_PASSWORD=", None, "binary"),
        ("IONOS".encode("utf-16-le"), None, "binary"),
        (b"$ANSIBLE_VAULT;1.1;AES256\n6162\n", None, "vaulted"),
        (b"\n$ANSIBLE_VAULT;1.2;AES256;prod\n6162\n", None, "vaulted"),
        (b"x" * 1001, None, "too_large"),
        (b"", "", None),
    ],
)
def test_how_octets_become_text(tmp_path, raw, text, note):
    (tmp_path / "file").write_bytes(raw)
    assert read(tmp_path / "file") == (text, note)


def test_a_binary_file_that_is_named_is_noted(tmp_path):
    (tmp_path / "file").write_bytes(b"\0")
    assert read(tmp_path / "file", named=True) == (None, "binary")
