# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API: who asks, for what, and what becomes of it."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from support.awx.answers import Answer, Refusal, denied, invalid, no_login, not_found
from support.awx.representation import Shown, may_change, may_see, named_url
from support.awx.resources import RESOURCES, Resource
from support.awx.state import AwxState, Item, User, Values

VERSION = "24.6.1"
_PAGE_SIZE = 25
_LISTED = [
    "ping",
    "instances",
    "instance_groups",
    "receptor_addresses",
    "config",
    "settings",
    "me",
    "dashboard",
    "organizations",
    "users",
    "execution_environments",
    "projects",
    "project_updates",
    "teams",
    "credentials",
    "credential_types",
    "credential_input_sources",
    "applications",
    "tokens",
    "metrics",
    "inventory",
    "constructed_inventory",
    "inventory_sources",
    "inventory_updates",
    "groups",
    "hosts",
    "host_metrics",
    "host_metric_summary_monthly",
    "job_templates",
    "jobs",
    "ad_hoc_commands",
    "system_job_templates",
    "system_jobs",
    "schedules",
    "roles",
    "notification_templates",
    "notifications",
    "labels",
    "unified_job_templates",
    "unified_jobs",
    "activity_stream",
    "workflow_job_templates",
    "workflow_jobs",
    "workflow_approvals",
    "workflow_job_template_nodes",
    "workflow_job_nodes",
    "mesh_visualizer",
    "bulk",
    "analytics",
    "service_index",
    "role_definitions",
    "role_user_assignments",
    "role_team_assignments",
]
_PATHS = {
    "inventory": "inventories",
    "constructed_inventory": "constructed_inventories",
    "service_index": "service-index",
}


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    authorization: str | None = None
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def values(self) -> Values:
        try:
            decoded = json.loads(self.body or b"{}")
        except ValueError as error:
            raise Refusal(400, {"detail": f"JSON parse error - {error}"}) from None
        if not isinstance(decoded, dict):
            raise Refusal(400, {"detail": "JSON parse error - not a JSON object"})
        return decoded


class AwxApi:
    """Answers requests.

    :ivar base: where the API is: ``/api/v2/``, or ``/api/controller/v2/`` behind the gateway of Automation Platform.
    """

    def __init__(self, state: AwxState, base: str) -> None:
        self.state = state
        self.base = base
        self._lock = threading.RLock()

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request, with the headers that every answer has."""
        with self._lock:
            try:
                answer = self._answer(request)
            except Refusal as refusal:
                answer = refusal.answer
        parts = request.path.removeprefix(self.base).strip("/").split("/")
        return Answer(answer.status, answer.body, {**_common_headers(parts), **answer.headers}, answer.is_html)

    def _answer(self, request: Request) -> Answer:
        path = request.path if request.path.endswith("/") else f"{request.path}/"
        if path == "/api/":
            return Answer(200, self._versions())
        if not path.startswith(self.base):
            raise Refusal(404, "<!DOCTYPE html><html><body><h1>Not Found</h1></body></html>", is_html=True)
        parts = [part for part in path.removeprefix(self.base).split("/") if part]
        if parts == ["ping"]:
            return Answer(200, {"ha": False, "version": VERSION, "active_node": "awx-1", "instances": []})
        user, scope = self._who(request.authorization)
        if scope == "read" and request.method != "GET":
            raise denied()
        return _Exchange(self.state, self.base, user, request).answer(parts)

    def _versions(self) -> Values:
        if self.base != "/api/v2/":
            return {"description": "", "apis": {"gateway": "/api/gateway/", "controller": "/api/controller/"}}
        available = {"v2": "/api/v2/"}
        return {"description": "AWX REST API", "current_version": "/api/v2/", "available_versions": available}

    def _who(self, authorization: str | None) -> tuple[User, str]:
        kind, _space, credential = (authorization or "").partition(" ")
        if kind == "Bearer":
            for token in self.state.tokens.values():
                if token.value == credential:
                    return token.user, token.scope
        if kind == "Basic":
            username, _colon, password = base64.b64decode(credential).decode().partition(":")
            for user in self.state.users:
                if (user.username, user.password) == (username, password):
                    return user, "write"
        raise no_login()


class _Exchange:
    """One request of one user."""

    def __init__(self, state: AwxState, base: str, user: User, request: Request) -> None:
        self._state = state
        self._base = base
        self._user = user
        self._request = request
        self._shown = Shown(state, base, user)

    def answer(self, parts: list[str]) -> Answer:
        if not parts:
            return Answer(200, {name: f"{self._base}{_PATHS.get(name, name)}/" for name in _LISTED})
        collection, *rest = parts
        special = getattr(self, f"_answer_{collection}", None)
        if special is not None:
            answer: Answer = special(rest)
            return answer
        if collection not in RESOURCES:
            raise not_found()
        if not rest:
            return self._answer_collection(collection)
        item = self._item(collection, rest[0])
        if len(rest) == 1:
            return self._answer_item(item)
        return self._answer_sub(item, rest[1:])

    # Collections that are none of objects

    def _answer_me(self, rest: list[str]) -> Answer:
        return self._page([self._shown.user(self._user)])

    def _answer_users(self, rest: list[str]) -> Answer:
        if len(rest) == 2 and rest[1] in ("personal_tokens", "tokens") and self._request.method == "POST":
            return self._new_token(next(user for user in self._state.users if str(user.id) == rest[0]))
        users = [self._shown.user(user) for user in self._state.users]
        return self._page([user for user in users if not rest or str(user["id"]) == rest[0]])

    def _answer_tokens(self, rest: list[str]) -> Answer:
        if not rest and self._request.method == "POST":
            return self._new_token(self._user)
        if not rest:
            return self._page([self._shown.token(token) for token in self._state.tokens.values()])
        token = self._state.tokens.get(int(rest[0]))
        if token is None or (token.user is not self._user and not self._user.is_superuser):
            raise not_found("OAuth2AccessToken")
        if self._request.method == "DELETE":
            del self._state.tokens[token.id]
            return Answer(204)
        return Answer(200, self._shown.token(token))

    def _answer_unified_job_templates(self, rest: list[str]) -> Answer:
        return self._list("job_templates", [*self._state.all("job_templates"), *self._state.all("projects")])

    def _answer_project_updates(self, rest: list[str]) -> Answer:
        return Answer(200, {"id": int(rest[0]), "status": "successful", "failed": False, "finished": "now"})

    def _new_token(self, user: User) -> Answer:
        values = self._request.values()
        token = self._state.add_token(user, values.get("scope", "write"), values.get("description", ""))
        return Answer(201, self._shown.token(token, is_new=True), {"Location": f"{self._base}tokens/{token.id}/"})

    # Collections of objects

    def _answer_collection(self, collection: str) -> Answer:
        if self._request.method == "GET":
            return self._list(collection, self._state.all(collection))
        if self._request.method != "POST":
            raise Refusal(405, {"detail": f'Method "{self._request.method}" not allowed.'})
        if not self._user.is_superuser:
            raise denied()
        return self._create(collection, self._request.values())

    def _create(self, collection: str, given: Values) -> Answer:
        resource = RESOURCES[collection]
        missing = [name for name in resource.required if given.get(name) is None]
        if missing:
            raise invalid(**dict.fromkeys(missing, "This field is required."))
        values = self._judged(resource, collection, {**resource.defaults, **_writable(resource, given)}, None)
        item = self._state.add(collection, values)
        shown = self._shown.item(item)
        if collection == "projects" and values["scm_type"]:
            shown["summary_fields"]["current_update"] = {"id": item.id, "status": "pending"}
        return Answer(201, shown, {"Location": shown["url"]})

    def _answer_item(self, item: Item) -> Answer:
        if self._request.method == "GET":
            return Answer(200, self._shown.item(item))
        if not may_change(self._user, item):
            raise denied()
        if self._request.method == "DELETE":
            return self._delete(item)
        resource = RESOURCES[item.collection]
        given = _writable(resource, self._request.values())
        item.values = self._judged(resource, item.collection, {**item.values, **given}, item)
        item.modified = self._state.moment()
        return Answer(200, self._shown.item(item))

    def _judged(self, resource: Resource, collection: str, values: Values, item: Item | None) -> Values:
        """Return the values of an object as they are kept.

        :raises Refusal: if they cannot be right.
        """
        for name, referred in resource.references.items():
            if values.get(name) is not None and self._state.find(referred, values[name]) is None:
                raise invalid(**{name: f'Invalid pk "{values[name]}" - object does not exist.'})
        resource.check(self._state, values, item)
        if collection == "job_templates":
            project = self._state.find("projects", values["project"])
            values["organization"] = project.values["organization"] if project else None
        if resource.unique is not None:
            names, message = resource.unique
            for other in self._state.all(collection):
                if other is not item and all(other.values.get(name) == values.get(name) for name in names):
                    raise Refusal(400, {"__all__": [message]})
        return values

    def _delete(self, item: Item) -> Answer:
        is_used = any(other.values["credential_type"] == item.id for other in self._state.all("credentials"))
        if item.collection == "credential_types" and is_used:
            raise Refusal(403, {"detail": "Credential types that are in use cannot be deleted."})
        self._state.remove(item)
        return Answer(RESOURCES[item.collection].deletion_status)

    def _item(self, collection: str, name: str) -> Item:
        for item in self._state.all(collection):
            if name in (str(item.id), named_url(self._state, item)) and may_see(self._user, item):
                return item
        raise not_found(RESOURCES[collection].model)

    # What belongs to an object

    def _answer_sub(self, item: Item, rest: list[str]) -> Answer:
        name = rest[0]
        if name == "survey_spec" and item.collection == "job_templates":
            return self._answer_survey(item)
        if name == "test" and self._request.method == "POST":
            return Answer(202, {})
        if name == "input_sources":
            sources = self._state.all("credential_input_sources")
            own = [source for source in sources if source.values["target_credential"] == item.id]
            return self._list("credential_input_sources", own)
        associated = RESOURCES[item.collection].associations.get(name)
        if associated is None:
            raise not_found()
        ids = item.links.setdefault(name, [])
        if self._request.method == "GET":
            found = [self._state.find(associated, number) for number in ids]
            return self._page([self._shown.item(other, in_list=True) for other in found if other])
        return self._associate(item, name, associated, ids)

    def _associate(self, item: Item, name: str, collection: str, ids: list[int]) -> Answer:
        if not may_change(self._user, item):
            raise denied()
        given = self._request.values()
        other = self._state.find(collection, given.get("id"))
        if other is None:
            raise Refusal(400, {"msg": f"{RESOURCES[collection].model} with id={given.get('id')} not found."})
        if given.get("disassociate"):
            ids[:] = [number for number in ids if number != other.id]
            return Answer(204)
        if collection == "credentials":
            self._require_fitting(name, other, ids)
        if other.id not in ids:
            ids.append(other.id)
        return Answer(204)

    def _require_fitting(self, association: str, credential: Item, ids: list[int]) -> None:
        of_type = self._state.find("credential_types", credential.values["credential_type"])
        assert of_type is not None
        if association == "galaxy_credentials" and of_type.values["kind"] != "galaxy":
            raise Refusal(400, {"msg": f"Credential must be a Galaxy credential, not {of_type.name}."})
        if association != "credentials":
            return
        if of_type.values["kind"] == "external":
            raise Refusal(400, {"error": f"Cannot assign a Credential of kind `{of_type.values['kind']}`."})
        others = [self._state.find("credentials", number) for number in ids]
        if any(other and other.values["credential_type"] == of_type.id for other in others):
            raise Refusal(400, {"error": f"Cannot assign multiple {of_type.name} credentials."})

    def _answer_survey(self, item: Item) -> Answer:
        if self._request.method == "POST":
            survey = self._request.values()
            for name in ("name", "description", "spec"):
                if name not in survey:
                    raise Refusal(400, {"error": f"'{name}' missing from survey spec."})
            for number, question in enumerate(survey["spec"]):
                for name in ("type", "question_name", "variable", "required"):
                    if name not in question:
                        raise Refusal(400, {"error": f"'{name}' missing from survey question {number}"})
            item.values["survey_spec"] = survey
        elif self._request.method == "DELETE":
            item.values["survey_spec"] = {}
        return Answer(200, item.values["survey_spec"] if self._request.method == "GET" else None)

    # Lists

    def _list(self, collection: str, items: list[Item]) -> Answer:
        model = RESOURCES[collection].model
        visible = [item for item in items if may_see(self._user, item)]
        filters = [
            (name, value) for name, value in self._request.query if name not in ("page", "page_size", "order_by")
        ]
        alternatives = [(name[4:], value) for name, value in filters if name.startswith("or__")]
        plain = [(name, value) for name, value in filters if not name.startswith("or__")]
        found = [
            item
            for item in visible
            if all(self._matches(item, name, value, model) for name, value in plain)
            and (not alternatives or any(self._matches(item, name, value, model) for name, value in alternatives))
        ]
        ordered = sorted(found, key=lambda item: (item.name, item.id))
        return self._page([self._shown.item(item, in_list=True) for item in ordered])

    def _matches(self, item: Item, name: str, value: str, model: str) -> bool:
        path = name.split("__")
        lookup = path.pop() if path[-1] in ("icontains", "startswith", "isnull", "exact") else "exact"
        current: Any = item
        for step in path:
            if current is None:
                break
            current = self._follow(current, step, model)
        if isinstance(current, Item):
            current = current.id
        if lookup == "isnull":
            return (current is None) == (value.lower() in ("true", "1"))
        if lookup == "icontains":
            return value.lower() in str(current).lower()
        if lookup == "startswith":
            return str(current).startswith(value)
        if value.lower() in ("none", "null"):
            return current is None
        return str(current).lower() == value.lower() if isinstance(current, bool) else str(current) == value

    def _follow(self, item: Item, step: str, model: str) -> Any:
        resource = RESOURCES[item.collection]
        if step == "id":
            return item.id
        if step in resource.references:
            return self._state.find(resource.references[step], item.values.get(step))
        if step not in item.values:
            raise Refusal(400, {"detail": f"{model} has no field named '{step}'"})
        return item.values[step]

    def _page(self, results: list[Values]) -> Answer:
        query = dict(self._request.query)
        size = min(int(query.get("page_size", _PAGE_SIZE)), 200)
        number = int(query.get("page", 1))
        last = max(1, -(-len(results) // size))
        if not 1 <= number <= last:
            raise Refusal(404, {"detail": "Invalid page."})
        shown = results[(number - 1) * size : number * size]
        following = self._page_link(number + 1) if number < last else None
        before = self._page_link(number - 1) if number > 1 else None
        return Answer(200, {"count": len(results), "next": following, "previous": before, "results": shown})

    def _page_link(self, number: int) -> str:
        query = sorted({**dict(self._request.query), "page": str(number)}.items())
        return f"{urlsplit(self._request.target).path}?{urlencode(query)}"


def _writable(resource: Resource, given: Values) -> Values:
    """Return what of a request is taken over: unknown fields are passed over without a word, and so is ``managed``."""
    return {name: value for name, value in given.items() if name in resource.defaults and name != "managed"}


def _common_headers(parts: list[str]) -> dict[str, str]:
    is_list = len(parts) == 1 or parts[-1] in ("personal_tokens", "input_sources")
    allowed = "GET, POST, HEAD, OPTIONS" if is_list else "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
    return {
        "Allow": "GET, HEAD, OPTIONS" if parts == [""] else allowed,
        "X-API-Total-Time": "0.001s",
        "X-API-Product-Name": "AWX",
        "X-API-Product-Version": VERSION,
    }
