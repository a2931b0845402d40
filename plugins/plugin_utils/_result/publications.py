# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publications: what a run has to have done by tasks of the user, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import PlaceFacts, TokenFacts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.schema import (
    Codec,
    Count,
    Flag,
    Instant,
    Name,
    Text,
    read,
    write,
)

Way = Literal["publish", "unpublish"]


def _way(value: object, _where: str) -> Way:
    return "unpublish" if value == "unpublish" else "publish"


@dataclass(frozen=True)
class Publication:
    """One place and what to do there. No secret is in it, nor are the place's options, which may hold some.

    :ivar place: the place in words.
    :ivar replica: the position of the place among the replicas of the token.
    :ivar file: the path of the task file.
    :ivar token_id: of the token that is published, or was; None in check mode, if it is not minted yet.
    :ivar failed: whether the tasks did not all succeed.
    :ivar failed_task: the name of the one that did not.
    """

    name: Name
    vault: Name
    target: Text = ""
    place: Text = ""
    replica: Count = 0
    what: Annotated[Way, Codec(_way)] = "publish"
    file: Text = ""
    token_id: Text | None = None
    expires_at: Instant | None = None
    failed: Flag = False
    failed_task: Text | None = None

    @property
    def spot(self) -> tuple[str, str]:
        """What the record calls the place."""
        return (self.vault, self.target)


def publication_entry(publication: Publication) -> dict[str, Any]:
    """Return the entry of ``publications`` in the result of a task."""
    entry = write(publication)
    return {key: value for key, value in entry.items() if key not in ("failed", "failed_task")}


def publications(entries: Sequence[object]) -> tuple[Publication, ...]:
    """Return what became of publications, from the entries of ``published``.

    :raises ConfigurationError: ``report_input_invalid``.
    """
    return tuple(read(Publication, entry, f"published[{number}]") for number, entry in enumerate(entries))


def continued(earlier: TokenFacts, later: TokenFacts) -> TokenFacts:
    """Return the facts of a token of which one call has told ``earlier``, and the one after the publications ``later``.

    :param later: what is the case now; what was done before, and what went wrong, stays said.
    """
    is_unread = later.current is None and any(place.role == "record" and place.message for place in later.places)
    known = earlier if is_unread else later
    codes = tuple(dict.fromkeys([*earlier.error_codes, *later.error_codes]))
    waits = earlier.waits or later.waits
    has_failed = any(facts.error_codes and not facts.waits for facts in (earlier, later))
    did_more = earlier.action in ("kept", "retired", "busy", "failed") and later.action != "kept"
    told = later if did_more else earlier
    return replace(
        later,
        action=told.action,
        reason=told.reason,
        changed=earlier.changed or later.changed,
        failed=has_failed or any(place.message for place in later.places),
        waits=waits and not has_failed,
        cause=earlier.cause or later.cause,
        message=_joined(earlier.message, later.message),
        error_codes=codes,
        works=earlier.works if later.works is None else later.works,
        current=known.current,
        previous=known.previous,
        delete_in_dcd=known.delete_in_dcd,
        retired=_union(earlier.retired, later.retired),
        revoked=_union(earlier.revoked, later.revoked),
        orphans_deleted=_union(earlier.orphans_deleted, later.orphans_deleted),
        places=_places(earlier.places, later.places),
        policy=later.policy or earlier.policy,
        handoff=earlier.handoff or later.handoff,
        offer=earlier.offer,
        warnings=tuple(dict.fromkeys([*earlier.warnings, *later.warnings])),
    )


def _places(earlier: Sequence[PlaceFacts], later: Sequence[PlaceFacts]) -> tuple[PlaceFacts, ...]:
    changed: Mapping[tuple[str, str], bool] = {(place.vault, place.place): place.changed for place in earlier}
    return tuple(
        replace(place, changed=place.changed or changed.get((place.vault, place.place), False)) for place in later
    )


def _union(earlier: Sequence[str], later: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({*earlier, *later}))


def _joined(*messages: str | None) -> str | None:
    return " ".join(dict.fromkeys(message for message in messages if message)) or None
