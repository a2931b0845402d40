# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places that tasks of the user publish to: what is asked for, what is remembered, and what waits for it (R10, R35)."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from support.rotation_world import FAILED_TASK, SPOTS, WITH_SPOTS, RotationWorld, declared

RECORD = "app/record"
ONE, TWO = "spots: one", "spots: two"


def token(*targets: str, name: str = "app", **options: Any) -> dict[str, Any]:
    """Return a declared token that is published to these targets."""
    replicas = [{"in": "spots", "target": target, "options": {"password": f"secret of {target}"}} for target in targets]
    vault = {"in": "memory", "path": f"{name}/record"}
    return declared(name, **{"vault": vault, "replicas": replicas, "overlap": "0s", **options})


APP = token("one", "two")


class Team:
    """A user with a world of its own, and what the role does for declared tokens."""

    def __init__(self) -> None:
        self.world = RotationWorld()
        self.user, self.seed, self.issuer = self.world.bootstrap()

    def play(self, *tokens: dict[str, Any], **arguments: Any) -> Any:
        """Run, publish, run; return the facts of the one token, or those of all."""
        facts = self.world.play(
            list(tokens or (APP,)), self.issuer, **{"vaults": WITH_SPOTS, "account": None, **arguments}
        )
        return facts[0] if len(facts) == 1 else facts

    def run(self, *tokens: dict[str, Any], **arguments: Any) -> Any:
        """Run without the role."""
        [outcome] = self.world.run(list(tokens or (APP,)), self.issuer, vaults=WITH_SPOTS, **arguments)
        return outcome

    def tasks_fail(self, *places: str, way: str = "publish") -> None:
        """Let the tasks of some places fail until :meth:`tasks_work`."""

        def fail(operation: str, place: str) -> None:
            if operation == way and place in places:
                raise VaultUnavailable("vault_unreachable", where=place)

        self.world.store.before = fail

    def tasks_work(self) -> None:
        """Let all tasks work again."""
        self.world.mend_vault()

    @property
    def current(self) -> str | None:
        """The id of the token in the vault of record."""
        return self.world.held(RECORD)

    @property
    def remembered(self) -> dict[str, str]:
        """What the record says was published where."""
        return {f"{item.vault}: {item.target}": item.token_id for item in self.world.record(RECORD).published}

    def exists(self, token_id: str | None) -> bool:
        """Tell whether a token exists."""
        return token_id in self.world.token_ids(self.user)

    def make_due(self) -> None:
        """Let the token come into its renewal window."""
        self.world.emulator.clock.advance(days=24)


@pytest.fixture
def team() -> Team:
    return Team()


def test_a_run_asks_for_what_no_place_holds_yet_and_names_no_option(team: Team) -> None:
    outcome = team.run()
    [one, two] = team.world.publications
    assert (one["name"], one["vault"], one["target"], one["what"], one["replica"]) == (
        "app",
        "spots",
        "one",
        "publish",
        0,
    )
    assert (two["target"], two["replica"], two["token_id"]) == ("two", 1, team.current)
    assert one["file"].endswith("/task_files/publish.yml")
    assert "secret of" not in str([outcome.as_result(), team.world.publications])
    assert (outcome.failed, outcome.action) == (False, "rotated")


def test_r40_what_was_published_is_remembered_and_not_asked_for_again(team: Team) -> None:
    facts = team.play()
    assert team.world.published == team.remembered == {ONE: team.current, TWO: team.current}
    assert [place.in_sync for place in facts.places] == [True, True, True]
    assert (facts.action, facts.reason, facts.failed) == ("rotated", "missing", False)
    again = team.play()
    assert team.world.publications == []
    assert (again.action, again.changed) == ("kept", False)


def test_a_new_place_of_an_old_token_is_repaired(team: Team) -> None:
    team.play(token("one"))
    facts = team.play()
    assert (facts.action, facts.reason, facts.changed) == ("repaired", "replica_differed", True)
    assert team.world.published == {ONE: team.current, TWO: team.current}


def test_r40_no_previous_token_is_retired_before_the_current_one_is_published(team: Team) -> None:
    team.play()
    previous = team.current
    team.make_due()
    team.run()
    assert team.current != previous
    assert team.exists(previous)
    facts = team.play()
    assert facts.retired == (previous,)
    assert not team.exists(previous)


def test_r40_the_overlap_counts_from_when_the_last_place_was_published_to(team: Team) -> None:
    slow = token("one", "two", overlap="1d")
    team.play(slow)
    previous = team.current
    team.make_due()
    team.tasks_fail(ONE)
    team.play(slow)
    team.tasks_work()
    team.world.emulator.clock.advance(hours=20)
    team.play(slow)
    team.world.emulator.clock.advance(hours=20)
    team.play(slow)
    assert team.exists(previous)
    team.world.emulator.clock.advance(hours=5)
    team.play(slow)
    assert not team.exists(previous)


def test_r40_no_previous_token_makes_room_for_a_mint_while_a_place_waits(team: Team) -> None:
    one = token("one", overlap="1d")
    team.play(one)
    previous = team.current
    team.make_due()
    team.play(one)
    team.world.emulator.clock.advance(days=2)
    team.run(token("one", "two", overlap="1d"), renew_now=["app"])
    assert team.exists(previous)


def test_a_task_that_fails_keeps_neither_other_places_nor_other_tokens_back(team: Team) -> None:
    dns = token("three", name="dns")
    team.tasks_fail(ONE)
    facts, of_dns = team.play(APP, dns)
    one, two = facts.places[1:]
    assert (facts.failed, facts.action, facts.error_codes) == (True, "rotated", ())
    assert (one.in_sync, one.error_code, one.to_publish) == (False, "publication_failed", "publish")
    assert FAILED_TASK in one.message
    assert (two.in_sync, two.message, of_dns.failed) == (True, None, False)
    assert team.remembered == {TWO: team.current}


def test_what_failed_is_published_by_the_next_run_and_only_then_the_previous_token_goes(team: Team) -> None:
    team.play()
    previous = team.current
    team.make_due()
    team.tasks_fail(ONE)
    facts = team.play()
    assert facts.retired == ()
    assert team.world.published == {ONE: previous, TWO: team.current}
    assert any("live on until every vault" in warning for warning in facts.warnings)
    team.tasks_work()
    facts = team.play()
    assert [entry["place"] for entry in team.world.publications] == []
    assert (facts.action, facts.retired, facts.failed) == ("repaired", (previous,), False)


def test_nothing_is_said_to_be_held_back_while_the_role_has_yet_to_publish(team: Team) -> None:
    team.play()
    team.make_due()
    assert team.run().warnings == []


def test_a_place_that_drifts_is_published_to_again_after_its_time(team: Team) -> None:
    app = token("one")
    app["replicas"][0]["republish_after"] = "12h"
    team.play(app)
    team.world.emulator.clock.advance(hours=11)
    assert team.play(app).action == "kept"
    team.world.emulator.clock.advance(hours=2)
    before = team.world.record(RECORD).published[0].published_at
    facts = team.play(app)
    assert (facts.action, facts.places[1].in_sync) == ("repaired", True)
    assert team.world.record(RECORD).published[0].published_at > before


def test_r40_tasks_that_failed_on_the_same_token_leave_the_place_out_of_sync(team: Team) -> None:
    """Half of what they did may stand there."""
    app = token("one")
    app["replicas"][0]["republish_after"] = "12h"
    team.play(app)
    team.world.emulator.clock.advance(hours=13)
    team.tasks_fail(ONE)
    team.play(app)
    assert team.remembered == {}


def test_r40_a_token_that_was_replaced_while_it_was_published_is_forgotten_there(team: Team) -> None:
    """G4: a slow task file may have written the older token over the newer one."""
    app = token("one")
    team.run(app)
    slow = team.world.publications
    team.play(app, renew_now=["app"])
    assert team.remembered == {ONE: team.current}
    [late] = team.world.run([app], team.issuer, vaults=WITH_SPOTS, published=slow)
    assert [error.code for error in [late.vaults[1].error] if error] == ["publication_overtaken"]
    assert team.remembered == {}
    assert team.play(app).action == "repaired"
    assert team.remembered == {ONE: team.current}


def test_a_publication_is_remembered_although_the_api_does_not_answer_any_more(team: Team) -> None:
    app = token("one")
    team.run(app)
    done = team.world.publications
    team.world.emulator.faults.add("status", "any", status=503, count=100)
    [outcome] = team.world.run([app], team.issuer, vaults=WITH_SPOTS, published=done)
    assert outcome.waits
    assert team.remembered == {ONE: team.current}


def test_r40_a_publication_is_not_written_down_beside_the_intent_of_another_run(team: Team) -> None:
    """That run would lose its mint; the place is published to again instead."""
    app = token("one")
    team.run(app)
    done = team.world.publications

    def stop(operation: str, path: str) -> None:
        if (operation, path) == ("write", RECORD):
            raise KeyboardInterrupt

    team.world.store.after = stop
    team.world.run([app], team.issuer, vaults=WITH_SPOTS, renew_now=["app"], effects=team.world.effects("host-b"))
    team.world.store.after = lambda operation, path: None
    [outcome] = team.world.run([app], team.issuer, vaults=WITH_SPOTS, published=done)
    assert (outcome.action, team.remembered) == ("busy", {})


def test_a_call_after_publications_renews_nothing_and_works_on_these_tokens_alone(team: Team) -> None:
    dns = token(name="dns")
    team.world.run([APP, dns], team.issuer, vaults=WITH_SPOTS)
    done = team.world.publications
    team.make_due()
    outcomes = team.world.run([APP, dns], team.issuer, vaults=WITH_SPOTS, published=done)
    assert [(outcome.name, outcome.action) for outcome in outcomes] == [("app", "repaired")]


def test_a_leaked_token_is_deleted_before_anything_is_published(team: Team) -> None:
    team.play()
    leaked = team.current
    outcome = team.run(revoke=["app"])
    assert (outcome.revoked, outcome.failed, outcome.warnings) == ([leaked], False, [])
    assert not team.exists(leaked)
    assert len(team.world.publications) == 2
    facts = team.play(revoke=["app"])
    assert facts.revoked
    assert team.world.published == {ONE: team.current, TWO: team.current}


def test_r40_an_absent_token_is_deleted_and_its_record_stays_until_it_is_unpublished(team: Team) -> None:
    team.play()
    gone = team.current
    absent = {**APP, "state": "absent"}
    team.tasks_fail(TWO, way="unpublish")
    facts = team.play(absent)
    assert not team.exists(gone)
    assert (team.world.published, team.remembered) == ({TWO: gone}, {TWO: gone})
    assert (facts.failed, facts.places[2].error_code) == (True, "unpublication_failed")
    assert facts.places[2].to_publish == "unpublish"
    team.tasks_work()
    facts = team.play(absent)
    assert (team.world.published, facts.failed) == ({}, False)
    assert team.world.store.reading(RECORD).record is None
    again = team.play(absent)
    assert (again.changed, again.failed) == (False, False)


def test_a_place_without_an_unpublish_file_is_said_and_does_not_block(team: Team) -> None:
    vaults = [WITH_SPOTS[0], {"name": "spots", "tasks": {"publish": "publish.yml"}}]
    team.play(vaults=vaults)
    facts = team.play({**APP, "state": "absent"}, vaults=vaults)
    assert len([warning for warning in facts.warnings if "no unpublish file" in warning]) == 2
    assert team.world.store.reading(RECORD).record is None
    assert not facts.failed


def test_a_place_that_is_not_declared_any_more_is_forgotten_with_a_note(team: Team) -> None:
    team.play()
    facts = team.play(token("one"))
    assert any("spots: two is not declared any more" in warning for warning in facts.warnings)
    assert team.remembered == {ONE: team.current}
    assert team.play(token("one")).warnings == ()


def test_check_mode_lists_what_would_be_published_and_remembers_nothing(team: Team) -> None:
    team.play(token("one"))
    outcome = team.run(check_mode=True)
    [entry] = team.world.publications
    assert (entry["place"], entry["token_id"]) == (TWO, team.current)
    assert (outcome.action, outcome.changed) == ("repaired", True)
    team.make_due()
    team.run(check_mode=True)
    assert [(entry["place"], entry["token_id"]) for entry in team.world.publications] == [(ONE, None), (TWO, None)]
    assert team.remembered == {ONE: team.current}


def test_a_vault_that_is_down_after_the_tasks_is_told_and_what_was_done_before_stays_told(team: Team) -> None:
    def down(operation: str, path: str) -> None:
        if team.world.published and path == RECORD:
            raise VaultUnavailable("vault_unreachable", where=path)

    team.world.store.before = down
    facts = team.play()
    assert (facts.action, facts.failed, facts.current is not None) == ("rotated", True, True)
    assert facts.places[0].error_code == "vault_unreachable"


@pytest.mark.parametrize(
    ("options", "vault", "code"),
    [
        ({"vault": {"in": "spots", "target": "x"}}, {}, "vault_of_record_unreadable"),
        ({"inbox": {"in": "spots", "target": "x"}}, {}, "inbox_unreadable"),
        ({"replicas": [{"in": "spots"}]}, {}, "place_option_missing"),
        ({"replicas": [{"in": "spots", "target": "x" * 70}]}, {}, "vault_option_invalid"),
        ({}, {"publish": None}, "vault_option_invalid"),
        ({}, {"publish": "elsewhere.yml"}, "task_file_missing"),
        ({}, {"publish": __file__}, "task_file_unreadable"),
        ({}, {"republish_after": "soon"}, "duration_unreadable"),
        ({"replicas": [{"in": "spots", "target": "one"}] * 2}, {}, "place_used_twice"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_touched(
    team: Team, options: dict[str, Any], vault: dict[str, Any], code: str
) -> None:
    vaults = [WITH_SPOTS[0], {"name": "spots", "tasks": {**SPOTS["tasks"], **vault}}]
    with pytest.raises(ConfigurationError) as error:
        team.world.run([{**APP, **options}], team.issuer, vaults=vaults)
    assert error.value.code == code
    assert team.world.store.calls == []


def test_what_became_of_an_undeclared_token_is_refused(team: Team) -> None:
    with pytest.raises(ConfigurationError) as error:
        team.world.run([APP], team.issuer, vaults=WITH_SPOTS, published=[{"name": "other", "vault": "spots"}])
    assert error.value.code == "publication_unknown"
