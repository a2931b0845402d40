# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens in Secrets of a cluster: what is particular to Kubernetes."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.vault import (
    Kind,
    KubernetesSecrets,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Place
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import Fate, RecordKeeper
from support.kubernetes_api import ADMIN, Fault, KubernetesCluster, cluster
from support.records import EXPIRES_AT, new_token, record_of

__all__ = ["cluster"]

ROTATOR_VERBS = ("get", "create", "update")
LABELS = {"app.kubernetes.io/managed-by": "tokenops.ionos"}


def connected(cluster: KubernetesCluster, token: str = ADMIN, **options: Any) -> KubernetesSecrets:
    given = {"host": cluster.url, "api_key": token, "timeout": 5, **options}
    return Kind().connect("cluster", given, Controller({}, "/"))


def place_of(cluster: KubernetesCluster, token: str = ADMIN, **options: Any) -> Place:
    return connected(cluster, token).place({"namespace": "default", "secret": "ionos", **options})


@pytest.fixture
def place(cluster: KubernetesCluster) -> Place:
    return place_of(cluster)


def write_first(place: Place, record: Record) -> Any:
    return place.write(record, place.read().version)


def once(act: Callable[[], object]) -> Callable[[], None]:
    """Return a function that acts when it is called for the first time."""
    pending = [act]

    def hook() -> None:
        if pending:
            pending.pop()()

    return hook


def stored(cluster: KubernetesCluster) -> dict[str, Any]:
    secret = cluster.secret("default", "ionos")
    assert secret is not None
    return secret


# What others see


def test_a_missing_secret_is_created_and_labelled_as_ours(cluster: KubernetesCluster, place: Place) -> None:
    write_first(place, record_of(new_token()))

    assert (stored(cluster)["type"], stored(cluster)["metadata"]["labels"]) == ("Opaque", LABELS)


def test_the_annotations_say_which_token_it_is_and_until_when(cluster: KubernetesCluster) -> None:
    token = new_token()
    write_first(place_of(cluster, key="IONOS_TOKEN"), record_of(new_token()))
    write_first(place_of(cluster, key="IONOS_TOKEN"), record_of(token))

    assert stored(cluster)["metadata"]["annotations"] == {
        "tokenops.ionos/IONOS_TOKEN.token-id": token.id,
        "tokenops.ionos/IONOS_TOKEN.expires-at": "2026-10-21T14:13:20Z",
    }
    assert EXPIRES_AT == 1_792_592_000


def test_a_key_as_long_as_may_be_has_its_annotations(cluster: KubernetesCluster) -> None:
    write_first(place_of(cluster, key="k" * 52), record_of(new_token()))

    assert len(stored(cluster)["metadata"]["annotations"]) == 2


def test_the_other_keys_that_hold_a_token_are_named(cluster: KubernetesCluster, place: Place) -> None:
    cluster.put_secret("default", "ionos", {"old": str(new_token().value), "owner": "team dns"})

    assert place.read().beside == ("old",)


def test_the_token_is_what_a_controller_reads(cluster: KubernetesCluster, place: Place) -> None:
    official = pytest.importorskip("kubernetes.client")
    token = new_token()
    write_first(place, record_of(token))

    api = official.CoreV1Api(official.ApiClient(official_configuration(cluster)))
    secret = api.read_namespaced_secret("ionos", "default")

    assert base64.b64decode(secret.data["token"]).decode() == token.value


# Check-and-set


def test_a_secret_that_was_deleted_and_made_anew_with_the_same_content_is_a_conflict(
    cluster: KubernetesCluster, place: Place
) -> None:
    version = write_first(place, record_of(new_token()))
    content = cluster.data("default", "ionos")
    cluster.delete_secret("default", "ionos")
    cluster.put_secret("default", "ionos", dict(content))

    with pytest.raises(VaultConflict):
        place.write(record_of(new_token()), version)

    assert cluster.data("default", "ionos") == content


def test_a_secret_that_is_deleted_while_it_is_written_is_a_conflict(cluster: KubernetesCluster, place: Place) -> None:
    version = write_first(place, record_of(new_token()))
    cluster.before_write = once(lambda: cluster.delete_secret("default", "ionos"))

    with pytest.raises(VaultConflict) as caught:
        place.write(record_of(new_token()), version)

    assert caught.value.rejected
    assert cluster.secret("default", "ionos") is None


def test_a_secret_that_somebody_else_creates_meanwhile_keeps_what_they_wrote(
    cluster: KubernetesCluster, place: Place
) -> None:
    cluster.before_write = once(lambda: cluster.put_secret("default", "ionos", {"zone": "de/fra"}))
    record = record_of(new_token())

    write_first(place, record)

    assert (place.read().record, cluster.data("default", "ionos")["zone"]) == (record, "de/fra")
    assert "labels" not in stored(cluster)["metadata"]


def test_our_key_that_somebody_else_creates_meanwhile_is_a_conflict(cluster: KubernetesCluster, place: Place) -> None:
    theirs = str(new_token().value)
    cluster.before_write = once(lambda: cluster.put_secret("default", "ionos", {"token": theirs}))

    with pytest.raises(VaultConflict):
        write_first(place, record_of(new_token()))

    assert cluster.data("default", "ionos") == {"token": theirs}


def test_another_key_that_is_written_at_the_same_moment_is_kept(cluster: KubernetesCluster, place: Place) -> None:
    cluster.put_secret("default", "ionos", {"zone": "de/fra"})
    cluster.before_write = once(lambda: cluster.set_key("default", "ionos", "zone", "de/txl"))
    record = record_of(new_token())

    write_first(place, record)

    assert (place.read().record, cluster.data("default", "ionos")["zone"]) == (record, "de/txl")


def test_somebody_who_never_stops_writing_is_given_way_to(cluster: KubernetesCluster, place: Place) -> None:
    cluster.put_secret("default", "ionos", {"count": "0"})
    version, count = place.read().version, iter(range(1, 1000))
    cluster.before_write = lambda: cluster.set_key("default", "ionos", "count", str(next(count)))

    with pytest.raises(VaultConflict):
        place.write(record_of(new_token()), version)

    assert "token" not in cluster.data("default", "ionos")


def test_what_is_read_is_never_behind(cluster: KubernetesCluster, place: Place) -> None:
    write_first(place, record_of(new_token()))
    assert [path for method, path, _status in cluster.journal if method == "GET" and "?" in path] == []


def test_what_an_admission_webhook_adds_stays(cluster: KubernetesCluster, place: Place) -> None:
    cluster.webhooks.append(lambda manifest: manifest["metadata"].setdefault("labels", {}).update(policy="checked"))
    record = record_of(new_token())

    version = place.write(record, write_first(place, record_of(new_token())))

    assert (place.read().record, place.read().version) == (record, version)
    assert stored(cluster)["metadata"]["labels"] == {**LABELS, "policy": "checked"}


def test_an_admission_webhook_that_replaces_the_token_is_noticed(cluster: KubernetesCluster) -> None:
    other = base64.b64encode(str(new_token().value).encode()).decode()
    cluster.webhooks.append(lambda manifest: manifest["data"].update(token=other))
    vault = connected(cluster)
    place = vault.place({"namespace": "default", "secret": "ionos"})
    keeper = RecordKeeper(
        vault,
        place,
        place.read(),
        new_write_id=lambda: "w1",
        sleep=lambda seconds: None,
        on_change=lambda record: None,
        check_mode=False,
    )

    write = keeper.try_commit(record_of(new_token()))

    assert (write.fate, write.error and write.error.code) == (Fate.UNKNOWN, "vault_read_back_differs")


# What cannot be written


def test_a_missing_namespace_is_named_before_anything_is_written(cluster: KubernetesCluster) -> None:
    with pytest.raises(VaultUnavailable, match=r"the namespace shop does not exist\. .* kubectl create namespace shop"):
        place_of(cluster, namespace="shop").read()


def test_a_missing_namespace_that_the_login_may_not_look_at_is_found_by_the_first_write(
    cluster: KubernetesCluster,
) -> None:
    place = place_of(cluster, cluster.add_user("rotator", "shop", *ROTATOR_VERBS), namespace="shop")

    with pytest.raises(VaultUnavailable, match="the namespace shop does not exist") as caught:
        write_first(place, record_of(new_token()))

    assert caught.value.rejected


def test_a_namespace_that_is_being_deleted_is_named(cluster: KubernetesCluster) -> None:
    cluster.add_namespace("shop", "Terminating")

    with pytest.raises(VaultUnavailable, match="the namespace shop is being deleted") as caught:
        write_first(place_of(cluster, namespace="shop"), record_of(new_token()))

    assert caught.value.rejected


def test_an_immutable_secret_is_read_and_a_write_refused_before_it_is_sent(
    cluster: KubernetesCluster, place: Place
) -> None:
    token = new_token()
    cluster.put_secret("default", "ionos", {"token": str(token.value)}, immutable=True)
    assert place.read().token == token

    with pytest.raises(VaultDenied, match="the Secret is immutable") as caught:
        write_first(place, record_of(new_token()))

    assert caught.value.rejected
    assert {method for method, _path, _status in cluster.journal} == {"GET"}


def test_a_secret_that_waits_for_its_finalizers_is_not_written(cluster: KubernetesCluster, place: Place) -> None:
    metadata = {"finalizers": ["example.com/hold"]}
    cluster.put_secret("default", "ionos", {"zone": "x"}, metadata=metadata)
    cluster.answer("DELETE", "/api/v1/namespaces/default/secrets/ionos", ADMIN, b"")

    with pytest.raises(VaultUnavailable, match="is being deleted and waits for its finalizers"):
        write_first(place, record_of(new_token()))


def test_a_secret_that_the_server_finds_too_large_leaves_what_stood_there(
    cluster: KubernetesCluster, place: Place
) -> None:
    cluster.put_secret("default", "ionos", {"big": "x" * (1024 * 1024 - 10)})

    with pytest.raises(VaultUnavailable, match=r"refuses the new content \(HTTP status 422\)") as caught:
        write_first(place, record_of(new_token()))

    assert caught.value.rejected
    assert cluster.data("default", "ionos").keys() == {"big"}


# Rights


def test_the_rights_that_the_documentation_names_are_enough(cluster: KubernetesCluster) -> None:
    place = place_of(cluster, cluster.add_user("rotator", "default", *ROTATOR_VERBS))
    record = record_of(new_token())

    version = place.write(record_of(new_token()), place.read().version)
    version = place.write(record, version)
    assert place.read().record == record

    place.erase(version)
    assert cluster.data("default", "ionos") == {}


@pytest.mark.parametrize("verbs", [(), ("get",), ("get", "update")], ids=str)
def test_a_denial_names_what_a_role_has_to_grant(cluster: KubernetesCluster, verbs: tuple[str, ...]) -> None:
    place = place_of(cluster, cluster.add_user("rotator", "default", *verbs))

    with pytest.raises(VaultDenied, match=r"a Role in the namespace default grant get, create and update on secrets"):
        write_first(place, record_of(new_token()))


def test_an_unknown_token_is_denied_as_a_login(cluster: KubernetesCluster) -> None:
    with pytest.raises(VaultDenied, match="does not accept the login"):
        place_of(cluster, "unknown").read()


def test_a_login_by_a_token_that_was_given_cannot_be_made_anew(cluster: KubernetesCluster) -> None:
    assert not connected(cluster).login_again()
    assert connected(cluster).outlasts(10**9)


# Erasing


def test_a_secret_that_was_created_here_is_deleted_with_its_last_token(
    cluster: KubernetesCluster, place: Place
) -> None:
    place.erase(write_first(place, record_of(new_token())))

    assert cluster.secret("default", "ionos") is None


def test_a_secret_with_another_token_stays_and_its_annotations_with_it(
    cluster: KubernetesCluster, place: Place
) -> None:
    write_first(place_of(cluster, key="other"), record_of(new_token()))

    place.erase(write_first(place, record_of(new_token())))

    assert cluster.data("default", "ionos").keys() == {"other", "other_record"}
    annotations = stored(cluster)["metadata"]["annotations"]
    assert {name.partition("/")[2] for name in annotations} == {"other.token-id", "other.expires-at"}


def test_a_secret_that_somebody_else_created_stays_without_our_keys(cluster: KubernetesCluster, place: Place) -> None:
    cluster.put_secret("default", "ionos", {})

    place.erase(write_first(place, record_of(new_token())))

    assert (cluster.data("default", "ionos"), stored(cluster)["metadata"].get("annotations")) == ({}, {})


def test_a_key_that_somebody_adds_while_the_secret_is_deleted_is_kept(cluster: KubernetesCluster, place: Place) -> None:
    version = write_first(place, record_of(new_token()))
    cluster.before_write = once(lambda: cluster.set_key("default", "ionos", "zone", "de/fra"))

    place.erase(version)

    assert cluster.data("default", "ionos") == {"zone": "de/fra"}


def test_a_secret_that_is_deleted_by_somebody_else_while_we_delete_it_is_erased(
    cluster: KubernetesCluster, place: Place
) -> None:
    version = write_first(place, record_of(new_token()))
    cluster.before_write = once(lambda: cluster.delete_secret("default", "ionos"))

    place.erase(version)

    assert cluster.secret("default", "ionos") is None


# Answers that are none


HTML = "<html>404 page not found</html>"
OTHER_STATUS = (
    '{"kind": "Status", "status": "Failure", "reason": "NotFound", "details": {"kind": "pods", "name": "ionos"}}'
)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("GET", 404, HTML), "none of the Kubernetes API"),
        (Fault("GET", 404, OTHER_STATUS), "none of the Kubernetes API"),
        (Fault("GET", 404, "{}"), "none of the Kubernetes API"),
        (Fault("GET", 200, HTML), "none of the Kubernetes API"),
        (Fault("GET", 200, '{"kind": "Secret", "metadata": {}}'), "none of the Kubernetes API"),
        (Fault("GET", 403, HTML), "none of the Kubernetes API"),
        (Fault("GET", 302, "", {"Location": "http://127.0.0.1:1/"}), "none of the Kubernetes API"),
        (Fault("GET", 503, HTML), "not served at the moment"),
        (Fault("GET", 429, "", {"Retry-After": "1"}), "not served at the moment"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_r6_no_other_answer_is_taken_for_an_empty_place(
    cluster: KubernetesCluster, place: Place, fault: Fault, message: str
) -> None:
    cluster.faults.append(fault)
    with pytest.raises(VaultUnavailable, match=message) as caught:
        place.read()
    assert "html" not in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "rejected"),
    [
        (Fault("POST", 500, "{}", happens=True), False),
        (Fault("POST", 504, HTML, happens=True), False),
        (Fault("POST", 200, HTML, happens=True), False),
        (Fault("POST", 403, HTML), False),
        (Fault("POST", 429, "", {"Retry-After": "1"}), True),
        (Fault("POST", 400, '{"kind": "Status", "reason": "BadRequest"}'), True),
        (Fault("POST", 422, '{"kind": "Status", "reason": "Invalid"}'), True),
    ],
    ids=lambda value: str(value)[:60],
)
def test_r1_a_write_is_called_rejected_only_if_the_api_server_itself_refused_it(
    cluster: KubernetesCluster, place: Place, fault: Fault, rejected: bool
) -> None:
    version = place.read().version
    cluster.faults.append(fault)
    with pytest.raises(VaultError) as caught:
        place.write(record_of(new_token()), version)
    assert caught.value.rejected is rejected


def test_no_text_of_the_server_gets_into_an_error(cluster: KubernetesCluster, place: Place) -> None:
    body = '{"kind": "Status", "reason": "Forbidden", "message": "hidden", "details": {"name": "hidden"}}'
    cluster.faults.append(Fault("GET", 403, body))
    with pytest.raises(VaultDenied) as caught:
        place.read()
    assert "hidden" not in str(caught.value)


def test_debug_logging_of_the_libraries_shows_no_secret(
    cluster: KubernetesCluster, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    token = new_token()
    with caplog.at_level(logging.DEBUG):
        write_first(place, record_of(token))
    encoded = base64.b64encode(str(token.value).encode()).decode()
    assert not any(secret in caplog.text for secret in (ADMIN, str(token.value), encoded))


# Options


@pytest.mark.parametrize(
    "options",
    [
        {"namespace": "Shop"},
        {"namespace": "a/b"},
        {"secret": "../x"},
        {"secret": "X"},
        {"key": "a/b"},
        {"key": "_token"},
        {"key": "token_record"},
        {"key": "k" * 53},
    ],
    ids=str,
)
def test_a_place_that_cannot_be_one_is_refused(cluster: KubernetesCluster, options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        place_of(cluster, **options)


def test_addresses_of_one_server_make_one_identity(cluster: KubernetesCluster) -> None:
    other = connected(cluster, host=f"{cluster.url}/").place({"namespace": "default", "secret": "ionos"})
    assert other.identity == place_of(cluster).identity


# The stand-in, judged by the official client


def official_configuration(cluster: KubernetesCluster) -> Any:
    official = pytest.importorskip("kubernetes.client")
    configuration = official.Configuration()
    configuration.host = cluster.url
    configuration.api_key = {"BearerToken": f"Bearer {ADMIN}"}
    return configuration


def test_the_official_client_finds_the_stand_in_to_be_a_cluster(cluster: KubernetesCluster) -> None:
    official = pytest.importorskip("kubernetes.client")
    api = official.CoreV1Api(official.ApiClient(official_configuration(cluster)))
    metadata = official.V1ObjectMeta(name="ionos")
    created = api.create_namespaced_secret("default", official.V1Secret(metadata=metadata, string_data={"a": "b"}))
    assert (created.data, created.string_data) == ({"a": "Yg=="}, None)

    outdated = api.read_namespaced_secret("ionos", "default")
    created.data = {"a": "Yw=="}
    replaced = api.replace_namespaced_secret("ionos", "default", created)
    assert replaced.metadata.uid == created.metadata.uid
    assert replaced.metadata.resource_version != created.metadata.resource_version
    with pytest.raises(official.ApiException) as conflict:
        api.replace_namespaced_secret("ionos", "default", outdated)
    with pytest.raises(official.ApiException) as exists:
        api.create_namespaced_secret("default", official.V1Secret(metadata=metadata))
    preconditions = official.V1Preconditions(uid="other")
    with pytest.raises(official.ApiException) as precondition:
        api.delete_namespaced_secret("ionos", "default", body=official.V1DeleteOptions(preconditions=preconditions))
    api.delete_namespaced_secret("ionos", "default")
    with pytest.raises(official.ApiException) as missing:
        api.read_namespaced_secret("ionos", "default")
    assert [error.value.status for error in (conflict, exists, precondition, missing)] == [409, 409, 409, 404]


def test_a_write_without_a_version_overwrites_in_the_stand_in(cluster: KubernetesCluster) -> None:
    """Or a client that forgot the version would pass for one that did not."""
    official = pytest.importorskip("kubernetes.client")
    api = official.CoreV1Api(official.ApiClient(official_configuration(cluster)))
    cluster.put_secret("default", "ionos", {"a": "b"})
    api.replace_namespaced_secret(
        "ionos", "default", official.V1Secret(metadata=official.V1ObjectMeta(name="ionos"), data={"c": "ZA=="})
    )
    assert cluster.data("default", "ionos") == {"c": "d"}
