# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP API of AWX: the calls that one input of a credential needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import JsonAnswer

BASES = ("/api/v2/", "/api/controller/v2/")
"""Where the API is: of AWX itself, and behind the gateway of Automation Platform."""

_PAGE_SIZE = 200
_MAXIMUM_PAGES = 100


class Answer(JsonAnswer):
    """An answer of this API."""

    @property
    def ok(self) -> bool:
        """True for 200 and 204, the statuses of success in this API."""
        return self.status in (200, 204)


class AwxApi:
    """The calls, as AWX documents them.

    :ivar base: the path of the API; the caller sets it once it is known.
    :param url: scheme, host, port and perhaps a path, without a slash at the end.
    """

    def __init__(self, url: str, transport: Transport, authorization: str) -> None:
        self._url = url
        self._transport = transport
        self._headers = {"Authorization": authorization}
        self.base = BASES[0]

    def ping(self, base: str) -> Answer:
        """Ask whether the API is under a path."""
        return self._ask("GET", f"{base}ping/")

    def find_credentials(self, filters: Mapping[str, str]) -> Answer:
        """Ask for the credentials that fit; ``count`` tells how many there are, and a page of them is shown."""
        return self._ask("GET", f"{self.base}credentials/?{urlencode({**filters, 'page_size': _PAGE_SIZE})}")

    def credential(self, credential_id: int) -> Answer:
        """Ask for one credential; its secret inputs are shown as a placeholder."""
        return self._ask("GET", f"{self.base}credentials/{credential_id}/")

    def credential_type(self, type_id: int) -> Answer:
        """Ask for the type of a credential, which tells its inputs."""
        return self._ask("GET", f"{self.base}credential_types/{type_id}/")

    def job(self, job_id: int) -> Answer:
        """Ask for one job."""
        return self._ask("GET", f"{self.base}jobs/{job_id}/")

    def input_sources(self, credential_id: int) -> Iterator[Answer]:
        """Ask for the inputs of a credential that are read from elsewhere; yield each page, or what went wrong."""
        path = f"{self.base}credentials/{credential_id}/input_sources/?{urlencode({'page_size': _PAGE_SIZE})}"
        for _page in range(_MAXIMUM_PAGES):
            answer = self._ask("GET", path)
            yield answer
            following = answer.body.get("next")
            if not answer.ok or not isinstance(following, str) or not following:
                return
            # Whatever server it names, the login is for this one.
            parts = urlsplit(following)
            path = f"{parts.path}?{parts.query}"

    def change_credential(self, credential_id: int, changes: Mapping[str, Any]) -> Answer:
        """Change a credential. ``inputs`` replace all that there are: one that is left out is gone."""
        return self._ask("PATCH", f"{self.base}credentials/{credential_id}/", changes)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return Answer.to(self._transport, method, f"{self._url}{path}", self._headers, body)
