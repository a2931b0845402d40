# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vault that fails holds back nothing but its own tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.kubernetes_api import Fault
from support.openbao_fixtures import OpenBao
from support.rotator_site import RotatorSite, rotator_site

IN_CLUSTER = {"in": "cluster", "namespace": "default", "secret": "other"}
SECONDS_BEFORE_A_CLUSTER_IS_GIVEN_UP = 1
LONGEST = 20 * SECONDS_BEFORE_A_CLUSTER_IS_GIVEN_UP


def hangs(site: RotatorSite) -> None:
    site.cluster.faults += [Fault("*", hangs=True)] * 100


def hangs_at_login(site: RotatorSite) -> None:
    """By an exec plugin that never ends."""
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "sleep", "args": ["600"]}}
    named = {"name": "x", "cluster": {"server": site.cluster.url}, "user": user}
    context = {"name": "x", "context": {"cluster": "x", "user": "x"}}
    content = {"clusters": [named], "users": [named], "contexts": [context], "current-context": "x"}
    path = site.workspace.write("kubeconfig", content)
    site.vaults[2] = {"name": "cluster", "kubernetes_secret": {"kubeconfig": str(path)}}


@pytest.fixture
def site(tmp_path: Path, openbao: OpenBao, kv_mount: str) -> Iterator[RotatorSite]:
    with rotator_site(tmp_path, openbao, kv_mount, of_record="bao") as site:
        yield site


@pytest.mark.parametrize(("fail", "said"), [(hangs, "no answer in time"), (hangs_at_login, "did not end in time")])
def test_a_cluster_that_hangs_keeps_no_token_elsewhere_from_being_rotated(
    site: RotatorSite, fail: Callable[[RotatorSite], None], said: str
) -> None:
    site.make_due()
    app: dict[str, Any] = site.tokens[0]
    site.tokens = [
        {**app, "replicas": [*app["replicas"], {**IN_CLUSTER, "key": "app"}]},
        {**app, "name": "dns", "vault": {**IN_CLUSTER, "key": "dns"}, "replicas": []},
    ]
    fail(site)
    site.vaults[2]["kubernetes_secret"]["timeout"] = SECONDS_BEFORE_A_CLUSTER_IS_GIVEN_UP

    began = time.monotonic()
    rotated, stuck = site.run_here()

    assert time.monotonic() - began < LONGEST
    assert rotated.action == "rotated"
    assert [vault["name"] for vault in rotated.as_result()["vaults"] if vault["in_sync"]] == ["bao", "files"]
    assert stuck.failed
    assert said in str(stuck.as_result())
