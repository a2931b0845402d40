# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays that meet every secret of a ``LeakSite``: they succeed, fail in many ways, repeat, register and show."""

from __future__ import annotations

import json
import sys
from typing import Any

from support.leak_site import VAULT_ID, LeakSite

NOWHERE = "http://127.0.0.1:1"
ECHO_USER = "carol@example.com"
USER_INFO = "https://ann:{{ password | string | urlencode }}@127.0.0.1"
APP: dict[str, Any] = {
    "name": "app",
    "ttl": "30d",
    "renew_before": "7d",
    "overlap": "1d",
    "vault": {"in": "bao", "path": "app"},
    "replicas": [
        {"in": "files", "path": "ionos.yml", "variable": "ionos_token"},
        {"in": "awx", "credential": "app", "token_id_input": "token_id"},
        {"in": "cluster", "namespace": "default", "secret": "app"},
        {"in": "config", "profile": "app"},
    ],
}
DNS = {
    "name": "dns",
    "vault": {"in": "cluster", "namespace": "default", "secret": "dns"},
    "replicas": [{"in": "config", "profile": "dns"}],
}
SHOP = {
    "name": "shop",
    "account": "shop",
    "vault": {"in": "approle", "path": "shop"},
    "replicas": [{"in": "awx by password", "credential": "shop"}],
}
TAKEN = {"name": "taken", "vault": {"in": "bao", "path": "taken"}}
ACTION = "tokenops.ionos.vaulted_tokens"
LOOKUP = "tokenops.ionos.vaulted_token"


def hashi_vault(site: LeakSite, name: str = "bao", **options: Any) -> dict[str, Any]:
    """Return the declaration of the site's OpenBao, with its token unless the options say otherwise."""
    connection = {"url": site.openbao.url, "mount": site.mount, "token": "{{ bao_token }}", **options}
    return {"name": name, "hashi_vault": connection}


def kubernetes_secret(site: LeakSite, name: str = "cluster", **options: Any) -> dict[str, Any]:
    """Return the declaration of the site's cluster, with its token unless the options say otherwise."""
    return {"name": name, "kubernetes_secret": {"host": site.cluster.url, "api_key": "{{ cluster_token }}", **options}}


def awx_credential(site: LeakSite, name: str = "awx", **login: Any) -> dict[str, Any]:
    """Return the declaration of the site's AWX, with its OAuth token unless another login is given."""
    return {"name": name, "awx_credential": {"host": site.awx.url, **(login or {"oauth_token": "{{ awx_token }}"})}}


def declaration(site: LeakSite, **changes: Any) -> dict[str, Any]:
    """Return options of ``vaulted_tokens`` in which every secret has a part."""
    approle = {
        "url": site.openbao.url,
        "mount": site.mount,
        "auth_method": "approle",
        "auth_mount": site.approle.mount,
        "role_id": site.approle.role_id,
        "secret_id": "{{ secret_id }}",
    }
    shop = {"name": "shop", "username": site.bob.name, "password": "{{ password }}", "two_factor": "disabled"}
    return {
        "token": "{{ issuer }}",
        "policy": "warn",
        "accounts": [shop],
        "vaults": [
            hashi_vault(site),
            {"name": "approle", "hashi_vault": approle},
            {"name": "files", "ansible_vault_file": {"vault_id": VAULT_ID}},
            kubernetes_secret(site),
            {"name": "config", "ionos_config": {}},
            awx_credential(site),
            awx_credential(site, "awx by password", username="admin", password="{{ awx_password }}"),
        ],
        "tokens": [APP, SHOP, TAKEN, DNS],
        **changes,
    }


def rotation(site: LeakSite, **changes: Any) -> list[dict[str, Any]]:
    """Return a play that rotates and then does with the result all that users do."""
    options = declaration(site, **changes)
    tasks: list[dict[str, Any]] = [
        {"name": "Rotate", ACTION: options, "register": "rotation"},
        {"name": "Show", "ansible.builtin.debug": {"var": "rotation"}},
        {"name": "Hand on", "ansible.builtin.set_stats": {"data": {"rotation": "{{ rotation }}"}}},
        {"name": "Remember", "ansible.builtin.set_fact": {"cacheable": True, "rotation_of_today": "{{ rotation }}"}},
        {
            "name": "Rotate each",
            ACTION: {**options, "tokens": ["{{ item }}"], "accounts": [], "offers": {}},
            "loop": [APP, TAKEN],
            "loop_control": {"label": "{{ item.name }}"},
        },
        {
            "name": "Look up",
            "ansible.builtin.debug": {"msg": f"{{{{ lookup('{LOOKUP}', 'app') is match('eyJ') }}}}"},
            "when": "not ansible_check_mode",
        },
    ]
    variables = {"token_rotation_tokens": options["tokens"], "token_rotation_vaults": options["vaults"]}
    return site.workspace.play(*tasks, **variables)


def publications(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play of the role that publishes a token, with a secret among the options, once well and once badly."""
    headers = {"Authorization": "Bearer {{ token_rotation_publish_token }}"}
    tasks = [
        {
            "name": "Judge the token",
            "ansible.builtin.assert": {
                "that": [
                    "token_rotation_publish_token is match('eyJ')",
                    "token_rotation_publish_options.password | length > 0",
                ]
            },
        },
        {
            "name": "Ask a service",
            "ansible.builtin.uri": {"url": NOWHERE, "headers": headers},
            "no_log": True,
            "when": "token_rotation_publish_target == 'bad'",
        },
    ]
    site.workspace.write("publish.yml", tasks)
    options = {"password": "{{ bao_token }}"}
    replicas = [{"in": "spots", "target": target, "options": options} for target in ("bad", "good")]
    spots = {"name": "spots", "tasks": {"publish": "publish.yml", "options": {"secret_id": "{{ secret_id }}"}}}
    declared = declaration(site, tokens=[{**APP, "replicas": replicas}], accounts=[])
    declared["vaults"] = [*declared["vaults"], spots]
    variables = {f"token_rotation_{name}": value for name, value in declared.items()}
    left = "[token_rotation_result, ansible_failed_task, ansible_failed_result]"
    show = {"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ {left} }}}}"}}
    role = {"name": "Publish", "ansible.builtin.import_role": {"name": "tokenops.ionos.token_rotation"}, **_IGNORED}
    return site.workspace.play(role, show, **variables)


def failing_rotations(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play in which the action and the lookup fail in every way that has a secret near it."""
    echoed = _prepare_failures(site)

    def rotate(name: str, *, place: Any = None, **changes: Any) -> dict[str, Any]:
        tokens = [{**TAKEN, "vault": place or TAKEN["vault"]}]
        return {"name": name, ACTION: {**declaration(site), "tokens": tokens, **changes}, **_IGNORED}

    def vault(**options: Any) -> dict[str, Any]:
        return {"vaults": [hashi_vault(site, **options)], "accounts": []}

    def awx(credential: str = "app", **login: Any) -> dict[str, Any]:
        replica = {"in": "awx", "credential": credential}
        vaults = [hashi_vault(site), awx_credential(site, **login)]
        return {"vaults": vaults, "accounts": [], "tokens": [{**TAKEN, "replicas": [replica]}]}

    tasks = [
        rotate("Misspelt option", tokn="{{ issuer }}"),
        rotate("Secret as choice", two_factor="{{ password }}"),
        rotate("Secret as number", workers="{{ password }}"),
        rotate("Secret as switch", **vault(validate_certs="{{ bao_token }}")),
        rotate("Secret as key of a suboption", vaults=[{"name": "bao", "hashi_vault": "{{ {bao_token: 'x'} }}"}]),
        rotate("Secret as key of offers", offers="{{ {offered: 'taken'} }}"),
        rotate("Secret as list", tokens="{{ [offered] }}"),
        rotate("Secret as account", tokens=[{**TAKEN, "account": "{{ issuer }}"}]),
        rotate("Secret as vault", place={"in": "{{ issuer }}", "path": "taken"}),
        rotate("Secret as duration", tokens=[{**TAKEN, "ttl": "{{ issuer }}"}]),
        rotate("Secret as user", token=None, username="{{ issuer }}"),
        rotate("Something else as offer", offers={"taken": "{{ password }}"}),
        rotate("User info in the address of the API", api_url=USER_INFO),
        rotate("User info in the address of a vault", **vault(url=USER_INFO)),
        rotate("Token in two lines", token="{{ issuer }}\n{{ issuer }}"),
        rotate("Token of a vault in two lines", **vault(token="{{ bao_token }}\n{{ bao_token }}")),
        rotate("Vault denies", **vault(token="{{ secret_id }}")),
        rotate("Login to a cluster is denied", **_in_cluster(site, api_key="{{ bao_token }}")),
        rotate("Token of a cluster in two lines", **_in_cluster(site, api_key="{{ cluster_token }}\n2")),
        rotate("User info in the address of a cluster", **_in_cluster(site, host=USER_INFO)),
        rotate("Login is denied", **_approle_with(site, secret_id="{{ bao_token }}")),
        rotate("Vault is down", **vault(url=NOWHERE)),
        rotate("AWX denies", **awx(oauth_token="{{ awx_password }}")),
        rotate("AWX refuses a username", **awx(username="a:{{ awx_password }}", password="x")),
        rotate("Token of AWX in two lines", **awx(oauth_token="{{ awx_token }}\n{{ awx_token }}")),
        rotate("Secret as credential of AWX", **awx(credential="{{ issuer }}")),
        rotate("Secret as address of AWX", **awx(host="{{ awx_token }}:x", oauth_token="x")),
        rotate("User info in the address of AWX", **awx(host=USER_INFO, oauth_token="x")),
        rotate("Vault holds something else", place={"in": "bao", "path": "foreign"}),
        rotate("Record is corrupt", place={"in": "bao", "path": "corrupt"}),
        rotate("API is down", api_url=NOWHERE, place={"in": "bao", "path": "empty"}),
        rotate("API answers with the token", token=echoed, place={"in": "bao", "path": "echo"}),
        rotate("Undecryptable", token="{{ undecryptable }}"),
        {**rotate("Censored", tokn="{{ issuer }}"), "no_log": True},
        {**rotate("Each of a list", tokens=["{{ item }}"]), "loop": [{**TAKEN, "ttl": "never"}]},
        {"name": "Look up what is no token", **_look_up("foreign")},
        {"name": "Look up with a secret as kind", **_look_up("corrupt", vault="{bao_token: {}}")},
        {
            "block": [{**rotate("Fail in a block", tokn="{{ issuer }}"), "ignore_errors": False}],
            "rescue": [
                {"name": "Rescue", **_debug("{{ ansible_failed_result }} {{ ansible_failed_task.name }}")},
                {"name": "Fail again", "ansible.builtin.fail": {"msg": "{{ ansible_failed_result.msg }}"}, **_IGNORED},
                {
                    "name": "Assert",
                    "ansible.builtin.assert": {"that": "false", "fail_msg": "{{ ansible_failed_result | string }}"},
                    **_IGNORED,
                },
            ],
        },
    ]
    return site.workspace.play(*tasks, token_rotation_vaults=[hashi_vault(site)])


def _prepare_failures(site: LeakSite) -> str:
    """Have the vault hold what is wrong, and the API answer a user with what it was sent; return that user's token."""
    carol = site.api.add_user(ECHO_USER, site.password, role="owner")
    _token, echoed = site.api.mint(carol)
    site.api.faults.add("body", "any", user=ECHO_USER, count=None, body=f'{{"tokens": "{echoed}", "x": "{echoed}"}}')
    site.openbao.put_secret(site.mount, "foreign", {"token": site.password})
    site.openbao.put_secret(site.mount, "corrupt", {"token": echoed, "token_record": f'{{"token": "{echoed}"'})
    undecryptable = site.vaulted(site.plant("undecryptable"), password=site.plant("another vault password"))
    site.add_variables(f"echoed: {site.vaulted(echoed)}undecryptable: {undecryptable}")
    return "{{ echoed }}"


def modules_by_environment(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play of the modules that succeed and fail with a credential that no task names."""
    dest = str(site.tokens / "app")
    tasks = [
        {"name": "Mint", **_module("auth_token", dest=dest), "register": "minted"},
        {"name": "Judge", **_module("auth_token_info"), "register": "known"},
        {"name": "Show", "ansible.builtin.debug": {"msg": "{{ [minted, known] }}"}},
        {"name": "Hand on", "ansible.builtin.set_stats": {"data": {"minted": "{{ minted }}"}}},
        {"name": "Remember", "ansible.builtin.set_fact": {"cacheable": True, "known_today": "{{ known }}"}},
        {"name": "Value out of bounds", **_module("auth_token", dest=dest, ttl="1s"), **_IGNORED},
        {"name": "API is down", **_module("auth_token", dest=dest, api_url=NOWHERE), **_IGNORED},
        {"name": "Asynchronous", **_asynchronous("auth_token", current="", return_value=True), **_IGNORED},
    ]
    return site.workspace.play(*tasks)


def modules_by_option(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play of the modules with secrets in their options, right ones and wrong ones."""
    credential = {"token": "{{ issuer }}", "password": "{{ password }}"}
    wrong_pair = {"username": site.bob.name, "password": "{{ secret_id }}", "two_factor": "disabled"}
    tasks = [
        {
            "name": "Mint",
            # A password that is in every token, as an option that is secret and short.
            **_module("auth_token", current="", return_value=True, token="{{ issuer }}", password="e"),
            "register": "minted",
            "no_log": True,
        },
        {"name": "Judge", **_module("auth_token_info", current="{{ minted.value }}", **credential)},
        {"name": "Secret as number", **_module("auth_token", timeout="{{ password }}", **credential)},
        {"name": "Secret as switch", **_module("auth_token", force="{{ secret_id }}")},
        {"name": "Secret as choice", **_module("auth_token", state="{{ issuer }}", **credential)},
        {"name": "Secret as id", **_module("auth_token_info", token_id="{{ issuer }}", **credential)},
        {"name": "Token in two lines", **_module("auth_token_info", token="{{ issuer }}\n{{ issuer }}")},
        {"name": "User info in the address", **_module("auth_token_info", api_url=USER_INFO, **credential)},
        {"name": "API refuses", **_module("auth_token_info", **wrong_pair)},
        {
            "block": [{"name": "Misspelt option", **_module("auth_token_info", tokn="{{ issuer }}", **credential)}],
            "rescue": [{"name": "Rescue", **_debug("{{ ansible_failed_result }}")}],
        },
    ]
    return site.workspace.play(*[task if "block" in task else {**task, **_IGNORED} for task in tasks])


def unreachable_host(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play for a host that no connection leads to: a module fails there, the action needs no host."""
    ssh = site.workspace.write("ssh", "#!/bin/sh\nexit 255\n")
    ssh.chmod(0o755)
    tasks = [
        {"name": "Judge", **_module("auth_token_info"), "ignore_unreachable": True},
        {"name": "Rotate", ACTION: declaration(site), "become": True},
    ]
    connection = {"ansible_connection": "ssh", "ansible_ssh_executable": str(ssh)}
    return [{"hosts": "nowhere", "gather_facts": False, "vars": connection, "tasks": tasks}]


def censored(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play for a run in which ``ANSIBLE_NO_LOG`` hides all results."""
    tasks = [
        {"name": "Judge", **_module("auth_token_info", token="{{ issuer }}")},
        {"name": "Rotate", ACTION: declaration(site), "register": "rotation"},
        {"name": "Fail", ACTION: declaration(site, tokn="{{ issuer }}"), **_IGNORED},
    ]
    return site.workspace.play(*tasks)


def planted(site: LeakSite) -> list[dict[str, Any]]:
    """Return a play that leaks on purpose; each canary has the name of its place, and a file the name of its canary."""
    folder = site.workspace.folder
    script = site.workspace.write("leak.py", _LEAKING_SCRIPT)
    names = ("removed file", "short-lived file", "home file", "open file", "closed file", "file elsewhere")
    files = {name: site.plant(name) for name in names}
    # An input, which is not searched itself.
    site.workspace.write("leak.json", json.dumps(files))
    site.add_variables("".join(f"{name}: {site.vaulted(site.plant(name))}" for name in _LEAKING_VARIABLES))
    tasks = [
        {"name": "Print", **_debug("{{ printed }}")},
        {"name": "Fail", "ansible.builtin.fail": {"msg": "{{ failed }}"}, **_IGNORED},
        {
            "name": "Start a program",
            "ansible.builtin.command": {"argv": ["sh", "-c", "sleep 0.3", "{{ started }}"]},
            "environment": {"LEAK": "{{ environment_entry }}"},
        },
        {"name": "Remember", "ansible.builtin.set_fact": {"cacheable": True, "fact": "{{ remembered }}"}},
        {"name": "Hand on", "ansible.builtin.set_stats": {"data": {"statistic": "{{ handed_on }}"}}},
        {
            "name": "Leave files",
            "ansible.builtin.command": {"argv": [sys.executable, str(script), str(folder), str(site.elsewhere)]},
        },
    ]
    return site.workspace.play(*tasks)


_LEAKING_VARIABLES = ("printed", "failed", "started", "environment_entry", "remembered", "handed_on")
_LEAKING_SCRIPT = """\
import json, os, pathlib, resource, sys, time

folder, elsewhere = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
secrets = json.loads((folder / "leak.json").read_text())


def write(path, name, mode=0o600):
    path.touch(mode=mode)
    path.write_text(secrets[name])
    return path


write(folder / "tmp" / "removed", "removed file").unlink()
short_lived = write(folder / "tmp" / "short-lived", "short-lived file")
write(folder / "home" / ".ansible" / "file", "home file")
write(folder / "tokens" / "open", "open file", mode=0o644)
write(folder / "tokens" / "closed", "closed file")
write(elsewhere / "file", "file elsewhere")
_soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
time.sleep(0.5)
# Not removed by Python, so that it is the watch that sees the file.
os.spawnlp(os.P_WAIT, "rm", "rm", str(short_lived))
"""
_IGNORED = {"ignore_errors": True}


def _module(name: str, **options: Any) -> dict[str, Any]:
    return {f"tokenops.ionos.{name}": {"policy": "warn", **options}}


def _asynchronous(name: str, **options: Any) -> dict[str, Any]:
    return {**_module(name, **options), "async": 30, "poll": 1}


def _debug(message: str) -> dict[str, Any]:
    return {"ansible.builtin.debug": {"msg": message}, **_IGNORED}


def _look_up(path: str, **options: str) -> dict[str, Any]:
    given = "".join(f", {name}={value}" for name, value in options.items())
    return _debug(f"{{{{ lookup('{LOOKUP}', place={{'in': 'bao', 'path': '{path}'}}{given}) }}}}")


def _approle_with(site: LeakSite, **options: Any) -> dict[str, Any]:
    vaults = declaration(site)["vaults"]
    approle = {**vaults[1], "hashi_vault": {**vaults[1]["hashi_vault"], **options}, "name": "bao"}
    return {"vaults": [approle], "accounts": []}


def _in_cluster(site: LeakSite, **options: Any) -> dict[str, Any]:
    place = {"in": "cluster", "namespace": "default", "secret": "taken"}
    return {"vaults": [kubernetes_secret(site, **options)], "accounts": [], "place": place}
