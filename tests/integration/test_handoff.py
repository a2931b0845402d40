# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "My account has 2FA", followed from the first token to the retired old one, in real runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao
from support.rotation_site import RotationSite, entry, in_bao, in_file

__all__ = ["emulator"]

TOKEN: dict[str, Any] = {
    "name": "external-dns",
    "account": "shop",
    "ttl": "90d",
    "renew_before": "14d",
    "fail_before": "3d",
    "retire_adopted": True,
    "vault": in_bao("ionos/external-dns"),
    "inbox": in_bao("inbox/external-dns"),
    "replicas": [in_file("ionos_token")],
}
ACCOUNTS = [{"name": "shop", "two_factor": "enabled"}]


@pytest.fixture
def site(tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str) -> RotationSite:
    prepared = RotationSite(tmp_path, emulator, openbao, kv_mount)
    emulator.dcd.set_two_factor(prepared.user.name, "enabled")
    return prepared


def drop_a_new_token(site: RotationSite) -> str:
    """Do what the handoff asks a person to do; return the token's id."""
    token, value = site.api.dcd.signed_in(site.user).create_token("90d")
    site.openbao.put_secret(site.mount, "inbox/external-dns", {"token": value, "note": "for the team"})
    return token.id


def rotate(site: RotationSite) -> tuple[int, dict[str, Any]]:
    run = site.run(site.task(TOKEN, accounts=ACCOUNTS), IONOS_TOKEN="")
    return run.return_code, entry(run, "external-dns")


def test_a_protected_account_is_served_through_its_inbox(site: RotationSite) -> None:
    code, asked = rotate(site)
    assert (code, asked["action"], asked["error_codes"]) == (2, "handoff", ["handoff_overdue"])
    first = drop_a_new_token(site)
    code, taken_in = rotate(site)
    assert (code, taken_in["action"], site.in_bao("ionos/external-dns")) == (0, "adopted", first)
    assert site.openbao.secret(site.mount, "inbox/external-dns") == {"note": "for the team"}

    site.advance(days=80)
    code, due = rotate(site)
    assert (code, due["action"], due["changed"]) == (0, "handoff", False)
    assert due["handoff"]["lifetime"] == "90 Days"
    site.advance(days=8)
    code, late = rotate(site)
    assert (code, late["error_codes"]) == (2, ["handoff_overdue"])

    second = drop_a_new_token(site)
    code, taken_in = rotate(site)
    assert (code, taken_in["action"]) == (0, "adopted")
    assert site.in_bao("ionos/external-dns") == site.in_file("ionos_token") == second
    site.advance(days=1, minutes=1)
    code, listed = rotate(site)
    assert [item["id"] for item in listed["delete_in_dcd"]] == [first]
    site.api.dcd.signed_in(site.user).delete_token(first)
    code, done = rotate(site)
    assert (code, done["delete_in_dcd"]) == (0, [])
    assert site.ids() == {second}
