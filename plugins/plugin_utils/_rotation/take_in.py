# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking in: a token that is there already is used before one is minted, wherever it stands (R5)."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import Probe
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError, VaultCorrupt, VaultError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import DEAD_REASONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.adopt import Adoption
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.observe import Observation
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Replica, Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import TokenRegistry
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper


class Intake:
    """Looks for a token in the vault of record, the replicas, the offers and the inbox, and has it adopted.

    :param inbox: where a person leaves a new token, or None.
    :param declared_places: what identifies every place of the run.
    """

    def __init__(
        self,
        declared: DeclaredToken,
        observation: Observation,
        adoption: Adoption,
        records: RecordKeeper,
        remote: RemoteTokens,
        replicas: Replicas,
        inbox: Replica | None,
        declared_places: frozenset[tuple[str, ...]],
        registry: TokenRegistry,
        outcome: Outcome,
    ) -> None:
        self._declared = declared
        self._registry = registry
        self._observation = observation
        self._adoption = adoption
        self._records = records
        self._remote = remote
        self._replicas = replicas
        self._inbox = inbox
        self._declared_places = declared_places
        self._outcome = outcome

    def take_in(self, probe: Probe | None) -> str | None:
        """Adopt the best token that is there already; return why a new one is needed all the same, or None.

        :param probe: what the API says of the token in the vault of record.
        :raises ConfigurationError: an objection to a token that stands in the vault of record, which is never
            overwritten.
        :raises VaultError: if an adoption did not provably land.
        """
        held = self._records.reading.token
        reason: str | None
        if held is not None and probe is not None and self._records.holds_unmanaged_token and probe.state == "alive":
            self._warn_of_plain_text()
            reason = self._adopt(held, probe, source="found_in_vault")
        else:
            reason = self._judge(held, probe)
        self._outcome.works = reason not in DEAD_REASONS
        if reason in DEAD_REASONS:
            reason = self._take_from_replicas(reason)
        for source, offer in self._offers():
            reason = self._take_offer(source, offer, reason)
        self._note_misplaced()
        return reason

    def has_offer(self) -> bool:
        """Tell whether a person has handed over a token that is not taken yet."""
        return bool(self._offers())

    def spare_tokens(self) -> Iterator[Token]:
        """Yield the tokens that may still work while the current one does not, the nearest first (R37)."""
        for item in reversed(self._records.record.previous):
            if item.token is not None:
                yield item.token
        for replica in self._replicas.places:
            reading = replica.read()
            if reading is not None and reading.token is not None:
                yield reading.token
        for _source, offer in self._offers():
            yield offer
        yield from self._registry.tokens_besides(self._declared.name)

    def _judge(self, token: Token | None, probe: Probe | None) -> str | None:
        reason = self._observation.reason_to_renew(token, probe)
        if reason is None and self._observation.lives_longer_than_declared(probe):
            self._outcome.reason = self._outcome.reason or "longer_than_ttl"
        return reason

    def _adopt(
        self, token: Token, probe: Probe, *, source: str = "offered", better_than: int | None = None
    ) -> str | None:
        """Make ``token`` current and return why it is due all the same.

        :raises ConfigurationError: the objection to it.
        """
        objection = self._adoption.objection(token, probe, better_than=better_than)
        if objection is not None or probe.entry is None:
            raise objection or AssertionError("a live token has an entry")
        if source != "found_in_vault":
            self._outcome.held = self._outcome.held or self._records.record
        was_current = self._records.record.current
        restored = was_current is not None and was_current.id == token.id
        self._adoption.adopt(token, probe.entry)
        self._outcome.action = "repaired" if restored else "adopted"
        self._outcome.reason = "restored" if restored else source
        return self._judge(token, probe)

    def _warn_of_plain_text(self) -> None:
        if self._records.reading.is_plain_text:
            self._outcome.warn(
                f"The token that was found in {self._records.place} stood there in plain text. From now on it is "
                "vaulted, but whoever could read the file, a copy of it or its history knows the value: renew it now "
                "with renew_now."
            )

    def _take_from_replicas(self, reason: str | None) -> str | None:
        """Before minting for a token that does not work any more, ask the replicas for one that does."""
        for token in self._candidates():
            probe = self._remote.probe(token)
            if self._adoption.objection(token, probe, better_than=None) is None:
                return self._adopt(token, probe)
        return reason

    def _candidates(self) -> list[Token]:
        """Return the current token if only a replica still holds its value, then what the record does not know."""
        record = self._records.record
        candidates = []
        if record.current is not None:
            kept = self._replicas.holding(record.current.id)
            held = self._records.reading.token
            if kept is not None and (held is None or held.fingerprint != kept.fingerprint):
                candidates.append(kept)
        unmanaged = self._replicas.unmanaged(lambda token: token.id in record.known_ids)
        return [*candidates, *(token for _place, token in unmanaged)]

    def _offers(self) -> list[tuple[str, Token]]:
        """Return the tokens that a person has made for this declaration, and where each was found."""
        offers = [("offers", self._declared.offer)] if self._declared.offer else []
        inbox = self._inbox
        reading = inbox.read() if inbox else None
        if inbox is not None and isinstance(inbox.error, VaultCorrupt):
            self._reject(inbox.outcome.place, "", inbox.error)
        elif inbox is not None and inbox.error is not None:
            self._outcome.warn(f"The inbox could not be looked into. {inbox.error}")
        if inbox is not None and reading is not None and reading.token is not None:
            offers.append((inbox.outcome.place, reading.token))
        return offers

    def _note_misplaced(self) -> None:
        """Say where a token stands beside the name that the inbox has, as if somebody had mistaken it."""
        inbox = self._inbox
        if inbox is None or inbox.reading is None or inbox.reading.token is not None or self._outcome.offer is not None:
            return
        where = inbox.place.identity[:-1]
        names = [name for name in inbox.reading.beside if (*where, name) not in self._declared_places]
        if names:
            why = f"{inbox.outcome.place} holds none, but there is one under {', '.join(names)}: rename that."
            self._note_offer(inbox.outcome.place, "", accepted=False, why=why)

    def _take_offer(self, source: str, offer: Token, reason: str | None) -> str | None:
        current = self._records.record.current
        is_live = self._remote.live is not None and current is not None
        if is_live and current is not None and offer.id == current.id:
            self._note_offer(source, offer.id, accepted=False, why="It is the current token already.")
            return reason
        probe = self._remote.probe(offer)
        better_than = current.expires_at if is_live and current is not None else None
        objection = self._adoption.objection(offer, probe, better_than=better_than)
        if objection is not None and offer.id in self._records.record.known_ids:
            self._note_offer(source, offer.id, accepted=False, why="It was taken before, and has been replaced since.")
            return reason
        if objection is not None:
            self._reject(source, offer.id, objection)
            return reason
        reason = self._adopt(offer, probe, better_than=better_than)
        self._note_offer(source, offer.id, accepted=True, why="")
        return reason

    def _reject(self, source: str, token_id: str, objection: TokenOpsError) -> None:
        self._note_offer(source, token_id, accepted=False, why=str(objection))
        self._outcome.reject_offer(objection)

    def _note_offer(self, source: str, token_id: str, *, accepted: bool, why: str) -> None:
        if self._outcome.offer is None or accepted:
            self._outcome.offer = {"token_id": token_id, "source": source, "accepted": accepted, "reason": why}


class Inbox:
    """The place where a person leaves a new token.

    :ivar was_emptied: whether this pass has removed the token from it.
    """

    def __init__(self, place: Replica | None, records: RecordKeeper, outcome: Outcome) -> None:
        self._place = place
        self._records = records
        self._outcome = outcome
        self.was_emptied = False

    def empty(self) -> None:
        """Remove a token that was taken from the inbox, once the current one is safe in every vault (R27)."""
        place = self._place
        reading = place.reading if place else None
        current = self._records.record.current
        if place is None or reading is None or reading.token is None or current is None:
            return
        if reading.token.id not in self._records.record.known_ids:
            return
        try:
            place.place.erase(reading.version)
            self.was_emptied = True
        except VaultError as error:
            self._outcome.warn(f"The inbox could not be emptied; the next run tries again. {error}")
