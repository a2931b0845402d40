# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about files."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "dest_unusable": Entry(
        "{path} cannot be used as dest: {problem}.", "Correct that, or name another file; nothing was changed."
    ),
    "dest_not_a_token": Entry(
        "{path} holds something that is not an IONOS Cloud API token; it was left as it is.",
        "Remove the file, or name another one as dest.",
    ),
    "dest_write_failed": Entry(
        "{path} could not be written: {problem}.",
        "Correct that and run again; the file is as it was before.",
    ),
    "vault_file_symlink": Entry(
        "{where} is a symbolic link.", "Name the file that it leads to, or set follow to true for this place."
    ),
    "vault_file_not_regular": Entry("{where} is not a regular file.", "Name a file, or remove what stands there."),
    "vault_file_too_large": Entry(
        "{where} is larger than {maximum} octets.", "Keep tokens in a variables file of their own."
    ),
    "vault_file_directory_missing": Entry(
        "{where} cannot be there: its directory {directory} does not exist.",
        "Create the directory, or correct the path.",
    ),
    "vault_file_unreadable": Entry(
        "{where} cannot be read: no permission.", "Let the user that runs Ansible read the file and its directory."
    ),
    "vault_file_unwritable": Entry(
        "{where} cannot be written: no permission.",
        "Let the user that runs Ansible write the file and its directory {directory}.",
    ),
    "vault_file_system_read_only": Entry(
        "{where} cannot be written: its file system is read-only.", "Name a file on another one, or mount it writable."
    ),
    "vault_file_planted": Entry(
        "{where} is in another user's file, which may have been put there to be given the token.",
        "Remove the file, or name one in a directory that only this user may write to.",
    ),
    "vault_file_disk_full": Entry(
        "{where} cannot be written: no space left; the file is as it was.", "Make room on the disk or in the quota."
    ),
    "vault_file_trouble": Entry(
        "{where} cannot be used: the operating system reports {error}.", "Check the disk and the path, and run again."
    ),
    "vault_file_locked": Entry(
        "{where} is being written by another run.",
        "Run again when that has ended; the lock is {lock}.",
    ),
}
