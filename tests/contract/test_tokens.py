# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate, list, get and delete, as the vendor's page has them."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import jwt
import pytest

from emulator.signing import signing_key

YEAR = 31536000


def error_of(response):
    document = response.json()
    assert document["httpStatus"] == response.status_code
    assert isinstance(document["messages"][0]["errorCode"], str)
    assert isinstance(document["messages"][0]["message"], str)
    return response.status_code


def only_token(client):
    [token] = client.list().json()["tokens"]
    return token


def lifetime(token):
    return (
        datetime.fromisoformat(token["expirationDate"]) - datetime.fromisoformat(token["createdDate"])
    ).total_seconds()


def test_generate_answers_with_the_value_alone(offline_emulator, connect, ann):
    response = connect(offline_emulator, ann).generate(3600)

    assert response.status_code == 200
    assert list(response.json()) == ["token"]


@pytest.mark.parametrize("ttl", [60, 3600, YEAR])
def test_the_lifetime_is_the_ttl_asked_for(offline_emulator, connect, ann, ttl):
    client = connect(offline_emulator, ann)
    client.generate(ttl)

    assert lifetime(only_token(client)) == ttl


def test_the_default_ttl_is_a_year(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    client.generate()

    assert lifetime(only_token(client)) == YEAR


@pytest.mark.parametrize("ttl", [59, YEAR + 1, 0, -1, "1h", "", "3600.0", "9" * 5000, "\N{ARABIC-INDIC DIGIT SIX}00"])
def test_a_ttl_out_of_bounds_or_unreadable_mints_nothing(offline_emulator, connect, ann, ttl):
    response = connect(offline_emulator, ann).generate(ttl)

    assert error_of(response) == 422
    assert offline_emulator.tokens() == []


def test_a_token_is_listed_with_id_href_and_two_dates(offline_emulator, connect, ann):
    offline_emulator.clock.set("2026-05-04T03:02:01.9Z")
    client = connect(offline_emulator, ann)
    client.generate(60)

    token = only_token(client)

    token_id = token["id"]
    assert str(uuid.UUID(token_id)) == token_id
    assert token == {
        "id": token_id,
        "href": f"/auth/v1/tokens/{token_id}",
        "createdDate": "2026-05-04T03:02:01Z",
        "expirationDate": "2026-05-04T03:03:01Z",
    }


def test_get_shows_what_list_shows(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    client.generate(60)

    token = only_token(client)

    assert client.get(token["id"]).json() == token


def test_the_kid_of_the_jwt_is_the_token_id(offline_emulator, connect, ann):
    client = connect(offline_emulator, ann)
    value = client.generate(60).json()["token"]

    header = jwt.get_unverified_header(value)

    assert header == {"typ": "JWT", "kid": only_token(client)["id"], "alg": "RS256"}


def test_the_claims_are_those_of_the_vendors_client(offline_emulator, connect, ann):
    offline_emulator.clock.set("2026-05-04T03:02:01Z")
    value = connect(offline_emulator, ann).generate(60).json()["token"]

    claims = jwt.decode(value, signing_key().public_key(), ["RS256"], {"verify_exp": False, "verify_iat": False})

    issued = int(datetime.fromisoformat("2026-05-04T03:02:01Z").timestamp())
    assert claims["iss"] == "ionoscloud"
    assert (claims["iat"], claims["exp"]) == (issued, issued + 60)
    assert claims["identity"] == {
        "uuid": ann.user_id,
        "contractNumber": 31711111,
        "role": "user",
        "privileges": [],
        "isParent": False,
        "resellerId": 1,
        "regDomain": "ionos.de",
    }


def test_optional_claims_can_be_left_out(offline_emulator, connect, ann):
    offline_emulator.settings.update({"omitted_claims": ["exp", "iat", "iss"]})
    value = connect(offline_emulator, ann).generate(60).json()["token"]

    assert list(jwt.decode(value, options={"verify_signature": False})) == ["identity"]
    assert connect(offline_emulator, value).list().status_code == 200


def test_a_minted_token_authenticates(offline_emulator, connect, ann):
    value = connect(offline_emulator, ann).generate(60).json()["token"]

    assert connect(offline_emulator, value).list().status_code == 200


def test_delete_ends_a_token_at_once(offline_emulator, connect, ann):
    token, value = offline_emulator.mint(ann)

    response = connect(offline_emulator, ann).delete(token.id)

    assert (response.status_code, response.json()) == (200, {"success": True})
    assert error_of(connect(offline_emulator, value).list()) == 401
    assert error_of(connect(offline_emulator, ann).get(token.id)) == 404


def test_a_token_may_delete_itself(offline_emulator, connect, ann):
    token, value = offline_emulator.mint(ann)

    assert connect(offline_emulator, value).delete(token.id).status_code == 200
    assert offline_emulator.tokens() == []


@pytest.mark.parametrize("token_id", ["00000000-0000-4000-8000-000000000000", "no-uuid", "..%2F..%2Fetc", "%0d%0a"])
def test_an_unknown_id_is_not_found(offline_emulator, connect, ann, token_id):
    client = connect(offline_emulator, ann)

    assert error_of(client.get(token_id)) == 404
    assert error_of(client.delete(token_id)) == 404


def test_the_token_of_another_user_is_neither_shown_nor_deleted(offline_emulator, connect, ann, ben):
    foreign, dummy = offline_emulator.mint(ben, 31711111)
    client = connect(offline_emulator, ann)

    assert client.listed_ids() == []
    assert error_of(client.get(foreign.id)) == 404
    assert error_of(client.delete(foreign.id)) == 404
    assert offline_emulator.tokens() == [foreign]


def test_an_expired_token_is_refused_but_stays_listed(offline_emulator, connect, ann):
    offline_emulator.clock.set("2026-05-04T03:02:01Z")
    token, value = offline_emulator.mint(ann, ttl=60)
    offline_emulator.clock.advance(59)
    assert connect(offline_emulator, value).list().status_code == 200

    offline_emulator.clock.advance(1)

    assert error_of(connect(offline_emulator, value).list()) == 401
    assert connect(offline_emulator, ann).listed_ids() == [token.id]


def test_criteria_expired_purges_expired_tokens_only(offline_emulator, connect, ann):
    offline_emulator.mint(ann, ttl=60)
    alive, dummy = offline_emulator.mint(ann, ttl=3600)
    offline_emulator.clock.advance(60)

    response = connect(offline_emulator, ann).delete_by_criteria("EXPIRED")

    assert (response.status_code, response.json()) == (200, {"success": True})
    assert offline_emulator.tokens() == [alive]


def test_criteria_all_is_for_the_given_contract(offline_emulator, connect, ben):
    offline_emulator.mint(ben, 31711111)
    elsewhere, dummy = offline_emulator.mint(ben, 31722222)

    connect(offline_emulator, ben, 31711111).delete_by_criteria("ALL")

    assert offline_emulator.tokens() == [elsewhere]


def test_criteria_all_leaves_other_users_alone(offline_emulator, connect, ann, ben):
    foreign, dummy = offline_emulator.mint(ben, 31711111)
    offline_emulator.mint(ann)

    connect(offline_emulator, ann).delete_by_criteria("ALL")

    assert offline_emulator.tokens() == [foreign]


def test_criteria_current_deletes_the_token_that_asks(offline_emulator, connect, ann):
    other, dummy = offline_emulator.mint(ann)
    dummy, value = offline_emulator.mint(ann)

    assert connect(offline_emulator, value).delete_by_criteria("CURRENT").status_code == 200

    assert offline_emulator.tokens() == [other]


def test_criteria_current_needs_bearer(offline_emulator, connect, ann):
    token, dummy = offline_emulator.mint(ann)

    assert error_of(connect(offline_emulator, ann).delete_by_criteria("CURRENT")) == 403
    assert offline_emulator.tokens() == [token]


@pytest.mark.parametrize("criteria", ["", "all", "OLD"])
def test_unknown_criteria_delete_nothing(offline_emulator, connect, ann, criteria):
    token, dummy = offline_emulator.mint(ann)

    assert error_of(connect(offline_emulator, ann).delete_by_criteria(criteria)) == 422
    assert offline_emulator.tokens() == [token]


def test_the_hundred_and_first_token_is_refused(offline_emulator, connect, ann):
    for dummy in range(99):
        offline_emulator.mint(ann)
    client = connect(offline_emulator, ann)
    assert client.generate(60).status_code == 200

    assert error_of(client.generate(60)) == 403

    assert len(offline_emulator.tokens(ann)) == 100


def test_parallel_mints_keep_the_quota(emulator, connect):
    emulator.settings.update({"quota": 5})
    user = emulator.add_user("ann@example.com", "first-password")
    clients = [connect(emulator, user) for _number in range(12)]

    with ThreadPoolExecutor(len(clients)) as pool:
        statuses = list(pool.map(lambda client: client.generate(60).status_code, clients))

    assert sorted(statuses) == [200] * 5 + [403] * 7
    assert len(emulator.tokens()) == 5


def test_the_quota_counts_expired_tokens_and_those_of_every_contract(offline_emulator, connect, ben):
    offline_emulator.settings.update({"quota": 2})
    offline_emulator.mint(ben, 31711111, ttl=60)
    offline_emulator.mint(ben, 31722222)
    offline_emulator.clock.advance(60)

    assert error_of(connect(offline_emulator, ben, 31711111).generate(60)) == 403


def test_the_quota_is_per_user(offline_emulator, connect, ann, ben):
    offline_emulator.settings.update({"quota": 1})
    offline_emulator.mint(ben)

    assert connect(offline_emulator, ann).generate(60).status_code == 200


def test_the_status_of_a_refusal_at_the_quota_can_be_chosen(offline_emulator, connect, ann):
    offline_emulator.settings.update({"quota": 0, "quota_status": 422})

    assert error_of(connect(offline_emulator, ann).generate(60)) == 422


def test_more_requests_a_second_than_are_answered_get_429_and_do_nothing(offline_emulator, connect, ann):
    offline_emulator.clock.freeze()
    offline_emulator.settings.update({"requests_per_second": 2})
    client = connect(offline_emulator, ann, 31711111)

    answers = [client.generate(60) for _number in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (error_of(answers[2]), answers[2].headers["Retry-After"]) == (429, "1")
    assert len(offline_emulator.tokens(ann)) == 2

    offline_emulator.clock.advance(1)
    assert client.generate(60).status_code == 200


def test_a_limit_of_requests_need_not_say_how_long_it_lasts(offline_emulator, connect, ann):
    offline_emulator.clock.freeze()
    offline_emulator.settings.update({"requests_per_second": 1, "says_retry_after": False})
    client = connect(offline_emulator, ann, 31711111)

    client.list()

    assert "Retry-After" not in client.list().headers


def test_a_fresh_token_can_take_seconds_to_appear(offline_emulator, connect, ann):
    offline_emulator.settings.update({"appearance_delay_seconds": 5})
    client = connect(offline_emulator, ann)
    value = client.generate(60).json()["token"]
    offline_emulator.clock.advance(4)
    assert (client.listed_ids(), connect(offline_emulator, value).list().status_code) == ([], 401)

    offline_emulator.clock.advance(1)

    assert len(client.listed_ids()) == 1
    assert connect(offline_emulator, value).list().status_code == 200


def test_a_fresh_token_can_take_requests_to_appear(offline_emulator, connect, ann):
    offline_emulator.settings.update({"appearance_delay_requests": 2})
    client = connect(offline_emulator, ann)
    client.generate(60)

    assert [len(client.listed_ids()) for _number in range(3)] == [0, 0, 1]


def test_a_path_that_is_not_the_vendors_is_not_found(offline_emulator, connect, ann):
    assert error_of(connect(offline_emulator, ann).call("GET", "/auth/v1/elsewhere")) == 404


@pytest.mark.parametrize(("method", "path"), [("POST", "/auth/v1/tokens"), ("DELETE", "/auth/v1/tokens/generate")])
def test_a_method_that_a_path_has_not_is_refused(offline_emulator, connect, ann, method, path):
    response = connect(offline_emulator, ann).call(method, path)

    assert error_of(response) == 405
    assert "GET" in response.headers["Allow"]
