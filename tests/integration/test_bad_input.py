# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input to ``vaulted_tokens``: the message says what is wrong and what to do, and nothing is lost.

All of it is put into one run of ansible-playbook: a task a fault, each with a user, a secret and a file of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible.parsing.vault import VaultLib, VaultSecret

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, one_line
from support.jwts import encoded_json
from support.openbao_fixtures import OpenBao, free_port
from support.rotation_site import USER_PASSWORD, VAULT_PASSWORD, RotationSite, in_bao, in_file

HOSTING_KEY = "0123456789abcdef0123456789abcdef.hosting-key-of-another-product"
WRONG_PASSWORD = "a password that is wrong"
FOREIGN_SECRET = "what somebody else keeps here"
TEN_GIGABYTES = 10 * 1024**3

# Root may write anywhere, which users may not; without these capabilities modes apply to root too.
WITHOUT_OVERRIDE = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass
class Surroundings:
    """What the cases are made of."""

    site: RotationSite
    tls_api: EmulatorServer
    sealed: OpenBao


@dataclass
class Case:
    """One task with one fault in it.

    :ivar user_name: whose tokens it is about.
    :ivar file: a variables file; most cases have none.
    """

    name: str
    around: Surroundings
    user_name: str = ""
    issuer: str = ""
    account: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.user_name = f"{self.slug}@example.com"
        self.user, self.issuer = self.around.site.add_user(self.user_name)
        self.account = {"name": "shop", "token": self.issuer, "two_factor": "disabled"}
        self.token = {"name": "app", "account": "shop", "vault": in_bao(self.slug)}
        self.file = self.around.site.workspace.folder / f"{self.slug}.yml"

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-")

    def in_file(self, content: str | None = None) -> None:
        """Have the token in a variables file."""
        self.token["vault"] = in_file("ionos_token", self.file.name)
        if content is not None:
            self.file.write_text(content)

    def on_tls_api(self) -> None:
        """Have the user of the case on the API behind TLS."""
        user = self.around.tls_api.add_user(self.user_name, USER_PASSWORD)
        self.account["token"] = self.around.tls_api.mint(user)[1]
        self.options["api_url"] = self.around.tls_api.url

    def with_password(self, password: str, contracts: tuple[int, ...] = (31711111,)) -> None:
        """Have the account mint by Basic Authentication, which the policy refuses to send unless it only warns."""
        self.user.contracts = contracts
        self.account = {"name": "shop", "username": self.user_name, "password": password, "two_factor": "disabled"}
        self.options["policy"] = "warn"

    def holding(self, **data: Any) -> None:
        """Have something in the secret already."""
        self.around.site.openbao.put_secret(self.around.site.mount, self.slug, data)

    def in_vault(self, **options: Any) -> None:
        """Have the token in a vault with these options."""
        vaults = [
            *self.around.site.vaults,
            {"name": "own", "hashi_vault": {"mount": "secret", "timeout": 5, **options}},
        ]
        self.options["vaults"] = vaults
        self.token["vault"] = in_bao(self.slug, **{"in": "own"})

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of the task."""
        task = self.around.site.task(self.token, accounts=[self.account], **self.options)
        arguments: dict[str, Any] = task["tokenops.ionos.vaulted_tokens"]
        return arguments

    def task(self) -> dict[str, Any]:
        """Return the task with its arguments from a variable, since Ansible prints the lines of a task that failed."""
        arguments = {option: f"{{{{ cases['{self.name}']['{option}'] }}}}" for option in self.arguments()}
        return {"name": self.name, "tokenops.ionos.vaulted_tokens": arguments, "ignore_errors": True}

    def state(self) -> dict[str, Any]:
        """Return all that must not change."""
        site = self.around.site
        users = [(site.api, self.user), (self.around.tls_api, self.around.tls_api.state.users.named(self.user_name))]
        try:
            secret = site.openbao.secret(site.mount, self.slug)
        except requests.HTTPError:
            secret = {}
        return {
            "tokens": [token.id for api, user in users if user for token in api.tokens(user)],
            "secret": secret,
            "file": self.file.read_bytes() if self.file.exists() else None,
            "is a link": self.file.is_symlink(),
        }


def _holding_garbage_record(case: Case) -> None:
    case.holding(token=case.issuer, token_record={"format": 1, "current": "garbage"})


def _denied(case: Case) -> None:
    server = case.around.site.openbao
    mount = case.around.site.mount
    case.in_vault(url=server.url, token=server.token_with_policy('path "x" { capabilities = [] }'), mount=mount)


def _other_password(case: Case) -> None:
    secret = VaultSecret(b"another password")
    lines = VaultLib([("staging", secret)]).encrypt("x", secret, vault_id="staging").decode().splitlines()
    case.in_file("ionos_token: !vault |\n" + "".join(f"    {line}\n" for line in lines))


def _read_only(case: Case) -> None:
    case.file = case.around.site.workspace.write("read-only/ionos.yml", "other: 1\n")
    case.file.parent.chmod(0o555)
    case.token["vault"] = in_file("ionos_token", "read-only/ionos.yml")


def _linked(case: Case) -> None:
    case.in_file()
    target = case.around.site.workspace.write("target.yml", "other: 1\n")
    case.file.symlink_to(target)


def _fault(kind: str, **options: Any) -> Callable[[Case], None]:
    def arrange(case: Case) -> None:
        case.around.site.api.faults.add(kind, "list", count=None, user=case.user_name, **options)

    return arrange


def _sealed(case: Case) -> None:
    server = case.around.sealed
    case.in_vault(url=server.url, token=server.root_token, ca_path=server.ca_path)


def _revoked(case: Case) -> None:
    [token] = case.around.site.api.tokens(case.user)
    case.around.site.api.revoke(token.id)


Arrange = Callable[[Case], Any]
BAD: dict[str, tuple[Arrange, str, str]] = {
    "ttl out of bounds": (
        lambda case: case.token.update(ttl="366d"),
        "tokens[app].ttl is 31622400 seconds, outside of what the Auth API accepts.",
        "Choose a lifetime from 60 to 31536000 seconds",
    ),
    "ttl unreadable": (
        lambda case: case.token.update(ttl="a month"),
        "tokens[app].ttl is not a duration.",
        "Give whole seconds, or a text such as 30d, 12h or 1h30m",
    ),
    "renew before not below ttl": (
        lambda case: case.token.update(ttl="7d", renew_before="7d"),
        "tokens[app].renew_before leaves no time:",
        "Choose a renew_before below the ttl",
    ),
    "key of another product": (
        lambda case: case.account.update(token=HOSTING_KEY),
        "accounts[shop].token is not an IONOS Cloud API token, which is a JWT and begins with eyJ. ",
        "Create a token in the Token Manager of the DCD",
    ),
    "truncated token": (
        lambda case: case.account.update(token=case.issuer.rpartition(".")[0]),
        "accounts[shop].token is a JWT that is cut off or damaged.",
        "Copy the whole value again: three parts with dots between them, on one line.",
    ),
    "token without kid": (
        lambda case: case.account.update(token=f"{encoded_json({'alg': 'RS256'})}.{case.issuer.partition('.')[2]}"),
        "accounts[shop].token is a JWT without a token id (kid)",
        "Create a token in the Token Manager of the DCD",
    ),
    "contract number unreadable": (
        lambda case: case.account.update(contract_number="my contract"),
        "accounts[shop].contract_number is not a contract number.",
        "Give the whole number that the DCD shows beside the contract.",
    ),
    "contract number of another contract": (
        lambda case: case.account.update(contract_number="31799999"),
        "The credential of account shop is bound to another contract than the one declared.",
        "Give a token of that contract, or correct contract_number.",
    ),
    "contract number wrong with a password": (
        lambda case: (case.with_password(USER_PASSWORD), case.account.update(contract_number="31799999")),
        "the API forbids it to this user (HTTP status 403).",
        "contract",
    ),
    "contract number missing": (
        lambda case: case.with_password(USER_PASSWORD, contracts=(31711111, 31722222)),
        "the API forbids it to this user (HTTP status 403).",
        "contract_number",
    ),
    "wrong password": (
        lambda case: case.with_password(WRONG_PASSWORD),
        "the API does not accept the username and password (HTTP status 401).",
        "Check both, or better use a token.",
    ),
    "revoked token": (
        _revoked,
        "the API does not accept token ",
        "It is expired or deleted, or its user is: use another one, from the Token Manager of the DCD.",
    ),
    "no rights": (
        _fault("status", status=403),
        "the API forbids it to this user (HTTP status 403).",
        "Check the user's rights",
    ),
    "vault down": (
        lambda case: case.in_vault(url=f"http://127.0.0.1:{free_port()}", token="a-login"),
        "own (secret/vault-down, key token) cannot be reached: no connection, or no answer in time.",
        "Check that the server runs, its address, and the network and proxy between here and there.",
    ),
    "vault sealed": (
        _sealed,
        "own (secret/vault-sealed, key token) cannot be used: the vault is sealed.",
        "Unseal it and run again.",
    ),
    "vault denies": (
        _denied,
        "is denied to this login (HTTP status 403).",
        "Check that the login is still valid and that its policy grants create, read and update on",
    ),
    "vault with an untrusted certificate": (
        lambda case: case.in_vault(url=case.around.sealed.url, token="a-login"),
        "cannot be reached safely: the TLS certificate of the server could not be verified.",
        "Give the authority that signed it with ca_path or VAULT_CACERT",
    ),
    "vault holds what is not ours": (
        lambda case: case.holding(token=FOREIGN_SECRET),
        "key token) holds something that is not an IONOS Cloud API token; it was left as it is.",
        "Remove it there, or declare another place for the token.",
    ),
    "vault holds a corrupt record": (
        _holding_garbage_record,
        "key token) holds a token record that cannot be read.",
        "Restore it from an older version, or remove the record (not the token) to have the token adopted anew.",
    ),
    "vault id that ansible does not have": (
        lambda case: (
            case.in_file("other: 1\n"),
            case.options.update(vaults=[{"name": "files", "ansible_vault_file": {"vault_id": "staging"}}]),
        ),
        "The vault files is to encrypt with the vault id staging, which Ansible was not given; it has: prod.",
        "Start it with --vault-id staging@FILE, or correct vault_id.",
    ),
    "file with another vault id": (
        _other_password,
        "is encrypted with the vault id staging, and no vault password that Ansible was given opens it.",
        "Add --vault-id staging@FILE with the right password.",
    ),
    "file not writable": (
        _read_only,
        "files (read-only/ionos.yml, variable ionos_token) cannot be written: no permission.",
        "Let the user that runs Ansible write the file and its directory",
    ),
    "file that is a symbolic link": (
        _linked,
        "files (file-that-is-a-symbolic-link.yml, variable ionos_token) is a symbolic link.",
        "Name the file that it leads to, or set follow to true for this place.",
    ),
    "file that is not yaml": (
        lambda case: case.in_file(f"a: [1\n{FOREIGN_SECRET}"),
        "is in a file that is not YAML in UTF-8.",
        "Correct the file; it was left as it is.",
    ),
    "file that is no mapping": (
        lambda case: case.in_file(f"- {FOREIGN_SECRET}\n"),
        "is in a file that is not one mapping of variables.",
        "Write one document with lines of the form name: value",
    ),
    "api with an untrusted certificate": (
        lambda case: case.on_tls_api(),
        " is not trusted; nothing was sent.",
        "Give the CA that signed it with ca_path",
    ),
    "fingerprint of another certificate": (
        lambda case: (
            case.on_tls_api(),
            case.options.update(certificate_fingerprint="ab" * 32, ca_path=case.around.tls_api.ca_path),
        ),
        "is not the one that certificate_fingerprint names; nothing was sent.",
        "Find out whether it was renewed, and only then correct the fingerprint",
    ),
    "fingerprint unreadable": (
        lambda case: case.options.update(certificate_fingerprint="ab:cd"),
        "certificate_fingerprint is not a SHA-256 fingerprint.",
        "Give the 64 hex digits of the SHA-256 of the server's certificate",
    ),
    "api url with userinfo": (
        lambda case: case.options.update(api_url=f"https://ann:{WRONG_PASSWORD}@api.example.com"),
        "The API's address has a username or password in it.",
        "Take them out of api_url (or IONOS_API_URL) and give token, or username and password.",
    ),
    "api url with another scheme": (
        lambda case: case.options.update(api_url="ftp://api.example.com"),
        "The API's address begins with another scheme than https.",
        "Give it as https://host.",
    ),
    "redirect": (
        _fault("redirect"),
        " redirects elsewhere (HTTP status 307); a credential is not sent after that.",
        "Give the API's own address as api_url.",
    ),
    "html for json": (
        _fault("gateway_page", status=200),
        "instead of the API's JSON (HTTP status 200).",
        "Check api_url, and whether a gateway, proxy or login page answers in place of the API.",
    ),
    "ten gigabytes": (
        _fault("endless_body", declared_bytes=TEN_GIGABYTES),
        " answered with more than the API ever would.",
        "Check api_url: is this the IONOS API?",
    ),
    "workers out of range": (
        lambda case: case.options.update(workers=1000),
        "workers is out of range.",
        "Choose 1 to 64.",
    ),
    "rate too low": (
        lambda case: case.options.update(rate=0.01),
        "rate is out of range.",
        "Choose 0.04 to 1000.",
    ),
    "rate that is no number": (
        lambda case: case.options.update(rate=WRONG_PASSWORD),
        "rate is not a number.",
        "Correct the value; it is not shown, since it may be a secret.",
    ),
    "spread over more than half of the life": (
        lambda case: case.token.update(spread="20d"),
        "tokens[app].spread is 20d, too long for a ttl of ",
        "Choose a spread of ",
    ),
    "unknown option": (
        lambda case: case.token.update(renew_befor="7d"),
        "tokens[app] has an option that does not exist here: renew_befor.",
        "Correct it; known here are:",
    ),
    "secret in the wrong place": (
        lambda case: case.token.update(state=WRONG_PASSWORD),
        "tokens[app].state is not one of its choices.",
        "Choose one of: present, absent.",
    ),
}

GOOD: dict[str, Arrange] = {
    "token with a line break at its end": lambda case: case.account.update(token=f"{case.issuer}\n"),
    "api url with a path": lambda case: case.options.update(api_url=f"{case.around.site.api.url}/auth/v1"),
    "api url without a scheme": lambda case: (
        case.on_tls_api(),
        case.options.update(
            api_url=case.around.tls_api.url.removeprefix("https://"), ca_path=case.around.tls_api.ca_path
        ),
    ),
    "fingerprint of the certificate": lambda case: (
        case.on_tls_api(),
        case.options.update(certificate_fingerprint=case.around.tls_api.fingerprint, validate_certs=False),
    ),
}


@dataclass(frozen=True)
class Finding:
    """A case after the run."""

    status: str
    result: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True)
class Findings:
    run: AnsibleRun
    secrets: list[str]
    of: dict[str, Finding]


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory, openbao: OpenBao, openbao_tls: OpenBao) -> Iterator[Findings]:
    """Run all cases in one playbook, on a machine where OpenBao's second server is sealed."""
    with ExitStack() as stack:
        api = stack.enter_context(EmulatorServer())
        tls_api = stack.enter_context(EmulatorServer(tls=True))
        folder = tmp_path_factory.mktemp("bad-input")
        around = Surroundings(RotationSite(folder, api, openbao, openbao.mount_kv()), tls_api, openbao_tls)
        cases = {name: Case(name, around) for name in (*BAD, *GOOD)}
        for name, case in cases.items():
            arrange = BAD[name][0] if name in BAD else GOOD[name]
            arrange(case)
        before = {name: case.state() for name, case in cases.items()}
        openbao_tls.seal()
        stack.callback(openbao_tls.unseal)
        run = run_without_override(around.site, list(cases.values()))
        statuses = {result.task: result.status for result in run.results}
        of = {
            name: Finding(statuses[name], run.result(name), before[name], case.state()) for name, case in cases.items()
        }
        secrets = [case.issuer for case in cases.values()] + [case.account.get("token", "") for case in cases.values()]
        yield Findings(run, [secret.strip() for secret in secrets if secret], of)


def run_without_override(site: RotationSite, cases: list[Case]) -> AnsibleRun:
    playbook = site.workspace.write("playbook.yml", site.workspace.play(*(case.task() for case in cases)))
    variables = site.workspace.write("cases.yml", {"cases": {case.name: case.arguments() for case in cases}})
    command = site.workspace.command(playbook, [*site.password_arguments, "-e", f"@{variables}"])
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_OVERRIDE, *command],
        cwd=site.workspace.folder,
        env=site.workspace.environment(site.environment()),
        capture_output=True,
        text=True,
        check=False,
    )
    return AnsibleRun(finished.returncode, finished.stdout, finished.stderr, site.workspace.results())


@pytest.mark.parametrize("name", BAD)
def test_the_message_says_what_is_wrong_and_what_to_do(findings: Findings, name: str) -> None:
    _arrange, problem, remedy = BAD[name]
    message = one_line(findings.of[name].result["msg"])
    assert findings.of[name].status == "failed"
    assert problem in message
    assert remedy in message.partition(problem)[2]


@pytest.mark.parametrize("name", BAD)
def test_the_message_is_what_a_user_sees(findings: Findings, name: str) -> None:
    shown = one_line(findings.run.output.replace("\\n", " ").replace('\\"', '"'))
    assert BAD[name][1] in shown


@pytest.mark.parametrize("name", BAD)
def test_nothing_is_minted_deleted_or_overwritten(findings: Findings, name: str) -> None:
    finding = findings.of[name]
    assert finding.result["changed"] is False
    assert finding.after == finding.before


@pytest.mark.parametrize("name", GOOD)
def test_what_only_looks_wrong_is_accepted(findings: Findings, name: str) -> None:
    [token] = findings.of[name].result["tokens"]
    assert (token["action"], token["message"]) == ("rotated", None)


def test_no_secret_is_printed_or_returned(findings: Findings) -> None:
    everything = findings.run.output + json.dumps([result.result for result in findings.run.results])
    for secret in (*findings.secrets, HOSTING_KEY, WRONG_PASSWORD, FOREIGN_SECRET, USER_PASSWORD, VAULT_PASSWORD):
        assert secret not in everything


def test_without_a_vault_password_nothing_is_done(tmp_path: Path, openbao: OpenBao) -> None:
    with EmulatorServer() as api:
        site = RotationSite(tmp_path, api, openbao, "secret")
        site.password_arguments = []
        run = site.run(site.task({"name": "app", "vault": in_file("ionos_token")}))
        assert run.return_code != 0
        assert run.failure == (
            "The vault files keeps tokens with Ansible Vault, and Ansible was started without a vault password. "
            "Start it with --vault-id, --vault-password-file or ANSIBLE_VAULT_PASSWORD_FILE."
        )
        assert api.journal.entries() == []
        assert not (tmp_path / "ionos.yml").exists()
