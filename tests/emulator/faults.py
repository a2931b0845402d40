# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripted faults: which request they hit, and what they do to it."""

from __future__ import annotations

import gzip
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from emulator import signing
from emulator.messages import JSON_CONTENT_TYPE, Answer, error_answer
from emulator.operations import ANY, OPERATIONS
from emulator.wire import CLOSE, RESET, Wire

GATEWAY_PAGE = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center><hr>nginx</body></html>\r\n"
GARBAGE = bytes(range(128, 256)) + b"{]\x00"
DATE = "Date"

Transformation = Callable[[Answer], Answer]


@dataclass
class Plan:
    """What the faults that hit one request add up to."""

    faults: list[str] = field(default_factory=list)
    delay_before: float = 0.0
    delay_after: float = 0.0
    runs_handler: bool = True
    runs_late_after: float | None = None
    substitute: Answer | None = None
    mints_for_stranger: bool = False
    transformations: list[Transformation] = field(default_factory=list)
    wire: Wire = field(default_factory=Wire)

    def refuse(self, answer: Answer) -> None:
        """Answer with this; the handler does not run."""
        self.substitute = answer
        self.runs_handler = False


@dataclass
class Fault:
    """One scripted fault.

    It hits *count* calls (None: every further one) of *operation*, beginning with the *on_call*-th call that comes
    after the fault was added. With *user* only calls of that user count. *kind* is a name of ``KINDS``; *options* are
    the keyword arguments of that kind. Where a kind puts its own answer in the place of the handler's,
    *runs_handler* decides whether the handler runs all the same (a gateway that gave up waiting).
    """

    kind: str
    operation: str = ANY
    on_call: int = 1
    count: int | None = 1
    user: str | None = None
    runs_handler: bool | None = None
    options: dict[str, Any] = field(default_factory=dict)
    calls_seen: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault {self.kind!r}; known are {', '.join(sorted(KINDS))}")
        if self.operation != ANY and self.operation not in OPERATIONS:
            raise ValueError(f"unknown operation {self.operation!r}; known are {', '.join((ANY, *OPERATIONS))}")
        if self.on_call < 1 or (self.count is not None and self.count < 1):
            raise ValueError("on_call and count start at 1")
        try:
            KINDS[self.kind](Plan(), **self.options)
        except TypeError as error:
            raise ValueError(f"options of fault {self.kind!r}: {error}") from error

    def hits(self, operation: str | None, user: str | None) -> bool:
        """Count a call if it concerns this fault, and say whether it is hit."""
        if self.operation not in (ANY, operation) or (self.user is not None and self.user != user):
            return False
        self.calls_seen += 1
        behind_first = self.calls_seen - self.on_call
        return behind_first >= 0 and (self.count is None or behind_first < self.count)

    def apply(self, plan: Plan) -> None:
        """Add this fault to what happens to one request."""
        KINDS[self.kind](plan, **self.options)
        if self.runs_handler is not None:
            plan.runs_handler = self.runs_handler
        plan.faults.append(self.kind)


class FaultScript:
    """The faults to come. All that hit the same call are combined, in the order they were added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        kind: str,
        operation: str = ANY,
        *,
        on_call: int = 1,
        count: int | None = 1,
        user: str | None = None,
        runs_handler: bool | None = None,
        **options: Any,
    ) -> Fault:
        """Script a fault, as in ``add("drop_after", "generate")``; raises ``ValueError`` for what makes no sense."""
        fault = Fault(kind, operation, on_call, count, user, runs_handler, options)
        with self._lock:
            self._faults.append(fault)
        return fault

    def plan(self, operation: str | None, user: str | None) -> Plan:
        """Count a call and combine what hits it."""
        plan = Plan()
        with self._lock:
            for fault in self._faults:
                if fault.hits(operation, user):
                    fault.apply(plan)
        return plan

    def clear(self) -> None:
        """Forget every fault."""
        with self._lock:
            self._faults.clear()

    def dump(self) -> list[dict[str, Any]]:
        """The faults, with how many calls each has seen."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]


def _status(
    plan: Plan,
    *,
    status: int,
    headers: Mapping[str, str] | None = None,
    body: str | None = None,
    content_type: str = JSON_CONTENT_TYPE,
) -> None:
    """Answer with a status, headers and a body (by default the vendor's error body), instead of the handler."""
    answer = error_answer(status, "999", "Scripted fault")
    if body is not None:
        answer = replace(answer, body=body.encode())
    answer = answer.with_header("Content-Type", content_type)
    for name, value in (headers or {}).items():
        answer = answer.with_header(name, value)
    plan.refuse(answer)


def _gateway_page(plan: Plan, *, status: int = 502) -> None:
    """Answer as a gateway does: HTML, with 502, 503, 504 or even 200."""
    plan.refuse(Answer(status, GATEWAY_PAGE % (status, status), (("Content-Type", "text/html"),)))


def _redirect(plan: Plan, *, location: str = "https://elsewhere.example.com/", status: int = 307) -> None:
    """Send the caller to another host."""
    plan.refuse(Answer(status, b"", (("Location", location),)))


def _delay_before(plan: Plan, *, seconds: float) -> None:
    """Wait before the handler runs; it runs even if the caller has given up by then."""
    plan.delay_before += float(seconds)


def _delay_after(plan: Plan, *, seconds: float) -> None:
    """Wait between the handler and the answer."""
    plan.delay_after += float(seconds)


def _drop_before(plan: Plan, *, how: str = CLOSE) -> None:
    """Close or reset the connection; the handler does not run."""
    plan.runs_handler = False
    _drop(plan, how)


def _drop_after(plan: Plan, *, how: str = CLOSE) -> None:
    """Let the handler run, then close or reset the connection without an answer."""
    _drop(plan, how)


def _drop(plan: Plan, how: str) -> None:
    if how not in (CLOSE, RESET):
        raise ValueError(f"how must be {CLOSE} or {RESET}")
    plan.wire = replace(plan.wire, dropped=how)


def _run_late(plan: Plan, *, seconds: float, how: str = CLOSE) -> None:
    """Drop the connection at once; the handler runs when the emulator's clock has gone on by *seconds*."""
    plan.runs_handler = False
    plan.runs_late_after = float(seconds)
    _drop(plan, how)


def _truncated_body(plan: Plan, *, keep_bytes: int = 10) -> None:
    """Announce the whole body, send its first bytes, close."""
    plan.wire = replace(plan.wire, keep_body_bytes=int(keep_bytes))


def _cut_header(plan: Plan) -> None:
    """Close in the middle of a header line."""
    plan.wire = replace(plan.wire, cut_header=True)


def _slow_drip(plan: Plan, *, interval: float = 0.05) -> None:
    """Send the body byte by byte, *interval* seconds apart."""
    plan.wire = replace(plan.wire, drip_interval=float(interval))


def _endless_body(plan: Plan, *, declared_bytes: int | None = None) -> None:
    """Stream a body of *declared_bytes*, or one without an end, in chunks."""
    plan.wire = replace(plan.wire, endless=True, declared_bytes=declared_bytes)


def _empty_body(plan: Plan) -> None:
    """Answer with the handler's status and no body."""
    plan.transformations.append(lambda answer: replace(answer, body=b""))


def _garbage_body(plan: Plan) -> None:
    """Answer with bytes that are neither JSON nor UTF-8."""
    plan.transformations.append(lambda answer: replace(answer, body=GARBAGE))


def _body(plan: Plan, *, body: str) -> None:
    """Answer with the handler's status and headers and another body."""
    plan.transformations.append(lambda answer: replace(answer, body=body.encode()))


def _content_type(plan: Plan, *, content_type: str = "text/plain") -> None:
    """Name another content type."""
    plan.transformations.append(lambda answer: answer.with_header("Content-Type", content_type))


def _date_header(plan: Plan, *, value: str | None = None) -> None:
    """Send this ``Date`` header, or none. (``Clock.date_header_skew`` shifts all of them.)"""
    plan.transformations.append(lambda answer: answer.with_header(DATE, value))


def _foreign_token(plan: Plan) -> None:
    """Generate hands out a token of another user of the same contract."""
    plan.mints_for_stranger = True


def _replaced_fields(plan: Plan, *, fields: Mapping[str, Any]) -> None:
    """Change fields (``id``, ``createdDate``, ...) of every token in the answer; ``id`` also the JWT's ``kid``."""
    plan.transformations.append(lambda answer: _with_replaced_fields(answer, dict(fields)))


def _with_replaced_fields(answer: Answer, fields: dict[str, Any]) -> Answer:
    try:
        document = answer.json()
    except ValueError:
        return answer
    if answer.status != 200:
        return answer
    if "tokens" in document:
        document = {"tokens": [{**token, **fields} for token in document["tokens"]]}
    elif "token" in document:
        document = {"token": signing.with_token_id(document["token"], fields.get("id", ""))}
    else:
        document = {**document, **fields}
    return replace(answer, body=json.dumps(document).encode())


def _missing_fields(plan: Plan, *, fields: Iterable[str]) -> None:
    """Leave fields out of the answer, and out of every token in it."""
    missing = frozenset(fields)

    def without(document: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in document.items() if name not in missing}

    def changed(answer: Answer) -> Answer:
        if answer.status != 200:
            return answer
        document = without(answer.json())
        if "tokens" in document:
            document["tokens"] = [without(token) for token in document["tokens"]]
        return replace(answer, body=json.dumps(document).encode())

    plan.transformations.append(changed)


def _success(plan: Plan, *, status: int = 200, body: str = "{}") -> None:
    """Answer what was done with another status of success, such as 202, and another body."""

    def changed(answer: Answer) -> Answer:
        return replace(answer, status=status, body=body.encode()) if answer.status == 200 else answer

    plan.transformations.append(changed)


def _no_content(plan: Plan) -> None:
    """Answer what was done with 204, which has neither a body nor a length."""
    _success(plan, status=204, body="")


def _bare_refusal(plan: Plan, *, body: str = "unauthorized", content_type: str = "text/plain") -> None:
    """Refuse what would be refused, with a body that is not the vendor's error body."""

    def changed(answer: Answer) -> Answer:
        if not 400 <= answer.status < 500:
            return answer
        return replace(answer, body=body.encode()).with_header("Content-Type", content_type)

    plan.transformations.append(changed)


def _gzip(plan: Plan) -> None:
    """Compress the body although nobody has asked for it."""
    plan.transformations.append(
        lambda answer: replace(answer, body=gzip.compress(answer.body)).with_header("Content-Encoding", "gzip")
    )


def _odd_entry(plan: Plan, *, token_id: str | None = None, without: Iterable[str] = ("expirationDate",)) -> None:
    """Add an entry to a list: with an id of any form, and without some of the fields."""
    entry = {
        "id": token_id or str(uuid.uuid4()),
        "createdDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
    }
    shown = {name: value for name, value in entry.items() if name not in tuple(without)}

    def changed(answer: Answer) -> Answer:
        document = answer.json() if answer.status == 200 else {}
        if "tokens" not in document:
            return answer
        return replace(answer, body=json.dumps({**document, "tokens": [*document["tokens"], shown]}).encode())

    plan.transformations.append(changed)


KINDS: dict[str, Callable[..., None]] = {
    "status": _status,
    "gateway_page": _gateway_page,
    "redirect": _redirect,
    "delay_before": _delay_before,
    "delay_after": _delay_after,
    "drop_before": _drop_before,
    "drop_after": _drop_after,
    "run_late": _run_late,
    "truncated_body": _truncated_body,
    "cut_header": _cut_header,
    "slow_drip": _slow_drip,
    "endless_body": _endless_body,
    "empty_body": _empty_body,
    "garbage_body": _garbage_body,
    "body": _body,
    "content_type": _content_type,
    "date_header": _date_header,
    "foreign_token": _foreign_token,
    "replaced_fields": _replaced_fields,
    "missing_fields": _missing_fields,
    "success": _success,
    "no_content": _no_content,
    "bare_refusal": _bare_refusal,
    "gzip": _gzip,
    "odd_entry": _odd_entry,
}
