# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about how to connect."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "library_missing": Entry(
        "The Python library {library} is missing where this runs ({python}).",
        "Install it there, for example with: python -m pip install {library}",
    ),
    "ca_path_unreadable": Entry(
        "ca_path names neither a readable file nor a directory: {path}.",
        "Give the path of a PEM file, or of a directory, with the certificates of the CAs to trust.",
    ),
    "authorities_unusable": Entry(
        "The certificates of the CAs to trust cannot be read.", "Give them in the PEM format, each of them whole."
    ),
    "client_certificate_unusable": Entry(
        "The client certificate or its private key cannot be used.",
        "Give both in the PEM format, the key that belongs to the certificate, and without a password on it.",
    ),
    "certificate_fingerprint_invalid": Entry(
        "certificate_fingerprint is not a SHA-256 fingerprint.",
        "Give the 64 hex digits of the SHA-256 of the server's certificate; colons between them are fine.",
    ),
    "timeout_out_of_range": Entry("A timeout is out of range.", "Give more than 0 and at most {maximum} seconds."),
}
