# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way to get to a cluster and to log in to it: kubeconfigs, exec plugins, the pod's service account, options."""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultDenied,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.access import AccessError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.kubeconfig import read_kubeconfig
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.vault import (
    Kind,
    KubernetesSecrets,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from emulator.tls import tls_material
from support.kubernetes_api import ADMIN, KubernetesCluster, cluster, kubernetes_cluster
from support.openbao_fixtures import write_certificate
from support.records import new_token, record_of

__all__ = ["cluster"]

API_VERSION = "client.authentication.k8s.io/v1"
NOW = 1_790_000_000


class Desk:
    """A user's folder with kubeconfigs, and one environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"HOME": str(folder), "PATH": os.environ["PATH"]}
        self.warnings: list[str] = []

    def write(self, name: str, content: Any) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return path

    def kubeconfig(self, name: str, url: str, user: dict[str, Any], **of_cluster: Any) -> Path:
        return self.write(name, kubeconfig(url, user, **of_cluster))

    def plugin(self, name: str, body: str) -> Path:
        path = self.write(name, f"#!{sys.executable}\nimport json, os, sys, time\n{body}\n")
        path.chmod(0o700)
        return path

    def connect(self, **options: Any) -> KubernetesSecrets:
        controller = Controller(self.environ, str(self.folder), warn=self.warnings.append)
        kind = Kind(lambda: NOW, str(self.folder / "serviceaccount"))
        return kind.connect("cluster", {"timeout": 5, **options}, controller)


def kubeconfig(url: str, user: dict[str, Any], name: str = "shop", **of_cluster: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": url, **of_cluster}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def printing(**status: Any) -> str:
    credential = {"apiVersion": API_VERSION, "kind": "ExecCredential", "status": status}
    return f"print(json.dumps({credential!r}))"


def exec_of(command: Path | str, **fields: Any) -> dict[str, Any]:
    return {"exec": {"apiVersion": API_VERSION, "command": str(command), "interactiveMode": "Never", **fields}}


def encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def works(vault: KubernetesSecrets) -> bool:
    place = vault.place({"namespace": "default", "secret": "ionos"})
    record = record_of(new_token())
    place.write(record, place.read().version)
    return place.read().record == record


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class Secured:
    """A cluster behind TLS that asks for client certificates, with files of both sides."""

    def __init__(self, cluster: KubernetesCluster, folder: Path) -> None:
        self.cluster = cluster
        self.authority = folder / "server" / "certificate.pem"
        self.certificate, self.key = folder / "client" / "certificate.pem", folder / "client" / "key.pem"


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    for name in ("server", "client"):
        (tmp_path / name).mkdir()
        write_certificate(tmp_path / name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server/certificate.pem", tmp_path / "server/key.pem")
    context.load_verify_locations(tmp_path / "client/certificate.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    with kubernetes_cluster(context) as cluster:
        yield Secured(cluster, tmp_path)


# Kubeconfigs


@pytest.mark.parametrize("user", [{"token": ADMIN}, {"tokenFile": "keys/token"}], ids=str)
def test_a_token_in_a_kubeconfig_or_beside_it_logs_in(
    desk: Desk, cluster: KubernetesCluster, user: dict[str, str]
) -> None:
    desk.write("clusters/keys/token", f"{ADMIN}\n")
    path = desk.kubeconfig("clusters/config", cluster.url, user)
    assert works(desk.connect(kubeconfig=str(path)))


def test_a_username_and_password_log_in(desk: Desk, cluster: KubernetesCluster) -> None:
    cluster.add_user("ann:secret", "default", "get", "create", "update")
    desk.kubeconfig(".kube/config", cluster.url, {"username": "ann", "password": "secret"})
    assert works(desk.connect())


@pytest.mark.parametrize("inline", [False, True], ids=["in files", "written in it"])
def test_a_client_certificate_logs_in_and_no_key_is_written_anywhere(
    desk: Desk, secured: Secured, inline: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(desk.folder / "tmp"))
    if inline:
        user = {"client-certificate-data": encoded(secured.certificate), "client-key-data": encoded(secured.key)}
        authority = {"certificate-authority-data": encoded(secured.authority)}
    else:
        user = {"client-certificate": "client/certificate.pem", "client-key": "client/key.pem"}
        authority = {"certificate-authority": "server/certificate.pem"}
    path = desk.kubeconfig("config", secured.cluster.url, user, **authority)
    assert works(desk.connect(kubeconfig=str(path)))
    assert list((desk.folder / "tmp").iterdir()) == []


def test_the_authorities_of_a_kubeconfig_are_the_only_ones(
    desk: Desk, secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(secured.authority))
    other = desk.write("other.pem", tls_material().ca_pem.decode())
    desk.kubeconfig(".kube/config", secured.cluster.url, {"token": ADMIN}, **{"certificate-authority": str(other)})
    with pytest.raises(VaultUnavailable, match="certificate of the server could not be verified"):
        works(desk.connect())
    assert works(desk.connect(ca_path=str(secured.authority)))


def test_a_certificate_for_the_name_that_the_kubeconfig_gives_is_accepted(desk: Desk, secured: Secured) -> None:
    authority = {"certificate-authority": str(secured.authority)}
    url = secured.cluster.url.replace("127.0.0.1", "localhost")
    desk.kubeconfig(".kube/config", url, {"token": ADMIN}, **authority)
    with pytest.raises(VaultUnavailable, match="is for another name"):
        works(desk.connect())
    desk.kubeconfig(".kube/config", url, {"token": ADMIN}, **authority, **{"tls-server-name": "127.0.0.1"})
    assert works(desk.connect())


def test_a_certificate_is_not_verified_only_where_somebody_says_so_and_with_a_warning(
    desk: Desk, secured: Secured
) -> None:
    insecure = {"insecure-skip-tls-verify": True}
    desk.kubeconfig(".kube/config", secured.cluster.url, {"token": ADMIN}, **insecure)
    assert works(desk.connect())
    assert desk.warnings == ["The TLS certificate of the vault cluster is not verified."]
    with pytest.raises(VaultUnavailable, match="could not be verified"):
        works(desk.connect(validate_certs=True))


def test_an_encrypted_key_is_refused_and_nobody_is_asked_for_its_password(desk: Desk, secured: Secured) -> None:
    key = serialization.load_pem_private_key(secured.key.read_bytes(), None)
    encryption = serialization.BestAvailableEncryption(b"password")
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secured.key.write_bytes(key.private_bytes(encoding, form, encryption))
    user = {"client-certificate": str(secured.certificate), "client-key": str(secured.key)}
    desk.kubeconfig(".kube/config", secured.cluster.url, user)
    with pytest.raises(ConfigurationError, match="client certificate or its private key cannot be used"):
        desk.connect()


def test_several_files_are_one_kubeconfig_in_which_the_first_counts(desk: Desk, cluster: KubernetesCluster) -> None:
    first = desk.kubeconfig("a/config", cluster.url, {"token": ADMIN})
    second = desk.kubeconfig("b/config", "https://127.0.0.1:1", {"token": "other"})
    other = desk.write("c/config", kubeconfig(cluster.url, {"tokenFile": "token"}, name="mail"))
    desk.write("c/token", ADMIN)
    desk.environ["KUBECONFIG"] = f"{desk.folder / 'missing'}:{first}:{second}:{other}"
    assert works(desk.connect())
    assert works(desk.connect(context="mail"))
    assert works(desk.connect(kubeconfig=str(other)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"current-context": ""}, "there is no current context"),
        ({"current-context": "other"}, "there is no context of the name"),
        ({"users": []}, "there is no user of the name"),
        ({"clusters": [{"name": "shop", "cluster": {}}]}, "the cluster has no server"),
        ({"users": [{"name": "shop", "user": {"as": "root", "token": "x"}}]}, "acts as somebody else"),
        ({"users": [{"name": "shop", "user": {"auth-provider": {"name": "oidc"}}}]}, "auth-provider"),
        ({"clusters": [{"name": "shop", "cluster": {"server": "https://x", "proxy-url": "http://p"}}]}, "a proxy-url"),
        ({"users": [{"name": "shop", "user": {"tokenFile": "missing"}}]}, "the file with the token cannot be read"),
        ({"users": [{"name": "shop", "user": {"client-key-data": "eA=="}}]}, "and not both"),
        ({"users": [{"name": "shop", "user": {"client-key-data": "hidden!"}}]}, "is not base64 of a text"),
        ({"users": [{"name": "shop", "user": {}}]}, "has no token, no certificate and no plugin"),
        ({"users": [{"name": "shop", "user": {"token": "two\nhidden"}}]}, "the token is not one line"),
    ],
    ids=str,
)
def test_a_kubeconfig_that_cannot_be_used_says_why_without_what_is_in_it(
    desk: Desk, change: dict[str, Any], problem: str
) -> None:
    desk.write(".kube/config", kubeconfig("https://127.0.0.1:1", {"token": "x"}) | change)
    with pytest.raises((ConfigurationError, VaultDenied), match=problem) as caught:
        desk.connect()
    assert "hidden" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
FIELDS = ("token", "tokenFile", "exec", "client-key-data", "client-certificate", "username", "server", "extensions")


@given(
    user=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3) | JSON,
    of_cluster=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3) | JSON,
    items=JSON,
)
@settings(max_examples=60, deadline=None)
def test_any_kubeconfig_at_all_is_read_or_refused(user: Any, of_cluster: Any, items: Any) -> None:
    described = kubeconfig("https://127.0.0.1:1", user)
    described["clusters"] = [{"name": "shop", "cluster": of_cluster}, items]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config"
        path.write_text(json.dumps(described))
        with suppress(AccessError):
            read_kubeconfig([str(path)], None).log_in({"PATH": ""}, 5)


@pytest.mark.parametrize(
    "user",
    [{"token": "abc"}, {"tokenFile": "token"}, {"username": "ann", "password": "p"}, {"token": "a", "username": "b"}],
    ids=str,
)
def test_the_official_client_reads_the_same_of_a_kubeconfig(desk: Desk, user: dict[str, str]) -> None:
    official = pytest.importorskip("kubernetes.client")
    official_config = pytest.importorskip("kubernetes.config")
    desk.write("token", "from-a-file")
    path = desk.kubeconfig("config", "https://127.0.0.1:6443/", user, **{"tls-server-name": "api"})
    theirs = official.Configuration()
    official_config.load_kube_config(str(path), client_configuration=theirs, persist_config=False)
    ours = read_kubeconfig([str(path)], None)
    assert ours.cluster.server.rstrip("/") == theirs.host
    assert ours.cluster.server_name == theirs.tls_server_name
    assert (ours.log_in({}, 5).authorization or "").lower() == theirs.get_api_key_with_prefix("BearerToken").lower()


# Exec plugins


def test_an_exec_plugin_logs_in_without_a_terminal_and_with_what_it_is_to_know(
    desk: Desk, cluster: KubernetesCluster
) -> None:
    body = (
        "info = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "assert sys.argv[1:] == ['get-token'] and os.environ['REGION'] == 'de' and not sys.stdin.read()\n"
        "assert info['spec']['interactive'] is False and info['spec']['cluster']['server'].startswith('http://127')\n"
    )
    plugin = desk.plugin("bin/login", body + printing(token=ADMIN))
    fields = {"args": ["get-token"], "env": [{"name": "REGION", "value": "de"}], "provideClusterInfo": True}
    desk.kubeconfig(".kube/config", cluster.url, exec_of(f"../bin/{plugin.name}", **fields))
    assert works(desk.connect())


def test_an_exec_plugin_may_give_a_client_certificate(desk: Desk, secured: Secured) -> None:
    pair = {"clientCertificateData": secured.certificate.read_text(), "clientKeyData": secured.key.read_text()}
    plugin = desk.plugin("login", printing(**pair))
    authority = {"certificate-authority": str(secured.authority)}
    desk.kubeconfig(".kube/config", secured.cluster.url, exec_of(plugin), **authority)
    assert works(desk.connect())


def test_a_login_that_ends_too_early_is_made_anew_before_a_token_is_minted(
    desk: Desk, cluster: KubernetesCluster
) -> None:
    """R20."""
    body = (
        "count = len(open('logins').read()) if os.path.exists('logins') else 0\n"
        "open('logins', 'a').write('x')\n"
        f"print(json.dumps({{'apiVersion': '{API_VERSION}', 'status': {{'token': '{ADMIN}-%d' % count,"
        " 'expirationTimestamp': '2026-09-21T14:%02d:20Z' % (14 + min(count, 1) * 30)}}))"
    ).replace("'logins'", f"{str(desk.folder / 'logins')!r}")
    desk.kubeconfig(".kube/config", cluster.url, exec_of(desk.plugin("login", body)))
    vault = desk.connect()
    assert vault.outlasts(30)
    assert len((desk.folder / "logins").read_text()) == 1
    assert vault.outlasts(600)
    assert len((desk.folder / "logins").read_text()) == 2
    assert not vault.outlasts(10**6)


def test_a_revoked_login_is_made_anew_and_the_same_login_is_none(desk: Desk, cluster: KubernetesCluster) -> None:
    desk.write("token", "first")
    desk.kubeconfig(".kube/config", cluster.url, {"tokenFile": str(desk.folder / "token")})
    vault = desk.connect()
    assert not vault.login_again()
    with pytest.raises(VaultDenied, match="does not accept the login"):
        works(vault)
    desk.write("token", ADMIN)
    assert vault.login_again()
    assert works(vault)
    (desk.folder / "token").unlink()
    assert not vault.login_again()


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("sys.stderr.write('hidden'); sys.exit(3)", "the exec plugin login has failed with the exit code 3"),
        ("print('hidden')", "gave something else than an ExecCredential"),
        ("print(json.dumps({'apiVersion': 'other', 'status': {'token': 'hidden'}}))", "something else than"),
        (printing(), "gave neither a token nor a certificate"),
        (printing(clientCertificateData="hidden"), "gave neither a token nor a certificate"),
        ("time.sleep(60)", "the exec plugin login did not end in time"),
    ],
    ids=["fails", "prints text", "other version", "empty", "no key", "hangs"],
)
def test_an_exec_plugin_that_gives_no_login_is_named_and_not_quoted(
    desk: Desk, capfd: pytest.CaptureFixture[str], body: str, problem: str
) -> None:
    desk.kubeconfig(".kube/config", "https://127.0.0.1:1", exec_of(desk.plugin("login", body)))
    with pytest.raises(VaultDenied, match=problem) as caught:
        desk.connect(timeout=1)
    assert "hidden" not in str(caught.value) + "".join(capfd.readouterr())
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("fields", [{"command": "missing"}, {"command": ""}, {"interactiveMode": "Always"}], ids=str)
def test_an_exec_plugin_that_cannot_be_run_here_is_refused(desk: Desk, fields: dict[str, str]) -> None:
    user = exec_of("true")
    user["exec"] |= fields
    desk.kubeconfig(".kube/config", "https://127.0.0.1:1", user)
    with pytest.raises(VaultDenied, match="the exec plugin"):
        desk.connect()


# In a pod, by options and by the environment


def in_pod(desk: Desk, secured: Secured) -> None:
    desk.write("serviceaccount/token", ADMIN)
    desk.write("serviceaccount/ca.crt", secured.authority.read_text())
    host, _colon, port = secured.cluster.url.partition("://")[2].partition(":")
    desk.environ |= {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}


@pytest.mark.parametrize("options", [{}, {"in_cluster": True}], ids=str)
def test_a_pod_logs_in_by_its_service_account(desk: Desk, secured: Secured, options: dict[str, Any]) -> None:
    in_pod(desk, secured)
    assert works(desk.connect(**options))


def test_a_kubeconfig_comes_before_the_service_account_unless_that_is_asked_for(desk: Desk, secured: Secured) -> None:
    in_pod(desk, secured)
    desk.kubeconfig(".kube/config", "https://127.0.0.1:1", {"token": "x"})
    with pytest.raises(VaultUnavailable, match="cannot be reached"):
        works(desk.connect())
    assert works(desk.connect(in_cluster=True))


def test_outside_of_a_pod_there_is_no_service_account(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="this runs in no pod"):
        desk.connect(in_cluster=True)


def test_the_environment_fills_what_is_not_given_and_an_option_beats_it(desk: Desk, cluster: KubernetesCluster) -> None:
    desk.environ |= {"K8S_AUTH_HOST": cluster.url, "K8S_AUTH_API_KEY": ADMIN}
    assert works(desk.connect())
    assert not works_with(desk, api_key="other")
    path = desk.kubeconfig("config", cluster.url, {"token": "other"})
    assert not works_with(desk, kubeconfig=str(path))


def works_with(desk: Desk, **options: Any) -> bool:
    try:
        return works(desk.connect(**options))
    except VaultDenied:
        return False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "names no Kubernetes cluster"),
        ({"host": "https://127.0.0.1:1"}, "no login to it"),
        ({"host": "https://127.0.0.1:1", "api_key": "x", "in_cluster": True}, "Give one of"),
        ({"host": "http://other.example.com", "api_key": "x"}, "plain http"),
        ({"host": "https://a:hidden@other.example.com", "api_key": "x"}, "not the address of a server"),
        ({"host": "https://127.0.0.1:1", "api_key": "a b"}, "not one line"),
        ({"host": "https://127.0.0.1:1", "api_key": "x", "timeout": 0}, "from 1 to 600"),
        ({"host": "https://127.0.0.1:1", "api_key": "x", "ca_path": "missing"}, "ca_path cannot be read"),
        ({"kubeconfig": "missing"}, "the file cannot be read"),
    ],
    ids=str,
)
def test_options_that_cannot_work_are_refused_before_anything_is_sent(
    desk: Desk, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        desk.connect(**options)
    assert "hidden" not in str(caught.value)


def test_a_relative_path_starts_at_the_playbooks_folder(desk: Desk, cluster: KubernetesCluster) -> None:
    desk.kubeconfig("clusters/shop", cluster.url, {"token": ADMIN})
    assert works(desk.connect(kubeconfig="clusters/shop"))


def test_a_vault_does_not_show_its_secrets(desk: Desk, secured: Secured) -> None:
    user = {"client-certificate": str(secured.certificate), "client-key": str(secured.key), "token": "hidden"}
    path = desk.kubeconfig("config", secured.cluster.url, user)
    read = read_kubeconfig([str(path)], None)
    shown = repr(read) + repr(read.log_in({}, 5)) + repr(desk.connect(kubeconfig=str(path)))
    assert ("hidden" in shown, "PRIVATE KEY" in shown) == (False, False)
