# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A webhook: where it is, and one message to it that it has accepted or not.

Its address and its headers may be secrets, as those of Slack are. Only scheme, host and port are ever in a message.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import (
    Answer,
    ConnectionOptions,
    Reason,
    Transport,
    TransportError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.urls import UrlError, parse_address

METHODS = ["POST", "PUT"]
DEFAULT_TIMEOUT = 10
MAXIMUM_TIMEOUT = 300
MAXIMUM_CONNECT_TIMEOUT = 10
CONTENT_TYPE = "application/json; charset=utf-8"

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
_HEADER_VALUE = re.compile(r"[!-~](?:[ !-~]{0,7998}[!-~])?")
_OWN_HEADERS = ("accept-encoding", "connection", "content-length", "content-type", "host", "transfer-encoding")
# They write the path of every request, which may be a secret, into the log of who has asked for debugging.
_TALKATIVE_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry")

_PROBLEM_BY_REASON: dict[Reason, str] = {
    "dns": "its name does not resolve",
    "refused": "no connection can be opened",
    "timeout": "it did not answer in time",
    "deadline": "it did not answer in time",
    "tls_untrusted": "its TLS certificate is not trusted",
    "tls_expired": "its TLS certificate has expired",
    "tls_wrong_name": "its TLS certificate is for another host",
    "tls_fingerprint": "its TLS certificate is not the expected one",
    "tls_failed": "the TLS connection failed",
    "proxy": "the proxy does not connect to it",
    "proxy_library": "the environment names a SOCKS proxy, for which the Python library PySocks is missing",
    "reset": "the connection broke off",
    "cut_off": "the connection broke off",
    "too_large": "it answered with too much",
    "malformed": "it answered with something that is not HTTP",
    "ca_bundle": "the bundle of CA certificates that this machine names does not exist",
    "invalid_request": "the request could not be put together",
}


class WebhookError(TokenOpsError):
    """The webhook has not accepted a message; it may have received it all the same."""


@dataclass(frozen=True)
class Webhook:
    """Where messages go.

    :ivar origin: scheme, host and port, for messages.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    method: str
    origin: str
    options: ConnectionOptions


def parse_webhook(options: Mapping[str, Any]) -> Webhook:
    """Return the webhook that the options stand for.

    :param options: of ``webhook``, in the types of ``NOTIFY_OPTIONS``.
    :raises ConfigurationError: for an address, header, time-out or authority that cannot be used.
    """
    timeout = options["timeout"]
    if not 1 <= timeout <= MAXIMUM_TIMEOUT:
        raise ConfigurationError("option_out_of_range", where="webhook.timeout", minimum=1, maximum=MAXIMUM_TIMEOUT)
    url = options["url"].strip()
    return Webhook(
        url=url,
        headers=_headers(options["headers"]),
        method=options["method"],
        origin=_origin(url, allow_plain_http=options["allow_plain_http"]),
        options=ConnectionOptions(
            validate_certs=options["validate_certs"],
            ca_path=options["ca_path"] or None,
            connect_timeout=min(timeout, MAXIMUM_CONNECT_TIMEOUT),
            read_timeout=timeout,
            deadline=timeout,
        ),
    )


class WebhookClient:
    """Sends messages to one webhook.

    :param new_transport: makes the transport.
    """

    def __init__(self, webhook: Webhook, new_transport: Callable[[ConnectionOptions], Transport] = Transport) -> None:
        self._webhook = webhook
        self._transport = new_transport(webhook.options)

    def send(self, body: bytes) -> None:
        """Send one message. Only its status tells whether it was accepted: any of 2xx.

        :param body: JSON in UTF-8.
        :raises WebhookError: ``webhook_unreachable``, ``webhook_redirected``, ``webhook_refused``.
        """
        failure = None
        try:
            answer = self._exchange(body)
        except TransportError as error:
            failure = WebhookError(
                "webhook_unreachable", webhook=self._webhook.origin, problem=_PROBLEM_BY_REASON[error.reason]
            )
        # Raised out here, so that no other exception hangs on it as its context.
        if failure is not None:
            raise failure
        if 300 <= answer.status < 400:
            raise WebhookError("webhook_redirected", webhook=self._webhook.origin, status=answer.status)
        if not 200 <= answer.status < 300:
            raise WebhookError("webhook_refused", webhook=self._webhook.origin, status=answer.status)

    def _exchange(self, body: bytes) -> Answer:
        with _silenced_loggers():
            return self._transport.send(
                self._webhook.method,
                self._webhook.url,
                None,
                {**self._webhook.headers, "Content-Type": CONTENT_TYPE},
                body=body,
                reads_body=False,
            )


@contextmanager
def _silenced_loggers() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in _TALKATIVE_LOGGERS]
    before = [logger.disabled for logger in loggers]
    try:
        for logger in loggers:
            logger.disabled = True
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


def _origin(url: str, *, allow_plain_http: bool) -> str:
    try:
        return parse_address(url, allow_plain_http=allow_plain_http).origin
    except UrlError as error:
        failure = error
    if failure.problem == "plain_http":
        raise ConfigurationError("webhook_plain_http", webhook=failure.origin)
    raise ConfigurationError("webhook_url_invalid")


def _headers(given: Mapping[Any, Any]) -> dict[str, str]:
    headers = {str(name): str(value) for name, value in given.items() if _is_plain(value)}
    fit = all(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value) for name, value in headers.items())
    if len(headers) != len(given) or not fit:
        raise ConfigurationError("webhook_header_invalid")
    own = sorted({name.lower() for name in headers} & set(_OWN_HEADERS))
    if own:
        raise ConfigurationError("webhook_header_reserved", names=", ".join(own))
    return headers


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)
