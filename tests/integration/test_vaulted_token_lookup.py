# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup ``vaulted_token`` in real runs of ansible-playbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from support.ansible_runs import AnsibleRun, AnsibleWorkspace, one_line
from support.openbao_fixtures import OpenBao, free_port
from support.records import new_token

PASSWORD = "password of production"
FILE_PLACE = {"in": "files", "path": "ionos.yml", "variable": "ionos_token"}


@pytest.fixture
def workspace(tmp_path: Path) -> AnsibleWorkspace:
    return AnsibleWorkspace(tmp_path)


def write_vaulted(workspace: AnsibleWorkspace, token: Token, variable: str = "ionos_token") -> None:
    secret = VaultSecret(PASSWORD.encode())
    lines = VaultLib([("prod", secret)]).encrypt(token.value, secret, vault_id="prod").decode().splitlines()
    workspace.write("ionos.yml", f"{variable}: !vault |\n" + "".join(f"    {line}\n" for line in lines))


def look_up(
    workspace: AnsibleWorkspace,
    arguments: str,
    *options: str,
    environment: dict[str, str] | None = None,
    **variables: Any,
) -> AnsibleRun:
    """Look up and show what fingerprint the value has; the value itself is never in a result."""
    lookup = f"query('tokenops.ionos.vaulted_token', {arguments})"
    task = {
        "name": "Look up",
        "ansible.builtin.debug": {
            "msg": f"{{{{ {lookup} | map('hash', 'sha256') | map('truncate', 16, true, '') | join(' ') }}}}"
        },
    }
    password = workspace.vault_password("prod", PASSWORD)
    playbook = workspace.play(task, **variables)
    return workspace.run(playbook, *password, *options, environment=environment)


def fingerprints(run: AnsibleRun) -> list[str]:
    assert run.return_code == 0, run.output
    return [f"sha256:{digest}" for digest in str(run.result("Look up")["msg"]).split()]


def bao(server: OpenBao, **options: Any) -> dict[str, Any]:
    return {"name": "bao", "hashi_vault": {"url": server.url, "token": server.root_token, **options}}


def test_declared_tokens_are_read_by_their_names_from_both_kinds_of_vault(
    workspace: AnsibleWorkspace, openbao: OpenBao, kv_mount: str
) -> None:
    in_file, in_bao = new_token(), new_token()
    write_vaulted(workspace, in_file)
    openbao.put_secret(kv_mount, "ionos/dns", {"token": in_bao.value})

    run = look_up(
        workspace,
        "'shop', 'external-dns'",
        token_rotation_vaults=[bao(openbao, mount=kv_mount), {"name": "files", "ansible_vault_file": None}],
        token_rotation_tokens=[
            {"name": "external-dns", "account": "shop", "ttl": "30d", "vault": {"in": "bao", "path": "ionos/dns"}},
            {"name": "shop", "vault": FILE_PLACE},
        ],
    )

    assert fingerprints(run) == [in_file.fingerprint, in_bao.fingerprint]


def test_declarations_may_hold_templates_and_vaulted_values(
    workspace: AnsibleWorkspace, openbao: OpenBao, kv_mount: str
) -> None:
    token = new_token()
    openbao.put_secret(kv_mount, "ionos/dns", {"token": token.value})

    run = look_up(
        workspace,
        "'external-dns'",
        environment={"BAO_LOGIN": openbao.root_token},
        mount_of_the_team=kv_mount,
        token_rotation_vaults=[bao(openbao, mount="{{ mount_of_the_team }}", token="{{ lookup('env', 'BAO_LOGIN') }}")],
        token_rotation_tokens=[{"name": "external-dns", "vault": {"path": "ionos/{{ 'dns' }}"}}],
    )

    assert fingerprints(run) == [token.fingerprint]


def test_a_replica_is_read_where_that_is_wanted(workspace: AnsibleWorkspace) -> None:
    token = new_token()
    write_vaulted(workspace, token)
    unreachable = {"name": "bao", "hashi_vault": {"url": f"http://127.0.0.1:{free_port()}", "token": "t"}}

    run = look_up(
        workspace,
        "'shop', replica='files'",
        token_rotation_vaults=[unreachable, {"name": "files", "ansible_vault_file": {}}],
        token_rotation_tokens=[{"name": "shop", "vault": {"in": "bao", "path": "x"}, "replicas": [FILE_PLACE]}],
    )

    assert fingerprints(run) == [token.fingerprint]


def test_declarations_may_be_an_expression(workspace: AnsibleWorkspace) -> None:
    token = new_token()
    write_vaulted(workspace, token)

    run = look_up(
        workspace,
        "'shop'",
        of_the_team=[{"name": "shop", "vault": {"path": "ionos.yml", "variable": "ionos_token"}}],
        of_others=[{"name": "other", "vault": {"path": "ionos.yml", "variable": "other"}}],
        token_rotation_tokens="{{ [of_the_team, of_others] | flatten }}",
    )

    assert fingerprints(run) == [token.fingerprint]


def test_what_another_machine_printed_is_never_an_expression(workspace: AnsibleWorkspace) -> None:
    proof = workspace.folder / "evaluated"
    workspace.write("printed", f"{{{{ lookup('ansible.builtin.pipe', 'touch {proof}') }}}}")
    text = "(printed.stdout ~ '')"
    # Names are left out: ansible-core 2.18 templates the terms of every lookup again before the lookup is called.
    arguments = [
        f"'shop', replica={text}",
        f"'shop', tokens=[{{'name': 'shop', 'vault': {{'path': {text}, 'variable': 'v'}}}}]",
        f"'shop', vaults=[{{'name': {text}, 'ansible_vault_file': {{}}}}]",
        f"place={{'path': {text}, 'variable': {text}}}",
        f"place={{'path': 'x'}}, vault={{'hashi_vault': {{'url': {text}}}}}",
        "'shop', tokens=declared",
    ]
    command = {"cmd": "cat printed", "chdir": str(workspace.folder)}
    print_it = {"name": "Print", "ansible.builtin.command": command, "register": "printed"}
    tasks = [
        {"ansible.builtin.debug": {"msg": f"{{{{ lookup('tokenops.ionos.vaulted_token', {of_one}) }}}}"}}
        | {"ignore_errors": True, "vars": {"declared": [{"name": f"{{{{ {text} }}}}"}]}}
        for of_one in arguments
    ]

    run = workspace.run(
        workspace.play(
            print_it, *tasks, token_rotation_tokens=[{"name": "shop", "vault": {"path": "x", "variable": "v"}}]
        )
    )

    assert [result.status for result in run.results] == ["ok"] + ["failed"] * len(arguments), run.output
    assert "touch" in run.result("Print")["stdout"]
    assert not proof.exists()


def test_a_place_is_read_that_nothing_declares(workspace: AnsibleWorkspace, openbao: OpenBao, kv_mount: str) -> None:
    token = new_token()
    openbao.put_secret(kv_mount, "a/b", {"IONOS_TOKEN": token.value})

    run = look_up(
        workspace,
        f"vault={{'hashi_vault': {{'mount': '{kv_mount}'}}}}, place={{'path': 'a/b', 'key': 'IONOS_TOKEN'}}",
        environment={"VAULT_ADDR": openbao.url, "VAULT_TOKEN": openbao.root_token},
    )

    assert fingerprints(run) == [token.fingerprint]


def test_without_vaults_a_place_is_a_variable_of_a_file(workspace: AnsibleWorkspace) -> None:
    token = new_token()
    write_vaulted(workspace, token)

    run = look_up(workspace, "place={'path': 'ionos.yml', 'variable': 'ionos_token'}")

    assert fingerprints(run) == [token.fingerprint]


def test_r31_a_file_is_read_at_the_moment_of_the_lookup(workspace: AnsibleWorkspace) -> None:
    """R31: a variables file that is rewritten during a run is not seen by the run itself, but by the lookup."""
    first, second = new_token(), new_token()
    write_vaulted(workspace, first)
    workspace.write("next/ionos.yml", (workspace.folder / "ionos.yml").read_text())
    write_vaulted(workspace, second)
    see = "{{ lookup('tokenops.ionos.vaulted_token', place=place) | hash('sha256') | truncate(16, true, '') }}"
    tasks = [
        {"name": "Before", "ansible.builtin.debug": {"msg": see}},
        {"name": "Rewrite", "ansible.builtin.copy": {"src": "next/", "dest": "{{ playbook_dir }}/", "mode": "0600"}},
        {"name": "After", "ansible.builtin.debug": {"msg": see}},
    ]
    place = {"path": "ionos.yml", "variable": "ionos_token"}

    run = workspace.run(workspace.play(*tasks, place=place), *workspace.vault_password("prod", PASSWORD))

    seen = [f"sha256:{run.result(name)['msg']}" for name in ("Before", "After")]
    assert seen == [second.fingerprint, first.fingerprint]


def test_a_lookup_writes_nothing(workspace: AnsibleWorkspace) -> None:
    write_vaulted(workspace, new_token())
    before = (workspace.folder / "ionos.yml").stat()

    look_up(workspace, "place={'path': 'ionos.yml', 'variable': 'ionos_token'}")

    after = (workspace.folder / "ionos.yml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


# What goes wrong


MISTAKES = {
    "'nobody'": "nobody is not the name of a declared token. Correct it, or add it to tokens",
    "'shop', replica='bao'": "shop is not declared to be in the vault bao. Name one of: (it has no replicas).",
    "[]": "wants either names of declared tokens or a place. Give names, or place with vault, and not both.",
    "'shop', place={'path': 'x'}": "wants either names of declared tokens or a place.",
    "place={'path': 'ionos.yml'}": "lacks variable, which ansible_vault_file needs. Add it.",
    "place={'path': 'ionos.yml', 'variable': 'v', 'key': 'k'}": "key is not an option of ansible_vault_file.",
    "place={'path': 'ionos.yml', 'wrong': 'v'}": "has an option that does not exist here: wrong.",
    "place={'path': 'absent.yml', 'variable': 'v'}": "(absent.yml, variable v) holds no token. Run vaulted_tokens",
    "place={'path': 'no/absent.yml', 'variable': 'v'}": "does not exist. Create the directory",
    "place={'path': 'x'}, vault={'hashi_vault': {'token': 't'}}": "has no address. Give url, or set VAULT_ADDR",
    "place={'path': 'x'}, vault={'hashi_vault': {'url': 'http://127.0.0.1:1', 'token': 't'}}": "cannot be reached",
    "place={'path': 'x'}, vault={'paper': {}}": "has an option that does not exist here: paper.",
}


@pytest.fixture(scope="module")
def run_of_mistakes(tmp_path_factory: pytest.TempPathFactory) -> AnsibleRun:
    """One run with a task for each mistake."""
    workspace = AnsibleWorkspace(tmp_path_factory.mktemp("mistakes"))
    tasks = [
        {
            "name": f"Mistake {number}",
            "ansible.builtin.debug": {"msg": f"{{{{ lookup('tokenops.ionos.vaulted_token', {arguments}) }}}}"},
            "ignore_errors": True,
        }
        for number, arguments in enumerate(MISTAKES)
    ]
    tokens = [{"name": "shop", "vault": {"path": "ionos.yml", "variable": "ionos_token"}}]
    playbook = workspace.play(*tasks, token_rotation_tokens=tokens)
    return workspace.run(playbook, *workspace.vault_password("prod", PASSWORD))


@pytest.mark.parametrize("arguments", MISTAKES)
def test_what_is_wrong_is_said_with_what_to_do(run_of_mistakes: AnsibleRun, arguments: str) -> None:
    task = run_of_mistakes.task(f"Mistake {list(MISTAKES).index(arguments)}")

    assert task.status == "failed"
    assert MISTAKES[arguments] in one_line(task.result["msg"])


def test_a_password_that_does_not_fit_is_named_by_its_vault_id(workspace: AnsibleWorkspace) -> None:
    write_vaulted(workspace, new_token())
    task = {"ansible.builtin.debug": {"msg": "{{ lookup('tokenops.ionos.vaulted_token', place=place) }}"}}
    place = {"path": "ionos.yml", "variable": "ionos_token"}

    run = workspace.run(workspace.play(task, place=place), *workspace.vault_password("dev", "another"))

    assert "is encrypted with the vault id prod, and no vault password that Ansible was given opens it." in run.failure


def test_without_any_password_the_user_is_told_how_to_give_one(workspace: AnsibleWorkspace) -> None:
    task = {"ansible.builtin.debug": {"msg": "{{ lookup('tokenops.ionos.vaulted_token', place=place) }}"}}
    place = {"path": "ionos.yml", "variable": "ionos_token"}

    run = workspace.run(workspace.play(task, place=place))

    assert "Ansible was started without a vault password. Start it with --vault-id" in run.failure


def test_errors_can_be_ignored_as_with_every_lookup(workspace: AnsibleWorkspace) -> None:
    run = look_up(workspace, "place={'path': 'absent.yml', 'variable': 'v'}, errors='ignore'")

    assert fingerprints(run) == []


def test_no_secret_is_shown_by_a_failure_however_much_is_printed(
    workspace: AnsibleWorkspace, openbao: OpenBao, kv_mount: str
) -> None:
    key = "0123456789abcdef" + ".not-a-token-but-secret"
    openbao.put_secret(kv_mount, "x", {"token": key})

    run = look_up(
        workspace,
        "'shop'",
        "-vvvvv",
        environment={"ANSIBLE_DISPLAY_TRACEBACK": "always", "BAO_LOGIN": openbao.root_token},
        token_rotation_vaults=[bao(openbao, mount=kv_mount, token="{{ lookup('env', 'BAO_LOGIN') }}")],
        token_rotation_tokens=[{"name": "shop", "vault": {"path": "x"}}],
    )

    assert "holds something that is not an IONOS Cloud API token; it was left as it is." in run.failure
    assert key not in run.output
    assert openbao.root_token not in run.output
