# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user declares: what it means, and every way in which it can be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    TokenFormatError,
    TokenOpsError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import least_lifetime_sent
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.accounts import Account
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.names import require_names
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import (
    Declaration,
    DeclaredToken,
    parse_declaration,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import rotate_declared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from support.growth import grows_linearly
from support.jwts import encoded_json, ionos_jwt
from support.memory_vault import MemoryStore, MemoryVaultKind
from support.rotation_world import TASK_DEFAULTS, RotationWorld, declared

DAY = 86400
TOKEN_ID = "0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e"
DEFAULT_ACCOUNT = Account("default")
PLACES: dict[str, dict[str, dict[str, Any]]] = {
    "shelf": {"path": {"type": "str", "required": True}, "key": {"type": "str", "default": "token"}},
    "ansible_vault_file": {"path": {"type": "str", "required": True}, "variable": {"type": "str", "required": True}},
}
SHELF: dict[str, Any] = {"name": "shelf", "shelf": {"colour": "red"}}
FILES: dict[str, Any] = {"name": "files", "ansible_vault_file": {}}


def token(**options: Any) -> dict[str, Any]:
    """Return an entry of ``tokens``; ``options`` replace its own."""
    return {"name": "app", "vault": {"path": "ionos/app"}, **options}


def parse(*tokens: dict[str, Any], vaults: list[dict[str, Any]] | None = None, **arguments: Any) -> Declaration:
    """Parse a declaration with one vault, of the kind ``shelf``, where the test gives no others."""
    return parse_declaration(
        {"vaults": [SHELF] if vaults is None else vaults, "tokens": list(tokens), **arguments}, DEFAULT_ACCOUNT, PLACES
    )


def parsed(**options: Any) -> DeclaredToken:
    """Return the one token that is declared with ``options``."""
    [only] = parse(token(**options)).tokens
    return only


def message_of(*tokens: dict[str, Any], **arguments: Any) -> str:
    """Return what a user reads of a declaration that is wrong."""
    with pytest.raises((ConfigurationError, TokenFormatError)) as caught:
        parse(*tokens, **arguments)
    return str(caught.value)


def test_the_usual_durations_are_the_defaults() -> None:
    app = parsed()
    assert (app.ttl, app.renew_before, app.overlap, app.fail_before) == (30 * DAY, 7 * DAY, DAY, 2 * DAY)
    assert (app.state, app.enforce_ttl, app.retire_adopted, app.warnings) == ("present", False, False, ())


def test_a_short_lifetime_has_a_short_renewal_window_and_overlap_by_default() -> None:
    app = parsed(ttl="1h")
    assert (app.renew_before, app.overlap) == (900, 900)


# Spread renewals


def renewals(*tokens: dict[str, Any], **arguments: Any) -> dict[str, int]:
    """Return how much of its life is left when each token is due, by its name."""
    return {found.name: found.renew_before for found in parse(*tokens, **arguments).tokens}


def several(**options: Any) -> list[dict[str, Any]]:
    return [token(name=f"app{number}", vault={"path": f"ionos/app{number}"}, **options) for number in range(9)]


def test_without_a_spread_every_token_is_due_as_it_is_declared() -> None:
    assert set(renewals(*several()).values()) == {7 * DAY}
    assert set(renewals(*several(spread=""), spread="").values()) == {7 * DAY}


def test_with_a_spread_each_token_is_due_a_share_of_it_earlier_and_never_later() -> None:
    found = renewals(*several(spread="5d"))
    assert len(set(found.values())) == 9
    assert all(7 * DAY <= left < 12 * DAY for left in found.values())


def test_the_order_of_a_declaration_does_not_move_a_renewal() -> None:
    tokens = several(spread="5d")
    assert renewals(*tokens) == renewals(*reversed(tokens))
    assert renewals(tokens[3]) == {"app3": renewals(*tokens)["app3"]}


def test_a_token_without_a_spread_of_its_own_has_that_of_all() -> None:
    assert renewals(*several(), spread="5d") == renewals(*several(spread="5d"))
    assert renewals(*several(spread="2d"), spread="5d") == renewals(*several(spread="2d"))
    assert set(renewals(*several(spread="0"), spread="5d").values()) == {7 * DAY}


def test_equal_names_in_other_accounts_and_contracts_are_other_tokens() -> None:
    shares = set()
    for account in ({"name": "shop"}, {"name": "warehouse"}, {"name": "shop", "contract_number": "31711111"}):
        shares.update(renewals(token(account=account["name"]), accounts=[account], spread="5d").values())
    assert len(shares) == 3


def test_a_spread_leaves_the_overlap_as_it_is() -> None:
    app = parsed(renew_before="1h", spread="5d")
    assert (app.overlap, app.warnings) == (3600, ())
    assert parsed(renew_before="1h", spread="5d", overlap="2h").overlap == 3600


@pytest.mark.parametrize(("options", "where"), [({"spread": "8d"}, "tokens[app].spread"), ({}, "tokens[app].spread")])
def test_a_spread_that_leaves_less_than_half_of_the_life_is_refused(options: dict[str, Any], where: str) -> None:
    assert message_of(token(**options), spread="8d").startswith(f"{where} is 8d, too long for a ttl of 30d")


@pytest.mark.parametrize(("option", "of_all"), [("tokens[app].spread", False), ("spread", True)])
def test_a_spread_that_is_no_duration_is_refused_where_it_stands(option: str, of_all: bool) -> None:
    wrong = {"spread": "soon"}
    message = message_of(token(), **wrong) if of_all else message_of(token(**wrong))
    assert message.startswith(f"{option} is not a duration")


def test_a_token_that_names_no_account_is_of_the_default_one() -> None:
    assert parsed().account is DEFAULT_ACCOUNT


def test_a_token_is_of_the_account_that_it_names() -> None:
    value = ionos_jwt(TOKEN_ID)
    shop = {"name": "shop", "contract_number": "31711111", "two_factor": "forced", "token": value, "user_id": "u-1"}
    [app] = parse(token(account="shop"), accounts=[shop]).tokens
    assert (app.account.name, app.account.contract_number, app.account.two_factor) == ("shop", 31711111, "forced")
    assert app.account.user_id == "u-1"
    assert isinstance(app.account.credential, BearerCredential)
    assert app.account.credential.token.value == value


def test_an_account_may_have_username_and_password() -> None:
    shop = {"name": "shop", "username": "ann@example.com", "password": "correct horse"}
    [app] = parse(token(account="shop"), accounts=[shop]).tokens
    assert isinstance(app.account.credential, BasicCredential)


def test_the_token_of_an_account_beats_its_username_and_password() -> None:
    shop = {"name": "shop", "username": "ann", "password": "correct horse", "token": ionos_jwt(TOKEN_ID)}
    [app] = parse(token(account="shop"), accounts=[shop]).tokens
    assert isinstance(app.account.credential, BearerCredential)


def test_each_account_is_listed_once_and_unused_ones_are_not() -> None:
    accounts = [{"name": "shop"}, {"name": "idle"}]
    one, two = token(account="shop"), token(name="two", account="shop", vault={"path": "ionos/two"})
    assert [account.name for account in parse(one, two, accounts=accounts).accounts] == ["shop"]


def test_a_vault_that_no_token_uses_is_not_logged_in_to() -> None:
    declaration = parse(token(vault={"in": "shelf", "path": "x"}), vaults=[SHELF, FILES])
    assert [vault.name for vault in declaration.vaults] == ["shelf"]


def test_without_vaults_there_are_ansible_vault_files() -> None:
    declaration = parse(token(vault={"path": "ionos.yml", "variable": "ionos_token"}), vaults=[])
    assert [(vault.kind, vault.options) for vault in declaration.vaults] == [("ansible_vault_file", {})]


def test_a_place_has_the_defaults_of_its_kind() -> None:
    assert parsed().vault.options == {"path": "ionos/app", "key": "token"}


def test_replicas_are_kept_in_their_order() -> None:
    app = parsed(replicas=[{"path": "b"}, {"path": "a", "in": "shelf"}])
    assert [place.options["path"] for place in app.replicas] == ["b", "a"]


def test_an_offer_belongs_to_the_token_of_its_name() -> None:
    value = ionos_jwt(TOKEN_ID)
    other = token(name="other", vault={"path": "ionos/other"})
    app, unoffered = parse(token(), other, offers={"app": f"  {value}\n"}).tokens
    assert app.offer is not None
    assert app.offer.value == value
    assert unoffered.offer is None


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_offer_without_a_value_is_none(nothing: str | None) -> None:
    [app] = parse(token(), offers={"app": nothing}).tokens
    assert app.offer is None


@pytest.mark.parametrize("option", ["ttl", "renew_before", "overlap", "fail_before"])
def test_a_duration_that_is_empty_is_the_default(option: str) -> None:
    assert parsed(**{option: ""}) == parsed()


def test_an_overlap_of_nothing_is_possible() -> None:
    assert parsed(overlap="0").overlap == 0


def test_an_overlap_beyond_the_renewal_window_is_cut_with_a_warning() -> None:
    """R10."""
    app = parsed(renew_before="7d", overlap="8d")
    assert app.overlap == 7 * DAY
    assert app.warnings == (
        "tokens[app].overlap is longer than renew_before (7d); by then the previous token has expired anyway. It is "
        "cut to that; shorten overlap or lengthen renew_before.",
    )


def test_two_tokens_of_one_name_are_refused() -> None:
    message = message_of(token(), token(vault={"path": "other"}))
    assert message == "tokens has two entries with the name app. Give each its own name."


def test_the_time_for_names_grows_with_their_number_and_no_faster() -> None:
    assert grows_linearly(
        lambda names: require_names("tokens", names), lambda size: [f"service-{number}" for number in range(size)], 1500
    )


def test_two_accounts_of_one_name_are_refused() -> None:
    message = message_of(token(), accounts=[{"name": "shop"}, {"name": "shop"}])
    assert message == "accounts has two entries with the name shop. Give each its own name."


def test_two_vaults_of_one_name_are_refused() -> None:
    message = message_of(token(), vaults=[SHELF, {**FILES, "name": "shelf"}])
    assert message == "vaults has two entries with the name shelf. Give each its own name."


def test_an_account_that_is_not_declared_is_named() -> None:
    message = message_of(token(account="shop"))
    assert (
        message == "tokens[app].account names shop, which accounts does not declare. Declare it, or correct the name."
    )


def test_a_vault_that_is_not_declared_is_named() -> None:
    message = message_of(token(vault={"in": "bao", "path": "x"}))
    assert message == "tokens[app].vault.in names bao, which vaults does not declare. Declare it, or correct the name."


def test_a_replica_in_a_vault_that_is_not_declared_is_named() -> None:
    message = message_of(token(replicas=[{"path": "a"}, {"in": "bao", "path": "x"}]))
    assert message.startswith("tokens[app].replicas[1].in names bao, which vaults does not declare.")


def test_a_place_has_to_say_in_which_of_several_vaults_it_is() -> None:
    message = message_of(token(), vaults=[SHELF, FILES])
    assert message == (
        "tokens[app].vault does not say in which vault it is, and more than one is declared. "
        "Add in with the vault's name."
    )


@pytest.mark.parametrize(
    "entry", [{"name": "bao"}, {"name": "bao", "shelf": None}, {"name": "bao", "shelf": {}, "ansible_vault_file": {}}]
)
def test_a_vault_has_exactly_one_kind(entry: dict[str, Any]) -> None:
    message = message_of(token(), vaults=[entry])
    assert message.startswith("vaults[bao] must have exactly one kind of vault. Keep one key such as hashi_vault")


def test_an_option_of_another_kind_of_vault_is_refused() -> None:
    message = message_of(token(vault={"path": "x", "variable": "y"}))
    assert message == "tokens[app].vault.variable is not an option of shelf. Remove it, or name another vault."


@pytest.mark.parametrize("nothing", [{}, {"path": None}, {"path": ""}])
def test_what_a_kind_of_vault_needs_may_not_be_missing(nothing: dict[str, Any]) -> None:
    assert message_of(token(vault=nothing)) == "tokens[app].vault lacks path, which shelf needs. Add it."


def test_a_place_may_not_be_used_by_two_tokens() -> None:
    message = message_of(token(), token(name="other"))
    assert message == ("tokens[other] uses a place that app uses too. Give each declared token places of its own.")


def test_a_replica_may_not_be_the_vault_of_record() -> None:
    assert message_of(token(replicas=[{"in": "shelf", "path": "ionos/app", "key": "token"}])).startswith(
        "tokens[app] uses a place that app uses too."
    )


def test_an_offer_for_a_token_that_is_not_declared_is_refused_with_its_name_and_the_declared_ones() -> None:
    message = message_of(token(), offers={"apps": ionos_jwt(TOKEN_ID)})
    assert message == (
        "offers has an entry for apps, which is not declared. Use the names of declared tokens as keys of offers: app."
    )


def test_an_offer_with_name_and_value_mixed_up_is_refused_without_showing_either() -> None:
    message = message_of(token(), offers={"swordfish": "app"})
    assert message == (
        "offers has an entry for a token, which is not declared. "
        "Use the names of declared tokens as keys of offers: app."
    )


@pytest.mark.parametrize("half", [{"username": "ann"}, {"password": "swordfish"}, {"username": "", "password": "x"}])
def test_half_of_a_username_and_password_is_refused(half: dict[str, str]) -> None:
    message = message_of(token(), accounts=[{"name": "shop", **half}])
    assert message == (
        "accounts[shop] has only one of username and password. Give both, or better a token instead of them."
    )


@pytest.mark.parametrize("number", ["0", "-1", "31711111a", "3.5", "1" * 30, "\u0663"])
def test_a_contract_number_is_a_whole_number(number: str) -> None:
    message = message_of(token(), accounts=[{"name": "shop", "contract_number": number}])
    assert message.startswith("accounts[shop].contract_number is not a contract number.")


@pytest.mark.parametrize("option", ["ttl", "renew_before", "overlap", "fail_before"])
def test_a_duration_that_cannot_be_read_is_named_with_an_example(option: str) -> None:
    assert message_of(token(**{option: "soon"})) == (
        f"tokens[app].{option} is not a duration. "
        "Give whole seconds, or a text such as 30d, 12h or 1h30m (units w, d, h, m, s)."
    )


@pytest.mark.parametrize(("ttl", "seconds"), [("59s", 59), ("0", 0), ("366d", 366 * DAY)])
def test_a_lifetime_that_the_api_does_not_accept_is_refused(ttl: str, seconds: int) -> None:
    assert message_of(token(ttl=ttl)) == (
        f"tokens[app].ttl is {seconds} seconds, outside of what the Auth API accepts. "
        "Choose a lifetime from 60 to 31536000 seconds (1 minute to 365 days)."
    )


def test_a_lifetime_too_short_to_tell_mints_apart_is_refused() -> None:
    """R36."""
    assert message_of(token(ttl="119s")) == (
        "tokens[app].ttl is 119 seconds, too short to tell the tokens of this declaration apart by their lifetimes. "
        "Choose 360 seconds or more with this renew_before and overlap; days are usual."
    )


@pytest.mark.parametrize("renew_before", ["30d", "31d", "29d"])
def test_a_renewal_window_that_makes_every_new_token_due_is_refused(renew_before: str) -> None:
    """R16."""
    message = message_of(token(ttl="30d", renew_before=renew_before))
    assert message == (
        f"tokens[app].renew_before leaves no time: renew_before is {renew_before} and the lifetime sent is 29d at the "
        "least. Choose a renew_before below the ttl, half of it or less is usual; a new token would be due at once."
    )


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("0123456789abcdef0123456789abcdef.abcdefghijklmnopqrstuvwxyz", "is not an IONOS Cloud API token"),
        (ionos_jwt(TOKEN_ID).rpartition(".")[0], "is a JWT that is cut off or damaged"),
        (
            f"{encoded_json({'alg': 'RS256', 'typ': 'JWT'})}.{encoded_json({})}.c2ln",
            "is a JWT without a token id (kid)",
        ),
    ],
    ids=["key of another product", "cut off", "without kid"],
)
@pytest.mark.parametrize("where", ["accounts[shop].token", "offers[app]"])
def test_what_is_no_token_is_refused_where_it_stands(value: str, says: str, where: str) -> None:
    wrong: dict[str, Any] = {"offers": {"app": value}}
    if where == "accounts[shop].token":
        wrong = {"accounts": [{"name": "shop", "token": value}]}
    message = message_of(token(), **wrong)
    assert message.startswith(f"{where} {says}")
    assert value not in message


@given(
    ttl=st.integers(min_value=-1, max_value=400 * DAY),
    renew_before=st.none() | st.integers(min_value=-1, max_value=400 * DAY),
    overlap=st.none() | st.integers(min_value=-1, max_value=400 * DAY),
)
def test_what_is_accepted_is_never_due_on_arrival(ttl: int, renew_before: int | None, overlap: int | None) -> None:
    """R10, R16."""
    given_options = {"ttl": ttl, "renew_before": renew_before, "overlap": overlap}
    try:
        app = parsed(**{option: str(value) for option, value in given_options.items() if value is not None})
    except TokenOpsError:
        return
    assert 60 <= least_lifetime_sent(app.ttl) <= 365 * DAY
    assert app.overlap <= app.renew_before < least_lifetime_sent(app.ttl)


class _WriteOnlyKind(MemoryVaultKind):
    READABLE = False


def test_a_vault_that_cannot_be_read_is_refused_as_vault_of_record() -> None:
    arguments = {**TASK_DEFAULTS, "token": None, "tokens": [declared()]}
    kinds: dict[str, Any] = {"memory": _WriteOnlyKind(MemoryStore())}
    controller = Controller(environ={}, base_directory=".")
    with pytest.raises(ConfigurationError) as caught:
        rotate_declared(arguments, kinds, controller, RotationWorld().effects(), check_mode=False)
    assert str(caught.value) == (
        "tokens[app].vault is a kind of vault that cannot be read, so it cannot be the vault of record. "
        "Declare a readable vault as vault and this one among the replicas."
    )


@pytest.mark.parametrize("workers", [0, -1, 65])
def test_a_number_of_workers_that_makes_no_sense_is_refused(workers: int) -> None:
    with pytest.raises(ConfigurationError) as caught:
        RotationWorld().run([declared()], workers=workers)
    assert str(caught.value) == "workers is out of range. Choose 1 to 64."


def test_a_wrong_declaration_touches_nothing() -> None:
    world = RotationWorld()
    _user, _seed, value = world.bootstrap()
    with pytest.raises(ConfigurationError):
        world.run([declared(), declared("other", ttl="soon")], value)
    assert world.store.calls == []
    assert world.emulator.journal.entries() == []


def test_an_empty_name_is_refused() -> None:
    assert message_of(token(name="")).startswith("tokens has an entry with an empty name.")
    assert message_of(token(), vaults=[{**SHELF, "name": ""}]).startswith("vaults has an entry with an empty name.")
    assert message_of(token(), accounts=[{"name": ""}]).startswith("accounts has an entry with an empty name.")


# Secrets in the place of names


@pytest.mark.parametrize("entries", ["tokens", "accounts", "vaults"])
@pytest.mark.parametrize("form", ["{token}", "Bearer {token}", "token of shop: {token}", "{token_without_end}"])
def test_a_token_in_the_place_of_a_name_is_refused_and_not_shown(entries: str, form: str) -> None:
    value = ionos_jwt(TOKEN_ID)
    name = form.format(token=value, token_without_end=value.rpartition(".")[0])
    declaration = {"vaults": [SHELF], "accounts": [], "tokens": [token()]}
    declaration[entries] = [*declaration[entries], {**(declaration[entries] or [{}])[0], "name": name}]

    with pytest.raises(ConfigurationError) as caught:
        parse_declaration(declaration, DEFAULT_ACCOUNT, PLACES)

    assert str(caught.value).startswith(f"{entries} has an entry with a token in its name, and names are shown.")
    assert value.split(".")[1] not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["external-dns-for-the-production-cluster-in-frankfurt-and-all-it-serves", "line\nbreak", "x" * 65]
)
def test_a_name_that_could_not_be_shown_is_refused_where_it_is_declared(name: str) -> None:
    with pytest.raises(ConfigurationError, match="at most 64 printable characters"):
        parsed(name=name)


@pytest.mark.parametrize("name", ["external-dns-for-production-in-frankfurt", "x" * 64, "a name of many words " * 9])
def test_a_long_name_that_no_secret_looks_like_is_taken(name: str) -> None:
    assert parsed(name=name).name == name
