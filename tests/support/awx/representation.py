# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as the API shows them: secret inputs hidden, with links and summaries."""

from __future__ import annotations

from typing import Any

from support.awx.resources import RESOURCES, SECRET_SETTINGS
from support.awx.state import ENCRYPTED, AwxState, Item, OAuthToken, User, Values

_ROLES = {
    "admin_role": ("Can manage all aspects of the credential", "Admin"),
    "use_role": ("Can use the credential in a job template", "Use"),
    "read_role": ("May view settings for the credential", "Read"),
}
_RESERVED = {character: f"[{ord(character):X}]" for character in ";/?:@=&[]"}
_NEVER_SHOWN = ("user", "team", "survey_spec")


class Shown:
    """Shows objects of one AWX to one user.

    :param base: the path of the API, such as ``/api/v2/``.
    """

    def __init__(self, state: AwxState, base: str, user: User) -> None:
        self._state = state
        self._base = base
        self._user = user

    def item(self, item: Item, *, in_list: bool = False) -> Values:
        """Return an object; only one that is asked for alone tells its named url."""
        resource = RESOURCES[item.collection]
        related: Values = {} if in_list else self._named_url(item)
        related |= {"created_by": self._url("users", 1), "modified_by": self._url("users", 1)}
        related |= {
            field: self._url(collection, item.values[field])
            for field, collection in resource.references.items()
            if item.values.get(field) is not None
        }
        related |= {name: f"{self._url(item.collection, item.id)}{name}/" for name in _links(item)}
        shown = {name: value for name, value in item.values.items() if name not in _NEVER_SHOWN}
        return {
            "id": item.id,
            "type": resource.type,
            "url": self._url(item.collection, item.id),
            "related": related,
            "summary_fields": self._summary(item),
            "created": item.created,
            "modified": item.modified,
            **shown,
            **self._hidden(item),
        }

    def user(self, user: User) -> Values:
        return {
            "id": user.id,
            "type": "user",
            "url": self._url("users", user.id),
            "username": user.username,
            "is_superuser": user.is_superuser,
        }

    def token(self, token: OAuthToken, *, is_new: bool = False) -> Values:
        url = self._url("tokens", token.id)
        return {
            "id": token.id,
            "type": "o_auth2_access_token",
            "url": url,
            "related": {"user": self._url("users", token.user.id), "activity_stream": f"{url}activity_stream/"},
            "summary_fields": {"user": _person(token.user)},
            "created": token.created,
            "modified": token.created,
            "description": token.description,
            "user": token.user.id,
            "token": token.value if is_new else "************",
            "refresh_token": None,
            "application": None,
            "expires": "3026-03-27T03:43:09.745446Z",
            "scope": token.scope,
        }

    def _url(self, collection: str, item_id: object) -> str:
        return f"{self._base}{collection}/{item_id}/"

    def _named_url(self, item: Item) -> Values:
        return {"named_url": f"{self._base}{item.collection}/{named_url(self._state, item)}/"} if item.name else {}

    def _summary(self, item: Item) -> Values:
        may = self._capabilities(item)
        summary: Values = {
            field: self._reference(collection, item.values[field])
            for field, collection in RESOURCES[item.collection].references.items()
            if item.values.get(field) is not None
        }
        admin = _person(self._state.admin)
        summary |= {"created_by": admin, "modified_by": admin, "user_capabilities": may}
        if item.collection == "credentials":
            first_role = 85 if item.id == 5 else 23
            summary["object_roles"] = {
                role: {"description": description, "name": name, "id": first_role + number}
                for number, (role, (description, name)) in enumerate(_ROLES.items())
            }
            summary["owners"] = self._owners(item)
        return summary

    def _capabilities(self, item: Item) -> Values:
        may_edit = may_change(self._user, item)
        if item.collection != "credentials":
            return {"edit": may_edit, "delete": may_edit}
        roles = self._user.roles.get(item.id, set())
        may_use = self._user.is_superuser or bool(roles & {"use", "admin"})
        return {"edit": may_edit, "delete": may_edit, "copy": self._user.is_superuser, "use": may_use}

    def _owners(self, item: Item) -> list[Values]:
        organization = self._state.find("organizations", item.values["organization"])
        if organization is None:
            return []
        owner = {"id": organization.id, "type": "organization", "name": organization.name, "description": ""}
        return [{**owner, "url": self._url("organizations", organization.id)}]

    def _reference(self, collection: str, item_id: object) -> Values:
        found = self._state.find(collection, item_id)
        return {} if found is None else {"id": found.id, "name": found.name, "description": found.values["description"]}

    def _hidden(self, item: Item) -> Values:
        if item.collection == "credentials":
            credential_type = self._state.find("credential_types", item.values["credential_type"])
            of_type = credential_type.values if credential_type else {}
            hidden = {entry["id"] for entry in of_type.get("inputs", {}).get("fields", []) if entry.get("secret")}
            inputs = item.values["inputs"].items()
            return {
                "inputs": {name: ENCRYPTED if name in hidden and value else value for name, value in inputs},
                "kind": of_type.get("namespace"),
                "cloud": of_type.get("kind") == "cloud",
                "kubernetes": of_type.get("kind") == "kubernetes",
            }
        if item.collection == "notification_templates":
            settings = item.values["notification_configuration"].items()
            hidden_settings = {k: ENCRYPTED if k in SECRET_SETTINGS and v else v for k, v in settings}
            return {"notification_configuration": hidden_settings}
        return {}


def may_change(user: User, item: Item) -> bool:
    """Tell whether a user may change or delete an object."""
    if item.values.get("managed"):
        return False
    return user.is_superuser or (item.collection == "credentials" and "admin" in user.roles.get(item.id, set()))


def may_see(user: User, item: Item) -> bool:
    """Tell whether a user is shown an object."""
    return user.is_superuser or item.collection != "credentials" or bool(user.roles.get(item.id))


def named_url(state: AwxState, item: Item) -> str:
    """Return the name of an object in a URL, with those that make it unique."""
    name = _escaped(item.name)
    if item.collection == "credential_types":
        return f"{name}+{item.values['kind']}"
    organization = state.find("organizations", item.values.get("organization"))
    owner = _escaped(organization.name) if organization else ""
    if item.collection == "credentials":
        of_type = state.find("credential_types", item.values["credential_type"])
        return f"{name}++{named_url(state, of_type) if of_type else ''}++{owner}"
    return name if item.collection in ("organizations", "execution_environments") else f"{name}++{owner}"


def _escaped(name: str) -> str:
    return "".join(_RESERVED.get(character, character) for character in name)


def _links(item: Item) -> list[str]:
    links = ["activity_stream"]
    if item.collection == "credential_types":
        links.insert(0, "credentials")
    if item.collection == "credentials":
        links += ["access_list", "object_roles", "owner_users", "owner_teams", "copy", "input_sources"]
    if item.collection == "job_templates":
        links += ["survey_spec", "credentials", "schedules"]
    if item.collection == "projects":
        links += ["update", "playbooks"]
    return links


def _person(user: User) -> dict[str, Any]:
    return {"id": user.id, "username": user.username, "first_name": "", "last_name": ""}
