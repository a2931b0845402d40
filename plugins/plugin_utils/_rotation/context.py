# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One declared token in one run: what the steps of a rotation are made of."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import Publication
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Replica, Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Vault
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


@dataclass(frozen=True)
class RotationContext:
    """The parts of one rotation. A step is given those that it needs, never the whole.

    :ivar vault: the vault of record.
    :ivar records: the record in it.
    :ivar remote: the user's tokens at the API.
    :ivar inbox: where a person leaves a new token, or None.
    :ivar declared_places: what identifies every place of the run.
    :ivar reports: what became of publications that an earlier call has asked for; then nothing is renewed. None if this
        is the first call.
    """

    declared: DeclaredToken
    account: AccountAccess
    run: Run
    vault: Vault
    records: RecordKeeper
    remote: RemoteTokens
    replicas: Replicas
    inbox: Replica | None
    declared_places: frozenset[tuple[str, ...]]
    outcome: Outcome
    reports: tuple[Publication, ...] | None = None
