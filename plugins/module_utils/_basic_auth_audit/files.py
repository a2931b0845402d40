# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of an audit: walking directories without getting lost, and texts of a bounded size and their formats."""

from __future__ import annotations

import codecs
import fnmatch
import os
import re
import stat
from dataclasses import dataclass
from typing import Iterator, Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit._programs.languages import language_of
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import mentions_ionos
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

# Copies of other people's work, and what version control keeps.
PRUNED_DIRECTORIES = frozenset(
    {".git", ".hg", ".svn", ".terraform", ".terragrunt-cache", ".tox", ".nox", ".venv", "venv", ".eggs", "__pycache__"}
    | {"site-packages", "dist-packages", "node_modules", "bower_components", ".bundle", ".yarn"}
)
# A directory of other people's work goes by one of these names, or has one of these files in it.
_VENDORED = frozenset({"vendor", "third_party", "Godeps"})
_MARKS_OF_VENDORED = frozenset(
    {"modules.txt", "autoload.php", "vendor.json", "bundle", "github.com", "golang.org", "composer", "Godeps.json"}
)
_MARKS_OF_INSTALLED = (
    frozenset({"pyvenv.cfg"}),
    frozenset({"MANIFEST.json", "FILES.json"}),
)
# Prose: it tells of configuration and is none.
PROSE_ENDINGS = (
    ".adoc",
    ".asciidoc",
    ".htm",
    ".html",
    ".markdown",
    ".md",
    ".mdown",
    ".mdx",
    ".rdoc",
    ".rst",
    ".textile",
)
_METADATA_ENDINGS = (".dist-info", ".egg-info")
VAULT_HEADER = b"$ANSIBLE_VAULT;"

_YAML_ENDINGS = (".yml", ".yaml")
_JSON_ENDINGS = (".json", ".tfstate")
_TERRAFORM_ENDINGS = (".tf", ".tfvars", ".hcl", ".tofu")
_YAML_FOLDERS = ("group_vars", "host_vars", "vars", "defaults")
_PROFILE_FILE = re.compile(r"(?:^|/)\.ionos/config(?:\.ya?ml)?$")

_LINE_BREAKS_OF_YAML = {ord(character): " " for character in "\x85\u2028\u2029"}
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Limits:
    """What bounds an audit.

    :ivar max_file_size: octets; larger files are not read.
    :ivar max_files: the walk ends after that many.
    :ivar exclude: patterns of the shell for names, or for paths from a named directory on.
    :ivar follow: whether symbolic links in directories are followed.
    """

    max_file_size: int
    max_files: int
    exclude: Sequence[str] = ()
    follow: bool = False


@dataclass(frozen=True)
class Found:
    """A file, or a note on what stands at a path instead.

    :ivar named: whether the task names the file itself.
    :ivar note: None, or a key of the notes.
    """

    path: str
    named: bool = False
    note: str | None = None


def find_files(paths: Sequence[str], limits: Limits) -> Iterator[Found]:
    """Yield the files at and below paths, each once, in the order of their names.

    :raises ConfigurationError: ``audit_path_missing``.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise ConfigurationError("audit_path_missing", path=shown_path(path))
    seen: set[tuple[int, int]] = set()
    count = 0
    for path in paths:
        for found in _walk(path, limits, seen):
            count += found.note is None
            if count > limits.max_files:
                yield Found(path, note="too_many_files")
                return
            yield found


# Salt writes YAML in files of this ending.
_CLOUDS_OF_SALT = re.compile(r"(?:^|/)cloud\.(?:providers|profiles)(?:\.d/[^/]{1,200}\.conf)?$")


def is_profile_file(path: str) -> bool:
    """Tell whether a file is by its name the vendor's configuration file."""
    return _PROFILE_FILE.search(path) is not None


def format_of(path: str, text: str) -> str:
    """Return how a text is to be read: ``terraform``, ``json``, ``yaml``, ``shell``, ``text`` or a program."""
    name = path.lower()
    if name.endswith(".j2"):
        name = name[: -len(".j2")]
    if name.endswith(_TERRAFORM_ENDINGS):
        return "terraform"
    if name.endswith(_JSON_ENDINGS) or text.lstrip()[:1] == "{":
        return "json"
    folders = path.split("/")[:-1]
    ending = name.rpartition("/")[2].rpartition(".")[1]
    if name.endswith(_YAML_ENDINGS) or text.startswith("---") or is_profile_file(path) or _CLOUDS_OF_SALT.search(name):
        return "yaml"
    if not ending and set(folders) & set(_YAML_FOLDERS):
        return "yaml"
    return language_of(name, text) or "text"


def read_text(found: Found, max_file_size: int) -> tuple[str | None, str | None]:
    """Return the text of a file, or None and the key of a note where one is due.

    Octets that are not UTF-8 become replacement characters. Special files are never waited for.
    """
    try:
        raw = _read(found.path, max_file_size)
    except (OSError, ValueError):
        return None, "unreadable"
    if raw is None:
        return None, "too_large"
    if raw.lstrip()[: len(VAULT_HEADER)] == VAULT_HEADER:
        return None, "vaulted"
    if raw.startswith(_UTF_16):
        return _normalised(raw.decode("utf-16", "replace")), None
    if b"\0" in raw:
        is_of_interest = found.named or mentions_ionos(raw.replace(b"\0", b"").decode("latin-1"))
        return None, "binary" if is_of_interest else None
    return _normalised(raw.decode("utf-8-sig", "replace")), None


def shown_path(path: str) -> str:
    """Return a path as it may be shown: on one line, in UTF-8."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "?" for character in text)


def _walk(root: str, limits: Limits, seen: set[tuple[int, int]]) -> Iterator[Found]:
    todo = [root]
    while todo:
        path = todo.pop()
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            yield Found(path, note="unreadable")
            continue
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            continue
        seen.add(identity)
        if stat.S_ISDIR(status.st_mode):
            children = _children(path, root, limits)
            if children is None:
                yield Found(path, note="unreadable")
            todo.extend(reversed(children or []))
        elif stat.S_ISREG(status.st_mode):
            yield Found(path, named=path == root)
        elif path == root:
            yield Found(path, note="unreadable")


def _children(directory: str, root: str, limits: Limits) -> list[str] | None:
    """Return the paths in a directory that are to be looked at, or None if it cannot be read."""
    try:
        with os.scandir(directory) as entries:
            found = list(entries)
    except OSError:
        return None
    if directory != root and _is_of_others(directory, {entry.name for entry in found}):
        return []
    return sorted(entry.path for entry in found if _is_wanted(entry, root, limits))


def _is_of_others(directory: str, names: set[str]) -> bool:
    """Tell whether a directory is a copy of other people's work, which they have to change."""
    if os.path.basename(directory) in _VENDORED and names & _MARKS_OF_VENDORED:
        return True
    is_installed_role = "meta" in names and os.path.exists(os.path.join(directory, "meta", ".galaxy_install_info"))
    return is_installed_role or any(marks <= names for marks in _MARKS_OF_INSTALLED)


def _is_wanted(entry: os.DirEntry[str], root: str, limits: Limits) -> bool:
    if entry.name in PRUNED_DIRECTORIES or entry.name.lower().endswith((*PROSE_ENDINGS, *_METADATA_ENDINGS)):
        return False
    if entry.is_symlink() and not limits.follow:
        return False
    relative = os.path.relpath(entry.path, root)
    return not any(
        fnmatch.fnmatchcase(entry.name, pattern) or fnmatch.fnmatchcase(relative, pattern) for pattern in limits.exclude
    )


def _read(path: str, max_file_size: int) -> bytes | None:
    """Return the octets of a regular file, or None if there are too many.

    :raises OSError: if it cannot be read, or is no regular file any more.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError
        if status.st_size > max_file_size:
            return None
        raw = file.read(max_file_size + 1)
    return None if len(raw) > max_file_size else raw


def _normalised(text: str) -> str:
    """Return a text whose lines everybody counts alike."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINE_BREAKS_OF_YAML)
