# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an AWX keeps: its objects, users, roles and OAuth tokens. Ids count on from those of a fresh AWX 24.6.1."""

from __future__ import annotations

import datetime
import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]

ENCRYPTED = "$encrypted$"
GALAXY_URL = "https://galaxy.ansible.com/"


@dataclass
class Item:
    """One object of one collection of the API.

    :ivar values: its fields; secret inputs stand here as they are.
    :ivar links: ids of associated objects, by the name of the association, in order.
    """

    id: int
    collection: str
    values: Values
    created: str
    modified: str
    links: dict[str, list[int]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))


@dataclass
class User:
    """Somebody who logs in.

    :ivar roles: ``use``, ``admin`` or ``read``, by the id of a credential.
    """

    id: int
    username: str
    password: str
    is_superuser: bool = False
    roles: dict[int, set[str]] = field(default_factory=dict)


@dataclass
class OAuthToken:
    id: int
    value: str
    user: User
    scope: str
    description: str
    created: str


_FIRST_IDS = {"credential_types": 32, "credentials": 5, "tokens": 22, "roles": 85}

_FIELDS = {
    "machine": [("username", False), ("password", True)],
    "galaxy": [("url", False), ("auth_url", False), ("token", True)],
    "registry": [("host", False), ("username", False), ("password", True)],
    "hashivault": [
        ("url", False),
        ("token", True),
        ("cacert", False),
        ("role_id", False),
        ("secret_id", True),
        ("namespace", False),
        ("default_auth_path", False),
        ("api_version", False),
    ],
}
_MANAGED_TYPES = [
    (1, "Machine", "ssh", "ssh", "machine"),
    (18, "Container Registry", "registry", "registry", "registry"),
    (19, "Ansible Galaxy/Automation Hub API Token", "galaxy", "galaxy_api_token", "galaxy"),
    (24, "HashiCorp Vault Secret Lookup", "external", "hashivault_kv", "hashivault"),
]


class AwxState:
    """Everything that outlives a request."""

    def __init__(self) -> None:
        self._items: dict[str, dict[int, Item]] = {}
        self._counters: dict[str, Iterator[int]] = {}
        self._last_moment = datetime.datetime.now(datetime.UTC)
        self.users = [User(1, "admin", "password-of-the-admin", is_superuser=True)]
        self.tokens: dict[int, OAuthToken] = {}
        self.playbooks: dict[str, list[str]] = {}
        """The playbooks of a project, by its ``local_path`` or ``scm_url``."""
        self._seed()

    @property
    def admin(self) -> User:
        return self.users[0]

    def add_user(self, username: str, password: str) -> User:
        user = User(self.next_id("users", 2), username, password)
        self.users.append(user)
        return user

    def add_token(self, user: User, scope: str = "write", description: str = "") -> OAuthToken:
        token = OAuthToken(self.next_id("tokens"), secrets.token_hex(15), user, scope, description, self.moment())
        self.tokens[token.id] = token
        return token

    def next_id(self, collection: str, first: int = 1) -> int:
        counter = self._counters.setdefault(collection, itertools.count(_FIRST_IDS.get(collection, first)))
        return next(counter)

    def moment(self) -> str:
        """Return the time of a change: no two are the same."""
        now = max(datetime.datetime.now(datetime.UTC), self._last_moment + datetime.timedelta(microseconds=1))
        self._last_moment = now
        return now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def add(self, collection: str, values: Values, item_id: int | None = None) -> Item:
        number = self.next_id(collection) if item_id is None else item_id
        item = Item(number, collection, values, self.moment(), self.moment())
        self._items.setdefault(collection, {})[number] = item
        return item

    def all(self, collection: str) -> list[Item]:
        return list(self._items.get(collection, {}).values())

    def find(self, collection: str, item_id: object) -> Item | None:
        items = self._items.get(collection, {})
        return items.get(item_id) if isinstance(item_id, int) else None

    def named(self, collection: str, name: str) -> Item:
        """Return the one object with this name, for tests."""
        [found] = [item for item in self.all(collection) if item.name == name]
        return found

    def remove(self, item: Item) -> None:
        """Delete an object, what belongs to it, and every mention of it."""
        self._items[item.collection].pop(item.id, None)
        for collection, reference in _BELONGS_TO.get(item.collection, ()):
            for other in self.all(collection):
                if other.values.get(reference) == item.id:
                    self.remove(other)
        for links in (other.links for items in self._items.values() for other in items.values()):
            for association, ids in links.items():
                if _COLLECTION_OF.get(association, association) == item.collection and item.id in ids:
                    ids.remove(item.id)

    def _seed(self) -> None:
        self.add("organizations", {"name": "Default", "description": "", "max_hosts": 0, "default_environment": None})
        for number, name, kind, namespace, fields in _MANAGED_TYPES:
            described = [
                {"id": key, "type": "string", "label": key, "secret": hidden} for key, hidden in _FIELDS[fields]
            ]
            values: Values = {
                "name": name,
                "description": "",
                "kind": kind,
                "namespace": namespace,
                "managed": True,
                "inputs": {"fields": described, "required": []},
                "injectors": {},
            }
            self.add("credential_types", values, number)
        self._seed_credential(1, "Demo Credential", 1, {"username": "admin"}, managed=False)
        self._seed_credential(2, "Ansible Galaxy", 19, {"url": GALAXY_URL}, managed=True)
        self._seed_credential(
            3, "Default Execution Environment Registry Credential", 18, {"host": "quay.io"}, managed=True
        )
        self._seed_credential(4, "Somebody's machine", 1, {"username": "x"}, managed=False)

    def _seed_credential(self, number: int, name: str, type_id: int, inputs: Values, *, managed: bool) -> None:
        values = {
            "name": name,
            "description": "",
            "organization": None,
            "credential_type": type_id,
            "managed": managed,
            "inputs": inputs,
        }
        self.add("credentials", values, number)


_BELONGS_TO = {
    "credentials": (
        ("credential_input_sources", "target_credential"),
        ("credential_input_sources", "source_credential"),
    ),
    "inventories": (("hosts", "inventory"),),
    "job_templates": (("schedules", "unified_job_template"),),
}
_COLLECTION_OF = {
    "galaxy_credentials": "credentials",
    "notification_templates_error": "notification_templates",
    "notification_templates_started": "notification_templates",
    "notification_templates_success": "notification_templates",
}
