# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation does what it says.

A guide is followed from top to bottom: its files are written, its commands are typed, and what it tells a reader to see
is looked for in their output. What is not followed here is run by another test, or has a reason why nothing runs it.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import yaml
from jsonschema import Draft202012Validator

from support.ansible_runs import COLLECTIONS
from support.borrowed_collections import borrowed_collections
from support.documented_project import ATTENTION, CONTRACT_NUMBER
from support.emulator_fixtures import emulator
from support.examples import ROOT, Example, documents, example_with, examples_of
from support.kubernetes_api import cluster
from support.reader_fixtures import ROTATE, Reader, awx, clean_openbao, reader, webhook

__all__ = ["awx", "clean_openbao", "cluster", "emulator", "reader", "webhook"]

GUIDES = "docs/docsite/rst"
ROTATOR = "token-of-the-service-account"
RULES_OF_THE_ROTATOR = 'path "secret/*" { capabilities = ["create", "read", "update", "delete", "list"] }'
Step = Callable[[Reader], object]


def _declared(reader: Reader) -> None:
    """Have the README's declaration."""
    reader.project.write(examples_of("README.md")[0])


def _rotated(reader: Reader) -> None:
    """Have the README's declaration and its first token."""
    _declared(reader)
    reader.project.first_run()


def _with_credential(reader: Reader) -> None:
    """Have the README's declaration, and a token in the environment."""
    _declared(reader)
    reader.project.environment["IONOS_TOKEN"] = reader.project.created_token()[1]


def _turns_on_two_factor(reader: Reader) -> None:
    """Have a token that a person has made, as accounts with two-factor authentication have."""
    reader.two_factor("enabled")
    reader.project.bash(ROTATE, NEW_IONOS_TOKEN=reader.project.created_token("60d")[1])


def _deletes_the_old_one(reader: Reader) -> None:
    """Delete what the message names, in the Token Manager."""
    session = reader.project.api.dcd.signed_in(reader.project.person)
    [leaked] = [token for token in session.tokens() if (token.expires - token.created).days == 60]
    session.delete_token(leaked.id)


def _has_a_secret(reader: Reader) -> None:
    """Have a token in OpenBao."""
    reader.openbao.put_secret("secret", "ionos/terraform", {"api_token": reader.project.created_token("90d")[1]})


def _has_a_cluster(reader: Reader) -> None:
    """Have a kubeconfig of a service account without rights, and the namespaces that are named."""
    _with_credential(reader)
    for namespace in ("external-dns", "cert-manager"):
        reader.cluster.add_namespace(namespace)
    kubeconfig = reader.project.home / ".kube" / "config"
    kubeconfig.parent.mkdir()
    named = {"name": "shop", "cluster": {"server": reader.cluster.url}, "user": {"token": ROTATOR}}
    context = {"name": "shop", "context": {"cluster": "shop", "user": "shop"}}
    content = {"clusters": [named], "users": [named], "contexts": [context], "current-context": "shop"}
    kubeconfig.write_text(json.dumps(content))


def _grants_rights(reader: Reader) -> None:
    """Apply the role, and the same for the other namespace."""
    role, _binding = yaml.safe_load((reader.project.directory / "role.yml").read_text())["items"]
    verbs = [verb for rule in role["rules"] for verb in rule["verbs"]]
    for namespace in ("external-dns", "cert-manager"):
        reader.cluster.add_user(ROTATOR, namespace, *verbs)


def _has_secret(namespace: str, secret: str, key: str) -> Step:
    """Find the token in its Secret, with its annotations."""

    def look(reader: Reader) -> None:
        assert reader.cluster.data(namespace, secret)[key].startswith("eyJ")
        annotations = (reader.cluster.secret(namespace, secret) or {})["metadata"]["annotations"]
        assert annotations.keys() == {f"tokenops.ionos/{key}.token-id", f"tokenops.ionos/{key}.expires-at"}

    return look


def _has_two_contracts(reader: Reader) -> None:
    reader.project.person.contracts = (CONTRACT_NUMBER, 31722222)
    reader.lifetimes = [("7d", CONTRACT_NUMBER), ("7d", 31722222)]


def _has_two_factor(reader: Reader) -> None:
    reader.project.environment["IONOS_TOKEN"] = reader.project.created_token()[1]
    reader.two_factor("enabled")


def _is_asked_by_a_survey(reader: Reader) -> None:
    reader.project.environment.pop("IONOS_TOKEN")
    output = reader.run(new_ionos_token=reader.project.created_token("180d")[1])
    assert "(adopted: it was offered)" in output


def _needs_a_person(reader: Reader) -> None:
    """Have a token that needs attention, so that there is something to tell."""
    _declared(reader)
    reader.two_factor("enabled")


def _has_awx(reader: Reader) -> None:
    """Have an AppRole, a token that mints, and an AWX with a credential that other jobs use."""
    awx, role = reader.awx, reader.openbao.approle(RULES_OF_THE_ROTATOR, "approle")
    awx.state.playbooks["https://git.example.com/ionos-tokens.git"] = ["rotate.yml", "report.yml"]
    awx.add_credential("terraform jobs", awx.add_credential_type().id)
    reader.project.replaced["https://awx.example.com"] = awx.url
    reader.project.environment |= {
        "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{borrowed_collections()}",
        "CONTROLLER_HOST": awx.url,
        "CONTROLLER_OAUTH_TOKEN": awx.token(),
        "IONOS_TOKEN": reader.project.created_token()[1],
        "VAULT_ROLE_ID": role.role_id,
        "VAULT_SECRET_ID": role.secret_id,
    }


def _holds_the_token_in_awx(reader: Reader) -> None:
    inputs = reader.awx.state.named("credentials", "terraform jobs").values["inputs"]
    assert inputs["token"] == reader.openbao.secret("secret", "ionos/external-dns")["token"]


def _is_told(reader: Reader) -> None:
    """Hear of it at this webhook too, which nothing was told before."""
    secrets = {"vaulted_alerts_token": "a", "vaulted_slack_webhook_url": f"{reader.webhook.url}/slack"}
    secrets["vaulted_mattermost_webhook_url"] = f"{reader.webhook.url}/mattermost"
    shutil.rmtree(reader.project.home / ".ansible/tokenops.ionos", ignore_errors=True)
    before = len(reader.webhook.messages)
    reader.project.bash(f"{ROTATE} -e '{json.dumps(secrets)}'", status=ATTENTION)
    assert len(reader.webhook.messages) == before + 1


def _signs_in_with_a_password(reader: Reader) -> None:
    """Have the README's declaration and its first token, and files that still use Basic Authentication."""
    _rotated(reader)
    reader.project.write_text(
        "old.yml",
        "- hosts: localhost\n  tasks:\n    - name: Look up a server\n      ionoscloudsdk.ionoscloud.server_info:\n"
        "        username: ann@example.com\n        password: some-password\n",
    )
    provider = 'provider "ionoscloud" {\n  username = "ann@example.com"\n  password = "some-password"\n}\n'
    reader.project.write_text("~/terraform/provider.tf", provider)
    reader.project.write_text("awx-export.json", "{}")
    reader.project.write_text("~/.ionos/config", "version: 1.0\n")


def _audits_in_the_pipeline(reader: Reader) -> None:
    """Type the line of the workflow that this collection is for."""
    workflow = yaml.safe_load(reader.project.path_of(".github/workflows/basic-auth.yml").read_text(encoding="utf-8"))
    typed = [step["run"] for step in workflow["jobs"]["audit"]["steps"] if "ansible-playbook" in step.get("run", "")]
    [written] = [step["with"]["sarif_file"] for step in workflow["jobs"]["audit"]["steps"] if "with" in step]
    reader.project.path_of(written).unlink()
    reader.project.bash("\n".join(typed))
    assert json.loads(reader.project.path_of(written).read_text(encoding="utf-8"))["runs"][0]["results"]


def _finds_nothing(reader: Reader) -> None:
    """Find no Basic Authentication where everything was written as the guide says."""
    reader.project.path_of("old.yml").unlink()
    reader.project.path_of("~/terraform/provider.tf").unlink()
    reader.project.bash("ansible-playbook tokenops.ionos.audit")


def _is_outdated_later(reader: Reader) -> None:
    """See the new time in the report."""
    reader.project.bash("ansible-playbook tokenops.ionos.report -e token_rotation_report_directory=reports")
    report = json.loads(reader.project.path_of("reports/report.json").read_text(encoding="utf-8"))
    generated, outdated = (datetime.fromisoformat(report[field]) for field in ("generated_at", "outdated_at"))
    assert outdated - generated == timedelta(days=8)


def _is_scraped(reader: Reader) -> None:
    """Find the metrics where the collector of node_exporter reads them."""
    reader.project.bash("ansible-playbook tokenops.ionos.report")
    [path] = reader.project.directory.glob("var/lib/prometheus/node-exporter/*.prom")
    assert 'team="shop"' in path.read_text(encoding="utf-8")


def _starts_terraform(reader: Reader) -> None:
    """Have the README's declaration, its first token, and Terraform."""
    _rotated(reader)
    reader.use_stand_ins()


def _has_applied(reader: Reader) -> None:
    """See that Terraform had a token that the API accepts, for a provider without a password."""
    assert (reader.project.directory / "applied").read_text() == "200\n"


def _has_a_profile(reader: Reader) -> None:
    """Find the token in the vendor's configuration file, which nobody else can read."""
    path = reader.project.path_of("~/.ionos/config")
    [profile] = yaml.safe_load(path.read_text())["profiles"]
    assert (profile["name"], path.stat().st_mode & 0o777) == ("automation", 0o600)
    assert profile["credentials"]["token"].startswith("eyJ")


def _publishes(reader: Reader) -> None:
    """Have a token, and every service that it is published to."""
    _rotated(reader)
    reader.publish()


def _is_in_gitlab(reader: Reader) -> None:
    assert reader.gitlab.variables["shop/backend"]["IONOS_TOKEN"]["masked"] is True


def _is_everywhere(reader: Reader) -> None:
    """Find the same token in all places, and what reads it restarted; have it taken away, and none is left."""
    folder = reader.project.directory
    value = reader.gitlab.variables["shop/backend"]["IONOS_TOKEN"]["value"]
    assert (folder / "github/example/shop/IONOS_TOKEN").read_text() == value
    assert (folder / "etc/external-dns/ionos.env").read_text() == f"IONOS_TOKEN={value}\n"
    assert (folder / "restarts").read_text().split() == ["external-dns"] * 2
    declared = (folder / "group_vars/all/rotation.yml").read_text()
    (folder / "group_vars/all/rotation.yml").write_text(declared.replace("ttl: 30d", "ttl: 30d\n    state: absent"))
    assert "hosts: dns still holds the deleted token" in reader.run()
    assert reader.gitlab.variables == {"shop/backend": {}}
    assert not (folder / "github/example/shop/IONOS_TOKEN").exists()


@dataclass(frozen=True)
class Guide:
    """How a guide is followed.

    :ivar begin: what a reader has, who starts with it.
    :ivar before: what happens before the block with these words, which its text tells.
    :ivar after: what happens after it.
    :ivar fails: words of blocks whose commands end with the exit code for what needs attention.
    :ivar programs: words of blocks, and the program that they need and that is not everywhere.
    """

    begin: Step
    before: Mapping[str, Step] = field(default_factory=dict)
    after: Mapping[str, Step] = field(default_factory=dict)
    fails: tuple[str, ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)


FOLLOWED = {
    "guide_awx": Guide(_has_awx, after={"1 declared: 1 working\n": _holds_the_token_in_awx}),
    "guide_coming_from_basic_auth": Guide(
        _signs_in_with_a_password,
        after={".github/workflows/basic-auth.yml": _audits_in_the_pipeline, "currentProfile": _finds_nothing},
        fails=("tokenops.ionos.audit\n", "audit_report=audit.json"),
    ),
    "guide_emulator": Guide(_with_credential),
    "guide_existing_tokens": Guide(lambda reader: None, before={"api_token": _has_a_secret}),
    "guide_kubernetes": Guide(
        _has_a_cluster,
        after={
            "# role.yml": _grants_rights,
            '"external-dns: working': _has_secret("external-dns", "ionos-credentials", "api-key"),
            '"cert-manager: working': _has_secret("cert-manager", "cert-manager-webhook-ionos-cloud", "auth-token"),
        },
    ),
    "guide_leaked_token": Guide(
        _rotated,
        before={
            "'New token: '": _turns_on_two_factor,
            '"1 declared: 1 working"': _deletes_the_old_one,
            "nobody declares it": lambda reader: reader.two_factor("disabled"),
        },
        fails=("'New token: '",),
    ),
    "guide_many_contracts": Guide(_has_two_contracts),
    "guide_move_token": Guide(_rotated),
    "guide_notifications": Guide(_needs_a_person, after={"notifications.yml": _is_told}),
    "guide_one_token": Guide(_rotated),
    "guide_recipes": Guide(
        _starts_terraform,
        after={"$ ansible-playbook apply": _has_applied, "tokenops.ionos.rotate": _has_a_profile},
    ),
    "guide_report": Guide(
        _rotated,
        after={"outdated_after": _is_outdated_later, "metrics_labels": _is_scraped},
        programs={"jq -r": "jq"},
    ),
    "guide_tasks": Guide(
        _publishes,
        after={'"terraform: working, 29 days left': _is_in_gitlab, "(item=terraform in hosts: dns)": _is_everywhere},
    ),
    "guide_two_factor": Guide(_has_two_factor, after={"offers.yml": _is_asked_by_a_survey}),
    "guide_uninstall": Guide(_rotated),
}

# Each of the others is followed by `make test` as well.
LONG = {
    "guide_awx",
    "guide_coming_from_basic_auth",
    "guide_emulator",
    "guide_existing_tokens",
    "guide_kubernetes",
    "guide_leaked_token",
    "guide_many_contracts",
    "guide_move_token",
    "guide_notifications",
    "guide_one_token",
    "guide_recipes",
    "guide_report",
    "guide_tasks",
    "guide_uninstall",
}

# Words of a block, by its document, and the test that runs it.
RUN_ELSEWHERE = {
    f"{GUIDES}/guide_tasks.rst": {
        "secretsmanager_secret:": "test_publish_to_aws.py::"
        "test_a_token_is_published_to_aws_replaced_there_and_taken_away",
    },
    "README.md": {
        "  - name: terraform\n    ttl: 30d": "test_readme.py::test_the_first_run_mints_the_declared_token",
        "inventory.ini": "test_readme.py::test_the_first_run_mints_the_declared_token",
        "[defaults]": "test_readme.py::test_the_first_run_mints_the_declared_token",
        "vault-password)": "test_readme.py::test_the_first_run_mints_the_declared_token",
        "export IONOS_TOKEN": "test_readme.py::test_the_first_run_mints_the_declared_token",
        "make build": "test_galaxy_install.py::test_a_playbook_uses_it_by_its_full_name",
        "17 4 * * *": "test_readme.py::test_the_second_run_changes_nothing_and_needs_no_credential",
        "use_token.yml": "test_readme.py::test_the_lookup_gives_a_token_that_the_api_accepts",
        "BAO_ROLE_ID": "test_readme.py::test_a_token_lives_in_openbao_with_a_copy_in_a_file",
        "token_rotation_offers": "test_readme.py::test_a_persons_token_is_taken_in",
    },
    f"{GUIDES}/guide_emulator.rst": {
        "$ make emulator\n": "test_make_emulator.py::test_what_it_prints_lets_a_shell_use_it",
        "TWO_FACTOR=enabled": "test_make_emulator.py::test_with_two_factor_authentication_it_has_a_token_to_hand_over",
    },
    f"{GUIDES}/guide_notifications.rst": {
        '"version": 1': "test_examples.py::test_the_body_of_a_notification_fits_its_schema",
    },
    "roles/token_rotation/README.md": {
        "hosts: localhost": "test_plugin_examples.py::test_the_plays_of_the_role_run",
        "tasks_from: report": "test_plugin_examples.py::test_the_plays_of_the_role_run",
    },
}

# Words of a block, by its document, and why nothing runs it.
NOT_RUN = {
    "README.md": {
        "ansible-playbook tokenops.ionos.rotate\n": "its third step runs it",
        "ansible-galaxy collection install tokenops.ionos": "needs a Galaxy server that has the collection",
    },
    "CONTRIBUTING.md": {
        "make test": "runs this test",
        "bugfixes:": "is a fragment of a changelog, which make changelog-lint checks where there is one",
    },
    f"{GUIDES}/guide_awx.rst": {
        "collection install awx.awx": "needs a Galaxy server that has the collection",
        "ansible-builder build": "needs a container engine; test_execution_environment.py goes as far as that",
    },
    f"{GUIDES}/guide_kubernetes.rst": {
        "kubectl apply": "needs kubectl; the role is put to use by the next run",
        "kubectl -n external-dns": "needs kubectl; the annotations are looked at where they are written",
    },
    f"{GUIDES}/guide_notifications.rst": {"community.general.mail": "needs another collection and a mail server"},
    "roles/token_rotation/README.md": {"handlers:": "needs systemd"},
    f"{GUIDES}/guide_coming_from_basic_auth.rst": {
        "fields:": "is typed into a form of AWX",
        "env:\n": "is typed into a form of AWX",
    },
    f"{GUIDES}/guide_recipes.rst": {"module_defaults:": "needs the vendor's collection and a server"},
    f"{GUIDES}/guide_scheduling.rst": {
        "sudo systemctl": "needs systemd as the first process",
        "journalctl": "needs systemd as the first process",
        "auth_method: approle": "is a part of the declaration of a vault, which test_readme.py uses",
    },
    f"{GUIDES}/guide_report.rst": {"rule_files:": "is a part of the configuration of Prometheus"},
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.heavy) if name in LONG else name for name in FOLLOWED]
)
def test_a_guide_can_be_followed_from_top_to_bottom(name: str, reader: Reader) -> None:
    guide, document = FOLLOWED[name], f"{GUIDES}/{name}.rst"
    guide.begin(reader)
    elsewhere = {**RUN_ELSEWHERE.get(document, {}), **NOT_RUN.get(document, {})}
    for example in examples_of(document):
        missing = [program for words, program in guide.programs.items() if words in example.text]
        if _words_in(elsewhere, example) or not all(map(shutil.which, missing)):
            continue
        for words in _words_in(guide.before, example):
            guide.before[words](reader)
        reader.follow(example, ATTENTION if _words_in(guide.fails, example) else 0)
        for words in _words_in(guide.after, example):
            guide.after[words](reader)


def _words_in(words: Iterable[str], example: Example) -> list[str]:
    return [these for these in words if these in example.text]


def test_what_happens_around_a_block_belongs_to_one() -> None:
    for name, guide in FOLLOWED.items():
        for words in (*guide.before, *guide.after, *guide.fails, *guide.programs):
            assert [example for example in examples_of(f"{GUIDES}/{name}.rst") if words in example.text], words


def test_every_example_is_followed_or_run_elsewhere_or_has_a_reason() -> None:
    followed = {f"{GUIDES}/{name}.rst" for name in FOLLOWED}
    for document in documents():
        named = [*RUN_ELSEWHERE.get(document, {}), *NOT_RUN.get(document, {})]
        for example in examples_of(document):
            is_of_a_plugin = document.startswith("plugins/")
            assert is_of_a_plugin or document in followed or _words_in(named, example), f"Nothing runs {example}"
        for words in named:
            assert [example for example in examples_of(document) if words in example.text], f"{document}: {words}"


def test_the_tests_that_run_examples_are_there() -> None:
    for tests in RUN_ELSEWHERE.values():
        for test in tests.values():
            file, _separator, name = test.partition("::")
            assert f"def {name}(" in (ROOT / "tests/integration" / file).read_text(encoding="utf-8"), test


def test_no_block_is_overlooked() -> None:
    for document in documents():
        text = (ROOT / document).read_text(encoding="utf-8")
        directives = len(
            re.findall(r"^ *(?:\.\. (?:code-block|sourcecode|code|literalinclude)::|```\S)", text, re.MULTILINE)
        )
        if not document.endswith(".py"):
            assert len(examples_of(document)) == directives, document
            assert not document.endswith(".rst") or not re.search(r"^(?! *\.\. ).*::$", text, re.MULTILINE), document
        else:
            assert len(examples_of(document)) == text.count("EXAMPLES = ")


def test_the_body_of_a_notification_fits_its_schema() -> None:
    body = json.loads(example_with(f"{GUIDES}/guide_notifications.rst", '"version": 1').text)
    schema = json.loads((ROOT / "docs/schemas/notification-1.schema.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(body)) == []
