# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every effect of a run as a point at which it may fail, found by recording a healthy run.

An effect is a request to the API or a call of a vault. A new effect in the code is a new point all by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultConflict,
    VaultDenied,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import Effects
from emulator.in_memory import EmulatorAdapter
from support.rotation_world import RotationWorld, transport_over

LISTING, READING, DELETING, GENERATING = "api GET tokens", "api GET token", "api DELETE token", "api GET generate"
OTHER_WORDS = {"body": "unauthorized", "content_type": "text/plain"}
SETTINGS = "settings"
API_FAILURES: dict[str, tuple[str, dict[str, Any]]] = {
    "answers 401": ("status", {"status": 401}),
    "answers 403": ("status", {"status": 403}),
    "answers 404": ("status", {"status": 404}),
    "answers 429": ("status", {"status": 429, "headers": {"Retry-After": "2"}}),
    "answers 500": ("status", {"status": 500}),
    "answers 503 with HTML": ("gateway_page", {"status": 503}),
    "answers 504 after doing it": ("gateway_page", {"status": 504, "runs_handler": True}),
    "times out before": ("delay_before", {"seconds": 45, "runs_handler": False}),
    "times out after doing it": ("delay_after", {"seconds": 45}),
    "is done long after the time-out": ("run_late", {"seconds": 300}),
    "drops before": ("drop_before", {}),
    "drops after doing it": ("drop_after", {}),
    "resets after doing it": ("drop_after", {"how": "reset"}),
    "answers garbage": ("garbage_body", {}),
    "answers an empty body": ("empty_body", {}),
    "cuts the body": ("truncated_body", {}),
    "cuts a header": ("cut_header", {}),
    "redirects": ("redirect", {}),
    "answers 401 twice in other words": ("status", {"status": 401, "count": 2, **OTHER_WORDS}),
    "answers 403 in other words": ("status", {"status": 403, **OTHER_WORDS}),
    "answers 404 in other words": ("status", {"status": 404, **OTHER_WORDS}),
    "answers what it should in other words": ("bare_refusal", {}),
    "compresses the answer": ("gzip", {}),
    "leaves out every field": ("success", {}),
    "leaves out the dates": ("missing_fields", {"fields": ["createdDate", "expirationDate"]}),
    "answers 204 after doing it": ("no_content", {}),
    "answers 202 after doing it": ("success", {"status": 202}),
    "answers plain text after doing it": ("success", {"body": "OK"}),
    "answers 200 with HTML": ("gateway_page", {"status": 200}),
    "answers 200 with HTML after doing it": ("gateway_page", {"status": 200, "runs_handler": True}),
    "denies what it has done": ("success", {"body": '{"success": false}'}),
    "denies what it has not done": ("status", {"status": 200, "body": '{"success": false}'}),
    "lists an entry without a date": ("odd_entry", {}),
    "lists an entry with an id of another form": ("odd_entry", {"token_id": "17"}),
    "lists an entry of nothing": ("odd_entry", {"without": ["id", "createdDate", "expirationDate"]}),
    "names users in upper case from then on": (SETTINGS, {"upper_case_user_ids": True}),
    "rounds lifetimes from then on": (SETTINGS, {"lifetime_rounding_seconds": 60}),
}
ONLY_AT: dict[str, tuple[str, ...]] = {
    "leaves out the dates": (LISTING, READING),
    "answers 204 after doing it": (DELETING, GENERATING),
    "answers 202 after doing it": (DELETING, GENERATING),
    "answers plain text after doing it": (DELETING,),
    "denies what it has done": (DELETING,),
    "denies what it has not done": (DELETING,),
    "lists an entry without a date": (LISTING,),
    "lists an entry with an id of another form": (LISTING,),
    "lists an entry of nothing": (LISTING,),
    "names users in upper case from then on": (GENERATING,),
    "rounds lifetimes from then on": (GENERATING,),
}
"""The effects at which a failure is one; those that are not named here happen at every request."""
READ_FAILURES = ("denies", "is down before", "is down after doing it")
WRITE_FAILURES = (*READ_FAILURES, "conflicts", "has no space left", "does it minutes later")
DEATHS = ("is killed before", "is killed after")


class Killed(BaseException):
    """The process is gone: nothing more happens in it."""


@dataclass(frozen=True)
class Point:
    """The n-th effect of a run, and what it is."""

    number: int
    what: str

    @property
    def failures(self) -> tuple[str, ...]:
        """Return the ways in which this effect can fail."""
        if self.what.startswith("api "):
            return (*(name for name in API_FAILURES if self.what in ONLY_AT.get(name, (self.what,))), *DEATHS)
        is_write = self.what.startswith(("vault write", "vault erase"))
        return (*(WRITE_FAILURES if is_write else READ_FAILURES), *DEATHS)


@dataclass
class Saboteur:
    """Counts the effects of one run and lets one of them fail.

    :ivar points: the effects so far, in their order.
    :ivar watch: called after every effect, for what must hold at every moment.
    :ivar interlude: happens just before the effect ``interlude_at``, while this run stands still.
    """

    world: RotationWorld
    fail_at: int | None = None
    failure: str = ""
    watch: Callable[[str], None] = lambda what: None
    interlude_at: int | None = None
    interlude: Callable[[], None] = lambda: None
    points: list[Point] = field(default_factory=list)
    killed: bool = False
    _settings_before: dict[str, Any] = field(default_factory=dict)

    def effects(self, host: str = "host-a") -> Effects:
        """Return effects of the world that go through the saboteur."""
        session = requests.Session()
        session.mount("https://", _WatchedAdapter(self))
        self.world.store.before = self._before_vault
        self.world.store.after = self._after_vault
        effects = self.world.effects(host)
        effects.new_transport = lambda options: transport_over(session, options)
        return effects

    def leave(self) -> None:
        """Let the world be as if there had never been a saboteur."""
        self.world.store.before = self.world.store.after = lambda operation, path: None
        self.world.emulator.settings.update(self._settings_before)
        self._settings_before = {}

    def sabotage_api(self) -> None:
        """Have the API fail at the next request, or be another one from it on, as ``failure`` says."""
        kind, options = API_FAILURES[self.failure]
        if kind == SETTINGS:
            settings = self.world.emulator.settings
            self._settings_before = {name: getattr(settings, name) for name in options}
            settings.update(options)
        else:
            self.world.emulator.faults.add(kind, "any", **options)

    def begin(self, what: str) -> bool:
        """Count an effect; return True if it is the one that has to fail."""
        self._require_alive()
        if self.interlude_at == len(self.points):
            self._stand_still()
        self.points.append(Point(len(self.points), what))
        fails = self.fail_at == len(self.points) - 1
        if fails and self.failure == "is killed before":
            self._kill()
        return fails

    def end(self, what: str) -> None:
        """Take in that an effect has happened."""
        self.watch(what)
        if self.fail_at == len(self.points) - 1 and self.failure == "is killed after":
            self._kill()

    def _stand_still(self) -> None:
        self.interlude_at = None
        hooks = self.world.store.before, self.world.store.after
        self.leave()
        self.interlude()
        self.world.store.before, self.world.store.after = hooks

    def _kill(self) -> None:
        self.killed = True
        raise Killed

    def _require_alive(self) -> None:
        if self.killed:
            raise Killed

    def _before_vault(self, operation: str, path: str) -> None:
        if not self.begin(f"vault {operation} {path}"):
            return
        if self.failure == "denies":
            raise VaultDenied("vault_denied", where=path, path=path, status=403)
        if self.failure == "conflicts":
            raise VaultConflict("vault_changed_meanwhile", where=path)
        if self.failure == "is down before":
            raise VaultUnavailable("vault_unreachable", where=path)
        if self.failure == "has no space left":
            raise VaultUnavailable("vault_unreachable", rejected=True, where=path)
        if self.failure == "does it minutes later":
            self.world.store.postpone(path)

    def _after_vault(self, operation: str, path: str) -> None:
        self.end(f"vault {operation} {path}")
        if self.fail_at == len(self.points) - 1 and self.failure in ("is down after doing it", "does it minutes later"):
            raise VaultUnavailable("vault_unreachable", where=path)


class _WatchedAdapter(EmulatorAdapter):
    def __init__(self, saboteur: Saboteur) -> None:
        super().__init__(saboteur.world.emulator)
        self._saboteur = saboteur

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        what = f"api {request.method} {_operation(request)}"
        if self._saboteur.begin(what) and self._saboteur.failure in API_FAILURES:
            self._saboteur.sabotage_api()
        try:
            response = super().send(request, *args, **kwargs)
        finally:
            self._saboteur.end(what)
        return response


def _operation(request: requests.PreparedRequest) -> str:
    path = (request.path_url or "").partition("?")[0].rstrip("/")
    return path.rsplit("/", 1)[-1] if path.endswith(("/generate", "/tokens")) else path.rsplit("/", 2)[-2][:-1]
