# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about vaults."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "vault_read_back_differs": Entry(
        "{where} gives back something else than was written.",
        "Look for another tool that writes there, or for a filter that changes values.",
    ),
    "vault_write_unproven": Entry(
        "{where} did not confirm a write, and it cannot be read to find out.",
        "Make the vault reachable and run again; the next run finds out and repairs.",
    ),
    "vault_changed_meanwhile": Entry(
        "{where} was changed by somebody else since it was read; nothing of theirs was overwritten.", "Run again."
    ),
    "vault_login_missing": Entry(
        "The vault {name} has no login: {missing} is not given.",
        "Give token, or auth_method approle with role_id and secret_id, or set VAULT_TOKEN in the environment.",
    ),
    "vault_login_refused": Entry(
        "The vault {name} refuses the login by {method} (HTTP status {status}).",
        "Check the credentials and the mount of the login method; a secret id may be used up or expired.",
    ),
    "vault_url_missing": Entry("The vault {name} has no address.", "Give url, or set VAULT_ADDR in the environment."),
    "vault_url_invalid": Entry(
        "The {option} of the vault {name} is not the address of a server.",
        "Give scheme, host and port alone, such as https://bao.example.com:8200, without a username or password in it.",
    ),
    "vault_plain_http": Entry(
        "The {option} of the vault {name} is plain http to another machine ({origin}); "
        "everybody on the way could read it.",
        "Use https, or set allow_plain_http where the network in between is trusted.",
    ),
    "vault_ca_missing": Entry(
        "The ca_path of the vault {name} names neither a readable file nor a directory: {path}.",
        "Give the path of a PEM file or of a directory with certificates of authorities.",
    ),
    "vault_option_invalid": Entry("{where} has an unusable {option}.", "{expected}"),
    "vault_unreachable": Entry(
        "{where} cannot be reached: no connection, or no answer in time.",
        "Check that the server runs, its address, and the network and proxy between here and there.",
    ),
    "vault_proxy_library": Entry(
        "{where} cannot be reached: the proxy is a SOCKS proxy, for which the Python library PySocks is missing.",
        "Install it beside requests, for example with: python -m pip install PySocks; or correct the proxy.",
    ),
    "vault_ca_bundle_missing": Entry(
        "{where} cannot be reached: the bundle of CA certificates that this machine names does not exist.",
        "Correct REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE or SSL_CERT_FILE, or give ca_path.",
    ),
    "vault_tls_unverified": Entry(
        "{where} cannot be reached safely: the TLS certificate of the server could not be verified.",
        "Give the authority that signed it with ca_path or VAULT_CACERT, and use the name that the certificate is for.",
    ),
    "vault_tls_expired": Entry(
        "{where} cannot be reached safely: the TLS certificate of the server has expired.",
        "Renew it on the server; if it is valid, check the clock of this machine.",
    ),
    "vault_tls_wrong_name": Entry(
        "{where} cannot be reached safely: the TLS certificate of the server is for another name.",
        "Use the name that the certificate is for in the url, or give the server a certificate for this one.",
    ),
    "vault_sealed": Entry("{where} cannot be used: the vault is sealed.", "Unseal it and run again."),
    "vault_denied": Entry(
        "{where} is denied to this login (HTTP status {status}).",
        "Check that the login is still valid and that its policy grants create, read and update on {path}.",
    ),
    "vault_mount_unknown": Entry(
        "{where} does not exist: the vault has no secrets engine or no namespace there.",
        "Check mount and namespace; bao secrets list shows what there is.",
    ),
    "vault_not_kv2": Entry(
        "{where} is not in a KV version 2 secrets engine, so no safe write is possible there.",
        "Use a KV version 2 mount; bao kv enable-versioning upgrades one of version 1.",
    ),
    "vault_mount_unproven": Entry(
        "{where} is empty, but this login cannot prove that its mount is a KV version 2 secrets engine.",
        "Grant read on sys/internal/ui/mounts/{mount}, or on {mount}/config.",
    ),
    "vault_answer_unexpected": Entry(
        "{where} got an answer that is none of the vault's API (HTTP status {status}).",
        "Check the url: it should lead to OpenBao or HashiCorp Vault itself, not to a redirect or a web page.",
    ),
    "vault_overloaded": Entry(
        "{where} is not served at the moment (HTTP status {status}).",
        "Run again later; the vault limits requests or fails.",
    ),
    "vault_request_refused": Entry(
        "{where} cannot be used as it is now: the vault refuses the request (HTTP status {status}).",
        "Run again, since a mount that was just created or upgraded takes a moment; then check mount and path.",
    ),
    "vault_write_refused": Entry(
        "{where} refuses the new content (HTTP status {status}).",
        "Check the limits of the mount and of the server, such as the size of a secret.",
    ),
    "vault_forgets_too_early": Entry(
        "{where} deletes what is written there at {deletion_time}, while it is still needed.",
        "Set delete_version_after of the secret and of the mount to 0s, or to more than the lifetime of the token.",
    ),
    "vault_versions_left": Entry(
        "{where} is emptied, but older versions with the token are still there: {versions}.",
        "Grant update on {path}, or destroy these versions with bao kv destroy.",
    ),
    "vault_cluster_missing": Entry(
        "The vault {name} names no Kubernetes cluster, and there is neither a kubeconfig nor a pod to go by.",
        "Give kubeconfig, or host and api_key, or set KUBECONFIG in the environment.",
    ),
    "vault_cluster_login_missing": Entry(
        "The vault {name} has the host of a Kubernetes cluster and no login to it.",
        "Give api_key, or set K8S_AUTH_API_KEY in the environment, or give a kubeconfig instead.",
    ),
    "vault_cluster_access_unusable": Entry(
        "The vault {name} cannot get to its Kubernetes cluster: {problem}.",
        "Correct the kubeconfig, its context or the option; kubectl config view --minify shows what is in use.",
    ),
    "vault_cluster_login_failed": Entry(
        "The vault {name} cannot log in to its Kubernetes cluster: {problem}.",
        "Try the same login with kubectl get secrets, and correct the kubeconfig or what it relies on.",
    ),
    "vault_kubernetes_login_refused": Entry(
        "{where} is denied: the Kubernetes cluster does not accept the login (HTTP status 401).",
        "Renew the token, the client certificate or the login of the exec plugin; they may have expired.",
    ),
    "vault_kubernetes_denied": Entry(
        "{where} is denied to this login (HTTP status 403).",
        "Let a Role in the namespace {namespace} grant {verbs} on secrets; a quota or a policy may refuse too.",
    ),
    "vault_kubernetes_refused": Entry(
        "{where} refuses the new content (HTTP status {status}).",
        "Check the size of the Secret, which may be 1 MiB, and the admission policies of the cluster.",
    ),
    "vault_kubernetes_unexpected": Entry(
        "{where} got an answer that is none of the Kubernetes API (HTTP status {status}).",
        "Check the address: it should lead to the API server itself, not to a redirect or a web page.",
    ),
    "vault_namespace_missing": Entry(
        "{where} cannot be there: the namespace {namespace} does not exist.",
        "Create it, for example with kubectl create namespace {namespace}, or correct the name.",
    ),
    "vault_namespace_ending": Entry(
        "{where} cannot be written: the namespace {namespace} is being deleted.",
        "Wait until it is gone and create it anew, or declare another place.",
    ),
    "vault_secret_immutable": Entry(
        "{where} cannot be written: the Secret is immutable.",
        "Delete it and have it created anew without immutable, or declare another Secret.",
    ),
    "vault_secret_ending": Entry(
        "{where} cannot be written: the Secret is being deleted and waits for its finalizers.",
        "Run again once it is gone; see metadata.finalizers for what it waits for.",
    ),
    "vault_password_missing": Entry(
        "The vault {name} keeps tokens with Ansible Vault, and Ansible was started without a vault password.",
        "Start it with --vault-id, --vault-password-file or ANSIBLE_VAULT_PASSWORD_FILE.",
    ),
    "vault_id_unknown": Entry(
        "The vault {name} is to encrypt with the vault id {vault_id}, which Ansible was not given; it has: {known}.",
        "Start it with --vault-id {vault_id}@FILE, or correct vault_id.",
    ),
    "vault_text_undecryptable": Entry(
        "{where} is encrypted with the vault id {vault_id}, and no vault password that Ansible was given opens it.",
        "Add --vault-id {vault_id}@FILE with the right password.",
    ),
    "vault_text_damaged": Entry(
        "{where} holds a text of Ansible Vault that is cut off or damaged.",
        "Restore the file, for example from its version control.",
    ),
    "vault_file_ephemeral": Entry(
        "{where} is in a project of AWX or ansible-runner, which is thrown away after the job and the record with it.",
        "Use a vault that lasts, such as hashi_vault, or set ephemeral to true if this project does last.",
    ),
    "variables_file_not_yaml": Entry(
        "{where} is in a file that is not YAML in UTF-8.", "Correct the file; it was left as it is."
    ),
    "variables_file_too_many_values": Entry(
        "{where} is in a file of more than {maximum} keys and values.", "Use a file of its own for the token."
    ),
    "variables_file_not_block_mapping": Entry(
        "{where} is in a file that is not one mapping of variables.",
        "Write one document with lines of the form name: value, without braces around them.",
    ),
    "variables_file_variable_twice": Entry(
        "{where} is in a file that sets {variable} more than once.", "Remove all but one."
    ),
    "variables_file_shared_value": Entry(
        "{where} shares {variable} with other variables through an anchor, an alias or a merge key.",
        "Give it a value of its own.",
    ),
    "variables_file_unchangeable": Entry(
        "{where} is written in a way that does not allow to change it without touching other lines.",
        "Write it as name: value on lines of its own, or use a file of its own.",
    ),
    "vault_place_empty": Entry(
        "{where} holds no token.", "Run vaulted_tokens to have one minted or adopted, or put one there by hand."
    ),
    "vault_gives_nothing_back": Entry(
        "The vault {name} is of the kind {kind}, which never gives a token back.",
        "Read the token from its vault of record: leave out replica, or name another place.",
    ),
    "task_file_missing": Entry(
        "The {option} of the vault {where} names no file: {path}.",
        "Correct the path; a relative one starts at the playbook's folder.",
    ),
    "task_file_unreadable": Entry(
        "The {option} of the vault {where} names a file that is no list of tasks: {path}.",
        "Correct it; ansible-playbook --syntax-check with a playbook that includes it shows where it is wrong.",
    ),
    "declared_token_unknown": Entry(
        "{name} is not the name of a declared token.", "Correct it, or add it to tokens (token_rotation_tokens)."
    ),
    "declared_token_not_in_vault": Entry("{name} is not declared to be in the vault {vault}.", "Name one of: {known}."),
    "lookup_without_subject": Entry(
        "The lookup vaulted_token wants either names of declared tokens or a place.",
        "Give names, or place with vault, and not both.",
    ),
    "vault_record_corrupt": Entry(
        "{where} holds a token record that cannot be read.",
        "Restore it from an older version, or remove the record (not the token) to have the token adopted anew.",
    ),
    "vault_record_newer": Entry(
        "{where} holds a token record that another version of this collection wrote.",
        "Use the version of tokenops.ionos that wrote it, or a later one.",
    ),
    "vault_value_not_a_text": Entry(
        "{where} holds something that is not a text.",
        "Name another place, or remove what stands there.",
    ),
    "vault_keeps_tokens_only": Entry(
        "{where} is in the vault {name} of the kind {kind}, which keeps tokens and nothing else.",
        "Name a vault of the kind hashi_vault or kubernetes_secret.",
    ),
    "vault_value_not_a_token": Entry(
        "{where} holds something that is not an IONOS Cloud API token; it was left as it is.",
        "Remove it there, or declare another place for the token.",
    ),
    "awx_host_missing": Entry(
        "The vault {name} has no address.", "Give host, or set CONTROLLER_HOST in the environment."
    ),
    "awx_login_missing": Entry(
        "The vault {name} has no login: neither an OAuth token nor both a username and a password are given.",
        "Give oauth_token, or username and password, or set CONTROLLER_OAUTH_TOKEN in the environment.",
    ),
    "awx_login_refused": Entry(
        "{where} cannot be used: AWX refuses the login (HTTP status 401).",
        "Check the OAuth token, which may have expired or been deleted, or username and password; users of an external "
        "directory need an OAuth token.",
    ),
    "awx_denied": Entry(
        "{where} is denied to this login (HTTP status 403).",
        "Give its user the role Admin of the credential.",
    ),
    "awx_role_missing": Entry(
        "{where} can be read by this login but not changed: its user does not administer the credential.",
        "Give the user the role Admin of the credential; the role Use is not enough.",
    ),
    "awx_token_read_only": Entry(
        "{where} can be read by this login but not changed, although its user may.",
        "Create an OAuth token with the scope write; this one has the scope read.",
    ),
    "awx_not_found": Entry(
        "{where} cannot be reached: the server has no API of AWX at /api/v2/ or /api/controller/v2/.",
        "Check host, or give api_prefix if the API is under another path.",
    ),
    "awx_credential_unknown": Entry(
        "{where} does not exist, or this login may not see it.",
        "Check name, organization, type and id of the credential, and that the user has the role Admin of it.",
    ),
    "awx_credential_ambiguous": Entry(
        "{where} is not the only credential of that name: these fit (ids {ids}).",
        "Give organization and credential_type, or the id of the one that is meant.",
    ),
    "awx_input_has_source": Entry(
        "{where} is read from somewhere else by an input source, so nothing that is written there would be used.",
        "Remove this replica, since AWX reads the token by itself; or remove the input source of {input} in AWX.",
    ),
    "awx_value_unknown": Entry(
        "{where} holds a value of which nobody has written down the token id; it was left as it is.",
        "If it may be replaced, set overwrite_unknown; otherwise write the id of its token into {note}.",
    ),
    "awx_change_refused": Entry(
        "{where} could not be changed: AWX refuses what the inputs would be (HTTP status 400).",
        "Open the credential in AWX and save it there: an input that its type does not know any more is in the way.",
    ),
    "awx_answer_unexpected": Entry(
        "{where} got an answer that is none of the API of AWX (HTTP status {status}).",
        "Check host: it should lead to AWX itself, by https if it redirects to that, and not to a web page.",
    ),
}
