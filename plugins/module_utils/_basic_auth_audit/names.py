# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit for Basic Authentication looks for: the vendor's hosts, and names for a username or password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterable

VENDOR_COLLECTION = "ionoscloudsdk.ionoscloud"
CREDENTIAL_OPTIONS = frozenset({"username", "password", "subscription_user", "subscription_password"})
MAXIMUM_NAMES = 100

# The hosts of regional APIs are product.location.ionos.com. A container registry (cr) has passwords of its own, and the
# hosts of the web hosting products take keys.
VENDOR_HOST = (
    r"(?<![\w.-])(?:api\.ionos\.com|api\.profitbricks\.com|(?!cr\.)[a-z0-9][a-z0-9-]{0,62}\.[a-z]{2}-[a-z]{3}\.ionos\.com)"
    r"(?![\w-]|\.\w)"
)
_URL_VARIABLE = r"ionos(?:_?cloud)?_(?:api_|auth_|cloud_)?(?:url|uri|host|endpoint|base)"
_URL_ASSIGNED = re.compile(
    rf"(?<!\w)([A-Za-z_]\w{{0,63}})[\"']?\s{{0,20}}[:=]\s{{0,20}}[\"']?(?:https?://)?{VENDOR_HOST}", re.IGNORECASE
)
# What only begins an address goes nowhere, a word of its own is no name of a host, and nobody calls names of formats.
_ANY_URL = re.compile(
    r"https?://(?!schemas?\.|www\.w3\.org|ws\.api\.profitbricks)(?:[^\s\"'`)/]{0,80}[.@${%]|localhost|\[)|"
    + VENDOR_HOST,
    re.IGNORECASE,
)

_TOOLS = "IONOS|IONOSCLOUD|IONOS_ENTERPRISE|PROFITBRICKS"
ENVIRONMENT_VARIABLE = rf"(?:{_TOOLS})_(?:USERNAME|PASSWORD)(?:_FILE)?"
ENVIRONMENT_PREFIX = re.compile(rf"(?:{_TOOLS})_[UP]")
CREDENTIAL_VARIABLE = (
    r"(?:vault_|secret_|my_)?(?:ionos(?:_?cloud)?|profitbricks)_?(?:api_?|cloud_?|dcd_?|account_?|login_)?"
    r"(?:user(?:name)?|email|login|password|passwd|passphrase|pass|pwd?)"
)
_CREDENTIAL_VARIABLE = re.compile(CREDENTIAL_VARIABLE, re.IGNORECASE)
_ENVIRONMENT_VARIABLE = re.compile(ENVIRONMENT_VARIABLE)
_MENTION = re.compile(r"ionos|profitbricks|profit_bricks|currentProfile|userdata\.", re.IGNORECASE)
# The vendor hosts mail, websites and servers too, whose passwords have nothing to do with the API.
_OF_HOSTING = re.compile(
    r"(?<![a-z])(?:smtp|imap|sftp|lftp|ftps?|rsync|scp|sshpass|ssh)(?![a-z])"
    r"|ionos_(?:host|server|ssh|s?ftp|smtp|imap|mail|port|remote|db|mysql|domain)",
    re.IGNORECASE,
)
_OF_CLOUD = re.compile(
    rf"ionos[-_.]?cloud|ionosctl|profitbricks|terraform|tofu|packer|ansible|cloudapi|data-?center|TF_VAR_|"
    rf"ionos_(?:token|api|contract|endpoint|s3|log_level|auth|datacenter)|{VENDOR_HOST}",
    re.IGNORECASE,
)

# Bare names that a play with the keyword collections may use; the names with _info are left out since they end so.
SHORT_MODULES = frozenset(
    [
        "application_load_balancer",
        "application_load_balancer_flowlog",
        "application_load_balancer_forwardingrule",
        "auto_certificate",
        "autoscaling_group",
        "backupunit",
        "certificate",
        "certificate_provider",
        "cube_server",
        "cube_template",
        "data_platform_cluster",
        "data_platform_nodepool",
        "datacenter",
        "dataplatform_cluster",
        "dataplatform_cluster_config",
        "dataplatform_nodepool",
        "dns_key",
        "dns_record",
        "dns_secondary_zone",
        "dns_zone",
        "firewall_rule",
        "group",
        "image",
        "inmemorydb_cluster",
        "ipblock",
        "k8s_cluster",
        "k8s_config",
        "k8s_nodepool",
        "lan",
        "mariadb_backup",
        "mariadb_cluster",
        "mongo_cluster",
        "mongo_cluster_user",
        "nat_gateway",
        "nat_gateway_flowlog",
        "nat_gateway_rule",
        "network_load_balancer",
        "network_load_balancer_flowlog",
        "network_load_balancer_rule",
        "nfs_cluster",
        "nfs_cluster_share",
        "nic",
        "nic_flowlog",
        "object_storage_access_key",
        "pcc",
        "pipeline",
        "postgres_cluster",
        "postgres_cluster_user",
        "postgres_cluster_database",
        "registry",
        "registry_token",
        "s3key",
        "server",
        "share",
        "snapshot",
        "target_group",
        "template",
        "user",
        "vcpu_server",
        "volume",
        "vpn_ipsec_gateway",
        "vpn_wireguard_gateway",
    ]
)


@dataclass(frozen=True)
class Names:
    """What one text says of others: names that are used as IONOS Cloud username or password.

    :ivar ansible: names of variables.
    :ivar terraform: names of variables.
    :ivar credential_types: names of AWX credential types.
    :ivar environment: names of environment variables that programs read.
    :ivar settings: sections and options of configuration files that programs read, with a point between them.
    """

    ansible: frozenset[str] = field(default_factory=frozenset)
    terraform: frozenset[str] = field(default_factory=frozenset)
    credential_types: frozenset[str] = field(default_factory=frozenset)
    environment: frozenset[str] = field(default_factory=frozenset)
    settings: frozenset[str] = field(default_factory=frozenset)

    def union(self, other: Names) -> Names:
        """Return the names of both, as many as are of use."""
        return Names(*(_bounded(ours | theirs) for ours, theirs in zip(self._all, other._all)))

    def minus(self, other: Names) -> Names:
        """Return the names that ``other`` lacks."""
        return Names(*(ours - theirs for ours, theirs in zip(self._all, other._all)))

    def are_in(self, text: str) -> bool:
        """Tell whether a text has any of them."""
        plain = (self.ansible, self.terraform, self.credential_types, self.environment)
        return any(name.rpartition("/")[2] in text for names in plain for name in names) or any(
            all(part in text for part in name.split(".")) for name in self.settings
        )

    @property
    def _all(self) -> tuple[frozenset[str], ...]:
        return self.ansible, self.terraform, self.credential_types, self.environment, self.settings


NO_NAMES = Names()


class VendorHosts:
    """Recognises addresses of the vendor's APIs in a text, those in variables too.

    :param text: the text in which variables may be set to such an address.
    """

    def __init__(self, text: str) -> None:
        names = sorted({match.group(1) for match in _URL_ASSIGNED.finditer(text)})[:MAXIMUM_NAMES]
        self._named = re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b" if names else r"(?!)")
        variables = "|".join([_URL_VARIABLE, *map(re.escape, names)])
        self._anywhere = re.compile(rf"{VENDOR_HOST}|(?:\$\{{?|\{{\{{\s{{0,20}})(?:{variables})\b", re.IGNORECASE)

    def are_named_in(self, text: str) -> bool:
        """Tell whether a piece of a program has a variable in it that is set to such an address."""
        return self._named.search(text) is not None

    def are_in(self, text: str) -> bool:
        """Tell whether a piece of the text addresses the vendor's API."""
        return self._anywhere.search(text) is not None


def is_vendor_nearest(lines: list[str], index: int, hosts: VendorHosts, distance: int) -> bool:
    """Tell whether the address nearest to a line, itself included and the lines above first, is the vendor's."""
    for offset in range(distance + 1):
        for place in (index - offset, index + offset):
            if 0 <= place < len(lines) and (hosts.are_in(lines[place]) or _ANY_URL.search(lines[place])):
                return hosts.are_in(lines[place])
    return False


def addresses_any_host(text: str) -> bool:
    """Tell whether a piece of a text has the address of a host, the vendor's or another one."""
    return _ANY_URL.search(text) is not None


def mentions_ionos(text: str) -> bool:
    """Tell whether a text has any word without which it cannot configure Basic Authentication for IONOS Cloud."""
    return _MENTION.search(text) is not None


def is_credential_variable(name: str) -> bool:
    """Tell whether a variable is by its name the username or password of an IONOS Cloud account."""
    return len(name) < 100 and _CREDENTIAL_VARIABLE.fullmatch(name) is not None and not is_environment_variable(name)


def is_about_hosting(text: str) -> bool:
    """Tell whether a text is about mail, websites or servers that the vendor hosts, and in no way about its API."""
    return _OF_HOSTING.search(text) is not None and _OF_CLOUD.search(text) is None


def kind_of_environment_variable(name: str) -> str:
    """Return what an environment variable configures: the vendor's tools, or one of those with a name of its own."""
    if name.startswith("IONOSCLOUD_"):
        return "docker_machine"
    return "legacy_tool" if name.startswith(("PROFITBRICKS_", "IONOS_ENTERPRISE_")) else "environment_variable"


def is_environment_variable(name: str) -> bool:
    """Tell whether the vendor's tools read a username or password from the environment under this name."""
    return _ENVIRONMENT_VARIABLE.fullmatch(name) is not None


def _bounded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(sorted(names)[:MAXIMUM_NAMES])
