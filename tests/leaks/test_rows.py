# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G6, by the mechanisms by which Ansible content has leaked secrets before: one test a row.

The rows are numbered as in the decision record on them, which explains those that have no test.
"""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import release
from ansible.parsing.dataloader import DataLoader

from ansible_collections.tokenops.ionos.plugins.doc_fragments.auth import ModuleDocFragment as AuthFragment
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.options import connection_argument_spec
from support.ansible_runs import ROOT, one_line
from support.leak_site import Scene

# Where Ansible itself puts the options of a module: callbacks see them, and they reach the module in a file.
OPTIONS = ("callback: arguments", "file local-tmp/*", "file remote-tmp/*/AnsiballZ_*")
# A returned value that the user registers.
RETURNED = "callback: registered variables"
SHOWN = ("stdout", "stderr", "file ansible.log", "system log", "callback: results", "file facts/*")
STAGES = ["predicted", "first", "rotated", "retired", "absent"]
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
SECRET_OPTIONS = {"token", "password", "secret_id", "current"}
DECISION = ROOT / "docs" / "decisions" / "0010-how-secrets-are-kept-out-of-sight.md"
SHOWS_FAILURES_UNDER_NO_LOG = tuple(int(part) for part in release.__version__.split(".")[:2]) >= (2, 19)
WITH_TASKS = ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")
PLUGINS = ["modules.auth_token", "modules.auth_token_info", "modules.vaulted_tokens", "lookup.vaulted_token"]


def failed(scene: Scene, *names: str) -> list[str]:
    """Return the messages of tasks, all of which have failed."""
    results = [scene.run.task(name) for name in names]
    assert {result.status for result in results} == {"failed"}
    return [one_line(result.result["msg"]) for result in results]


def test_row_1_options_with_content_are_not_logged(modules_with_options: Scene) -> None:
    """CVE-2020-25646."""
    log = modules_with_options.content("system log")
    assert b"Invoked with" in log
    assert b"token=NOT_LOGGING_PARAMETER" in log
    assert modules_with_options.leaks_in(*SHOWN) == set()


@pytest.mark.parametrize("option", ["token", "password"])
def test_row_2_shared_options_are_secret_wherever_they_are_used(option: str) -> None:
    """CVE-2021-20191."""
    assert connection_argument_spec()[option]["no_log"] is True


def test_row_3_the_module_for_facts_hides_its_options_too(modules_with_options: Scene) -> None:
    """CVE-2021-20178."""
    result = modules_with_options.run.result("Judge")
    assert result["invocation"]["module_args"]["token"] == MASK
    assert result["invocation"]["module_args"]["current"] == MASK
    assert [entry["id"] for entry in result["tokens"]] != []


def test_row_4_an_option_that_is_secret_only_because_of_what_it_holds_is_hidden(modules_with_options: Scene) -> None:
    """CVE-2021-20180."""
    [message] = failed(modules_with_options, "Secret as id")
    assert message.startswith("token_id is not a token id.")
    arguments = modules_with_options.run.result("Secret as id")["invocation"]["module_args"]
    assert arguments["token_id"] == MASK


def test_row_5_nested_options_are_never_shown(failures: Scene) -> None:
    """CVE-2021-3447."""
    switch, key = failed(failures, "Secret as switch", "Secret as key of a suboption")
    assert switch.startswith("vaults[bao].hashi_vault.validate_certs is not true or false.")
    assert key.startswith("vaults[bao].hashi_vault has an option that does not exist here: (not shown).")
    assert failures.leaks == []


def test_row_6_secrets_of_the_environment_are_hidden_as_those_of_options(modules: Scene) -> None:
    """CVE-2021-20228."""
    assert modules.run.result("Mint")["action"] == "minted"
    assert modules.leaks == []


def test_row_7_a_misspelt_option_beside_a_secret_shows_neither(failures: Scene, modules_with_options: Scene) -> None:
    """CVE-2019-14858."""
    [message] = failed(failures, "Misspelt option")
    assert message.startswith("The task has an option that does not exist here: tokn.")
    result = modules_with_options.run.result("Misspelt option")
    assert result["msg"].startswith("Unsupported parameters for (tokenops.ionos.auth_token_info) module: tokn.")
    assert modules_with_options.leaks_in(*SHOWN) == set()


@pytest.mark.parametrize(("task", "option"), [("Secret as number", "timeout"), ("Secret as switch", "force")])
def test_row_7_a_value_that_cannot_be_right_is_not_quoted(modules_with_options: Scene, task: str, option: str) -> None:
    [message] = failed(modules_with_options, task)
    assert message.startswith(f"argument '{option}' is of type")
    assert "'********'" in message
    assert modules_with_options.run.result(task)["invocation"]["module_args"][option] == MASK


def test_row_8_no_log_for_the_whole_run_is_obeyed(hidden: Scene) -> None:
    """CVE-2024-0690."""
    assert "censored" in hidden.run.result("Rotate")
    assert '"summary"' not in hidden.run.stdout
    assert hidden.leaks_outside(*OPTIONS) == []


def test_row_9_the_action_keeps_the_no_log_of_its_task(failures: Scene) -> None:
    """CVE-2024-8775."""
    result = failures.run.result("Censored")
    assert "censored" in result
    assert "tokens" not in result
    assert failures.leaks == []


@pytest.mark.parametrize("stage", STAGES)
def test_row_10_no_secret_is_on_a_command_line(rotations: dict[str, Scene], stage: str) -> None:
    """CVE-2020-1753."""
    assert b"ansible" in rotations[stage].content("command lines")
    assert rotations[stage].leaks_in("command lines", "environments") == set()


def test_row_10_no_secret_is_on_a_command_line_of_a_module(modules_with_options: Scene) -> None:
    assert b"AnsiballZ_auth_token" in modules_with_options.content("command lines")
    assert modules_with_options.leaks_in("command lines", "environments") == set()


@pytest.mark.parametrize("stage", STAGES)
def test_row_11_callbacks_see_no_secret_among_the_arguments_of_the_action(
    rotations: dict[str, Scene], stage: str
) -> None:
    """CVE-2019-14864."""
    assert b"vaults" in rotations[stage].content("callback: arguments")
    assert rotations[stage].leaks == []


def test_row_11_that_callbacks_see_the_options_of_a_module_is_documented(modules_with_options: Scene) -> None:
    assert "password" in modules_with_options.leaks_in("callback: arguments")
    assert "callbacks see options" in AuthFragment.DOCUMENTATION


def test_row_12_debugging_shows_no_header_and_no_body(rotations: dict[str, Scene]) -> None:
    """CVE-2019-14846."""
    scene = rotations["retired"]
    assert re.search(rb"\d+\.\d+: (sending|running|done|getting)", scene.content("stdout", "file ansible.log"))
    assert scene.leaks == []


def test_row_13_what_was_minted_is_returned_only_where_it_was_asked_for(
    modules: Scene, modules_with_options: Scene
) -> None:
    """The module ``ec2_key`` returned it always."""
    assert "value" not in modules.run.result("Mint")
    # no_log hides it from callbacks; the variable has it, since a later task used it.
    assert modules_with_options.run.task("Judge").status == "ok"
    assert modules_with_options.leaks_in(RETURNED) != set()


def test_row_14_values_of_a_free_mapping_are_secret(rotations: dict[str, Scene], failures: Scene) -> None:
    """CVE-2022-3697."""
    [taken] = [item for item in rotations["rotated"].run.result("Rotate")["tokens"] if item["name"] == "taken"]
    assert taken["offer"]["accepted"] is True
    [message] = failed(failures, "Something else as offer")
    assert message.startswith("offers[taken] is not an IONOS Cloud API token")
    assert (rotations["rotated"].leaks, failures.leaks) == ([], [])


def test_row_15_a_secret_as_key_of_a_mapping_is_not_shown(failures: Scene) -> None:
    """The module ``uri`` returned it."""
    [message] = failed(failures, "Secret as key of offers")
    assert message.startswith("offers has an entry for a token, which is not declared.")
    assert failures.leaks == []


@pytest.mark.parametrize("stage", STAGES)
def test_row_16_nothing_of_a_result_is_redacted(rotations: dict[str, Scene], stage: str) -> None:
    """kubernetes.core 782, 870, 1014: results hold no secret, so nothing has to be cut out of them."""
    result = rotations[stage].run.result("Rotate")
    text = json.dumps(result)
    assert "********" not in text
    assert MASK not in text
    assert [entry["name"] for entry in result["tokens"]] == ["app", "shop", "taken", "dns"]


def test_row_17_items_of_loops_are_shown_without_a_secret(rotations: dict[str, Scene], failures: Scene) -> None:
    """Issues of ansible 33912, 38214."""
    assert "(item=app)" in rotations["first"].run.stdout
    [failure] = failures.run.result("Each of a list")["results"]
    assert failure["msg"].startswith("tokens[taken].ttl is not a duration.")
    assert (rotations["first"].leaks, failures.leaks) == ([], [])


def test_row_18_messages_that_no_log_does_not_hide_are_free_of_secrets(failures: Scene) -> None:
    """Issues of ansible 85612, 85696."""
    shown = "The task has an option that does not exist here: tokn." in json.dumps(failures.run.result("Censored"))
    assert shown == SHOWS_FAILURES_UNDER_NO_LOG
    again, asserted = failed(failures, "Fail again", "Assert")
    assert "tokn" in again
    assert "tokn" in asserted
    assert failures.leaks == []


@pytest.mark.parametrize("stage", ["first", "rotated", "retired"])
def test_row_19_a_result_can_be_handed_on_as_an_artifact(rotations: dict[str, Scene], stage: str) -> None:
    """Issue of awx 3249."""
    custom = rotations[stage].content("callback: statistics")
    assert b"fingerprint" in custom
    assert "CUSTOM STATS" in rotations[stage].run.stdout
    assert rotations[stage].leaks_in("callback: statistics") == set()


def test_row_20_a_job_needs_no_secret_in_its_environment(job: Scene) -> None:
    """Issue of awx 16141: the environment of a job is written down, and printed where the job could not be started."""
    assert job.run.return_code == 0, job.run.output
    command = json.loads(job.content("file runner/artifacts/job/command"))
    assert "IONOS_API_URL" in command["env"]
    assert job.leaks_in("file runner/artifacts/job/command") == set()


def test_events_and_artifacts_of_a_job_hold_no_secret(job: Scene) -> None:
    events = job.content("file runner/artifacts/job/job_events/*.json")
    assert b"runner_on_ok" in events
    assert b"fingerprint" in events
    assert b"4 rotated" in job.content("file runner/artifacts/job/stdout")
    assert job.leaks == []


@pytest.mark.parametrize("stage", STAGES)
def test_row_21_nothing_is_returned_as_a_fact(rotations: dict[str, Scene], modules: Scene, stage: str) -> None:
    """The module ``awx.awx.token`` does."""
    assert "ansible_facts" not in rotations[stage].run.result("Rotate")
    assert "ansible_facts" not in modules.run.result("Mint")


def test_row_21_a_result_can_be_kept_as_a_fact(rotations: dict[str, Scene], modules: Scene) -> None:
    assert b"rotation_of_today" in rotations["first"].content("file facts/*localhost")
    assert b"known_today" in modules.content("file facts/*localhost")
    assert rotations["first"].leaks_in("file facts/*") | modules.leaks_in("file facts/*") == set()


def test_row_22_what_stays_of_an_asynchronous_task_has_no_secret(modules: Scene) -> None:
    [message] = failed(modules, "Asynchronous")
    assert message.startswith("An asynchronous task writes its result, and so the token's value, to a file that stays.")
    assert b"An asynchronous task" in modules.content("file home/.ansible_async/*")
    assert modules.leaks == []


@pytest.mark.parametrize("stage", ["rotated", "absent"])
def test_row_23_a_diff_shows_ids_and_fingerprints(rotations: dict[str, Scene], stage: str) -> None:
    [first, *_others] = rotations[stage].run.result("Rotate")["diff"]
    assert set(first["before"]["token"]) == {"id", "fingerprint", "expires_at"}
    assert "+++ after" in rotations[stage].run.stdout
    assert rotations[stage].leaks == []


def test_row_23_a_predicted_diff_shows_no_secret(rotations: dict[str, Scene]) -> None:
    assert "+++ after" in rotations["predicted"].run.stdout
    assert rotations["predicted"].leaks == []


def test_row_24_names_of_tasks_are_no_templates() -> None:
    named = [
        thing["name"]
        for file in _yaml_files()
        for thing in _plays_and_tasks(DataLoader().load_from_file(str(file)))
        if "name" in thing
    ]
    assert len(named) > 5
    assert [name for name in named if "{{" in str(name)] == []


def test_row_25_the_source_lines_that_are_quoted_hold_templates(failures: Scene) -> None:
    assert ("Origin: " in failures.run.output) == SHOWS_FAILURES_UNDER_NO_LOG
    assert failures.leaks == []


@pytest.mark.parametrize("plugin", PLUGINS)
def test_row_25_no_example_has_a_literal_secret(plugin: str) -> None:
    module = importlib.import_module(f"ansible_collections.tokenops.ionos.plugins.{plugin}")
    examples = list(_mappings(yaml.safe_load(module.EXAMPLES)))
    given = [value for example in examples for name, value in example.items() if name in SECRET_OPTIONS]
    assert examples != []
    assert [value for value in given if "{{" not in str(value)] == []


def test_row_25_an_undecryptable_secret_is_not_quoted(failures: Scene) -> None:
    [message] = failed(failures, "Undecryptable")
    assert "decrypt" in message.lower()
    assert failures.leaks == []


def test_row_26_what_a_rescue_shows_has_no_secret(failures: Scene, modules_with_options: Scene) -> None:
    assert "tokn" in str(failures.run.result("Rescue")["msg"])
    assert "tokn" in str(modules_with_options.run.result("Rescue")["msg"])
    assert failures.leaks == []
    assert modules_with_options.leaks_in(*SHOWN) == set()


def test_row_27_user_info_in_an_address_is_refused_and_not_shown(failures: Scene, modules_with_options: Scene) -> None:
    """Issues of ansible 87362."""
    api, vault = failed(failures, "User info in the address of the API", "User info in the address of a vault")
    [module] = failed(modules_with_options, "User info in the address")
    assert api.startswith("The API's address is not one.")
    assert vault.startswith("The url of the vault bao is not the address of a server.")
    assert module == api
    assert failures.leaks == []
    assert modules_with_options.leaks_in(*SHOWN) == set()


def test_row_28_a_short_secret_is_not_cut_out_of_a_returned_token(modules_with_options: Scene) -> None:
    """The password of the task is ``e``, a letter that every token has."""
    assert modules_with_options.run.result("Judge")["count"] == 1


def test_row_29_a_token_that_no_header_can_hold_is_not_quoted(failures: Scene, modules_with_options: Scene) -> None:
    """The library ``requests`` quotes it."""
    token, vault = failed(failures, "Token in two lines", "Token of a vault in two lines")
    [module] = failed(modules_with_options, "Token in two lines")
    assert token == module
    assert token.startswith("token is a JWT that is cut off or damaged.")
    assert vault.startswith("bao has an unusable token.")
    assert failures.leaks == []


@pytest.mark.parametrize("stage", STAGES)
def test_row_31_the_action_puts_nothing_on_disk(rotations: dict[str, Scene], stage: str) -> None:
    scene = rotations[stage]
    assert [place.name for place in scene.places if "AnsiballZ" in place.name] == []
    assert scene.leaks_in("file *") == set()


def test_row_31_the_options_of_a_module_are_on_disk_for_nobody_else_and_not_for_long(
    modules_with_options: Scene,
) -> None:
    assert "password" in modules_with_options.leaks_in("file remote-tmp/*/AnsiballZ_auth_token.py")
    assert modules_with_options.exposed == []
    assert modules_with_options.left_over("file local-tmp/*", "file remote-tmp/*") == []


def test_every_row_has_a_test_or_a_reason() -> None:
    rows = [int(row) for row in re.findall(r"^\| (\d+) \|", DECISION.read_text(), re.MULTILINE)]
    without_test = {int(row) for row in re.findall(r"^- \*\*(\d+)\*\*", DECISION.read_text(), re.MULTILINE)}
    tested = {int(match[1]) for name in globals() if (match := re.match(r"test_row_(\d+)_", name))}
    assert rows == list(range(1, 32))
    assert (tested | without_test, tested & without_test) == (set(rows), set())


def _yaml_files() -> list[Path]:
    return [file for folder in ("roles", "playbooks") for file in (ROOT / folder).rglob("*.yml")]


def _plays_and_tasks(document: Any) -> list[dict[str, Any]]:
    """Return the plays and tasks of a file, those in blocks too; what a file of variables holds is none."""
    things = [thing for thing in document or [] if isinstance(thing, dict)] if isinstance(document, list) else []
    return [*things, *(task for thing in things for key in WITH_TASKS for task in _plays_and_tasks(thing.get(key)))]


def _mappings(thing: Any) -> list[dict[str, Any]]:
    """Return all mappings in a document, at whatever depth."""
    inner = list(thing.values()) if isinstance(thing, dict) else thing if isinstance(thing, list) else []
    found = [mapping for item in inner for mapping in _mappings(item)]
    return [thing, *found] if isinstance(thing, dict) else found
