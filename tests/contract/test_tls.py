# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS: a CA of its own and a fingerprint to pin."""

from __future__ import annotations

import hashlib
import socket
import ssl
import time
from pathlib import Path

import pytest
import requests

from emulator import EmulatorServer


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_ca_vouches_for_both_names(tls_emulator, host):
    url = f"https://{host}:{tls_emulator.port}/auth/v1/tokens"

    assert requests.get(url, verify=tls_emulator.ca_path, timeout=10).status_code == 401


def test_without_the_ca_verification_fails(tls_emulator):
    context = ssl.create_default_context()

    with (
        socket.create_connection(("127.0.0.1", tls_emulator.port), timeout=10) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(connection, server_hostname="127.0.0.1")


def test_the_fingerprint_is_that_of_the_certificate(tls_emulator):
    certificate = ssl.get_server_certificate(("127.0.0.1", tls_emulator.port))

    assert hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate)).hexdigest() == tls_emulator.fingerprint


def test_the_file_of_the_ca_goes_with_the_server():
    with EmulatorServer(tls=True) as server:
        assert Path(server.ca_path).exists()

    assert not Path(server.ca_path).parent.exists()


def test_http_has_neither_ca_nor_fingerprint(emulator):
    assert (emulator.ca_path, emulator.fingerprint) == (None, None)


def test_a_stopped_server_leaves_its_port_free():
    with EmulatorServer() as first:
        port = first.port
    with EmulatorServer(port=port) as second:
        assert second.port == port


def test_a_server_stops_while_a_client_still_waits():
    with EmulatorServer() as server:
        server.faults.add("delay_before", "list", seconds=600)
        waiting = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        waiting.sendall(b"GET /auth/v1/tokens HTTP/1.1\r\nHost: x\r\n\r\n")
        while not server.journal.entries():
            time.sleep(0.001)

    with waiting:
        assert waiting.recv(1) == b""
