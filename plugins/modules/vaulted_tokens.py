# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vaulted_tokens
short_description: Keep IONOS Cloud API tokens fresh in vaults
version_added: 1.0.0
description:
  - Takes a list of declared tokens and brings each to its declared state. A token that is missing, refused, expired,
    of another
    user or contract, or has less than O(tokens[].renew_before) left is replaced by a new one; replicas that differ
    are rewritten;
    previous tokens are deleted once O(tokens[].overlap) is over.
  - The vault of record always holds a working token, unless none can be had. A new token is minted, checked and
    written before an
    old one is deleted. A run that was killed at any point is cleaned up by the next one.
  - Nothing is deleted that this collection did not mint or was not told to manage.
  - Where only a person may mint (accounts with two-factor authentication), the result says what that person has to
    do, and
    O(offers) takes in the token that was made.
  - Everything happens on the controller, side by side for all tokens, whatever host the task is for. Hosts that
    share a
    declaration want C(run_once=true); without it all but one of them report V(busy) or V(kept).
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
extends_documentation_fragment:
  - tokenops.ionos.attributes
  - tokenops.ionos.attributes.action_group
  - tokenops.ionos.auth
attributes:
  check_mode:
    support: full
    details:
      - Reads the vaults, which may use up a login of limited use, and asks the API about each token; writes, mints
        and deletes
        nothing, and does not clean up after an interrupted run.
  diff_mode:
    support: full
    details:
      - The diff shows ids, dates and fingerprints.
  idempotent:
    support: full
    details:
      - While nothing is due, a run makes one API request a token, one read of its vault of record and one read of
        each replica.
  async:
    support: none
    details:
      - The result of an asynchronous task would be left in a file.
  platform:
    details:
      - Runs on the controller only; the target is not connected to.
options:
  # BEGIN GENERATED vaulted_tokens options (make generate)
  accounts:
    description:
      - Who mints, where one account for all tokens is not enough.
      - A token that names no account uses the default account, which O(token), O(username)
        and O(password) describe, or the environment variables of these options. The environment
        never fills in an entry of this list.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the account, for O(tokens[].account).
        type: str
        required: true
      contract_number:
        description:
          - The contract that tokens of this account must be bound to. A token that is bound
            to another one is replaced.
        type: str
      user_id:
        description:
          - The user that tokens of this account must be of.
          - Without it, the user of the first token is kept, and a credential of another user
            is refused.
        type: str
      two_factor:
        description:
          - State of the account's two-factor authentication. V(auto) asks the Cloud API once,
            when a token is to be minted.
          - No API shows V(configuring), so it has to be said.
        type: str
        choices: [auto, disabled, configuring, enabled, forced]
        default: auto
      token:
        description:
          - A token that mints while a vault holds no working one. A declared token renews itself,
            so this is needed for the first run and for emergencies.
          - Its id is never retired.
        type: str
      username:
        description:
          - Name of the user, for Basic Authentication, which the vendor has ended. Needs O(accounts[].password).
        type: str
      password:
        description:
          - Password of the user. Needs O(accounts[].username).
        type: str
  vaults:
    description:
      - The vaults that declared tokens live in. Each is logged in to once a run, whatever the
        number of tokens.
      - Without this list there is one vault, of the kind O(vaults[].ansible_vault_file), which
        needs nothing to be installed.
      - Every entry has a name and exactly one kind. A kind without options may be given as
        an empty mapping.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the vault, for the places of tokens.
        type: str
        required: true
      ansible_vault_file:
        description:
          - Variables files that Ansible reads, with the token as an encrypted variable. Other
            variables, comments and the order of the file stay as they are.
          - The record is kept in the same file, encrypted too, in a variable of the same name
            with C(_record) behind it.
        type: dict
        suboptions:
          vault_id:
            description:
              - Which of the controller's vault ids encrypts new values. Values that are there
                already keep theirs.
              - The default is the first vault id that has been given to Ansible.
            type: str
          ephemeral:
            description:
              - Accept a project checkout of AWX or ansible-runner as vault of record, although
                what is written there is forgotten after the job.
            type: bool
            default: false
          lock_timeout:
            description:
              - Seconds to wait for another run that is writing the same file.
            type: int
            default: 30
      awx_credential:
        description:
          - One input of a credential of AWX or of the controller of Ansible Automation Platform.
            All other inputs are kept.
          - It can only be a replica, since AWX never gives a secret back. To tell what it holds,
            the id of the token is kept beside it, in another input or at the end of the credential's
            description.
          - The login needs the role Admin of the credential, and an OAuth token needs the scope
            C(write).
          - An input that is read from somewhere else by an input source is refused, since what
            is written there is never used.
        type: dict
        suboptions:
          host:
            description:
              - Address of the server; without a scheme, C(https) is meant. The environment
                variables E(CONTROLLER_HOST) and E(TOWER_HOST) are the fallbacks.
            type: str
          oauth_token:
            description:
              - OAuth token with the scope C(write). E(CONTROLLER_OAUTH_TOKEN) and E(TOWER_OAUTH_TOKEN)
                are the fallbacks.
            type: str
          username:
            description:
              - Name of the user, where there is no OAuth token. E(CONTROLLER_USERNAME) and
                E(TOWER_USERNAME) are the fallbacks.
            type: str
          password:
            description:
              - Password of the user. E(CONTROLLER_PASSWORD) and E(TOWER_PASSWORD) are the fallbacks.
            type: str
          api_prefix:
            description:
              - Path of the API, such as C(/api/v2/), or C(/api/controller/v2/) behind the gateway
                of Automation Platform. Without it, both are tried. E(CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX)
                is the fallback.
            type: str
          validate_certs:
            description:
              - Whether the server's TLS certificate has to be trusted. E(CONTROLLER_VERIFY_SSL)
                and E(TOWER_VERIFY_SSL) are the fallbacks.
            type: bool
          ca_path:
            description:
              - File or directory with the certificates of trusted authorities.
            type: path
          allow_plain_http:
            description:
              - Whether an C(http) address of another machine may be used, where everybody on
                the way can read.
            type: bool
            default: false
          timeout:
            description:
              - Seconds that one request may take.
            type: int
            default: 30
      hashi_vault:
        description:
          - A KV version 2 engine of OpenBao or HashiCorp Vault. Other keys of a secret are
            kept.
          - The record is kept in the same secret, in a key of the same name with C(_record)
            behind it.
          - The login needs C(create), C(read) and C(update) on C(MOUNT/data/PATH), and C(update)
            on C(MOUNT/destroy/PATH) to decommission a token.
        type: dict
        suboptions:
          url:
            description:
              - Address of the server. The environment variable E(VAULT_ADDR) is the fallback.
            type: str
          auth_method:
            description:
              - How to log in. For any other method than these, log in with another plugin and
                give its token as O(vaults[].hashi_vault.token).
            type: str
            choices: [token, approle]
            default: token
          token:
            description:
              - Token of the server. E(VAULT_TOKEN) and the file C(~/.vault-token) are the fallbacks.
            type: str
          role_id:
            description:
              - Role id for V(approle). E(VAULT_ROLE_ID) is the fallback.
            type: str
          secret_id:
            description:
              - Secret id for V(approle). E(VAULT_SECRET_ID) is the fallback.
            type: str
          auth_mount:
            description:
              - Mount of the login method.
            type: str
            default: approle
          mount:
            description:
              - Mount of the KV version 2 engine.
            type: str
            default: secret
          namespace:
            description:
              - Namespace. E(VAULT_NAMESPACE) is the fallback.
            type: str
          ca_path:
            description:
              - File or directory with the certificates of trusted authorities. E(VAULT_CACERT)
                and E(VAULT_CAPATH) are the fallbacks.
            type: path
          validate_certs:
            description:
              - Whether the server's TLS certificate has to be trusted. E(VAULT_SKIP_VERIFY)
                is the fallback.
            type: bool
          allow_plain_http:
            description:
              - Whether an C(http) address of another machine may be used, where everybody on
                the way can read.
            type: bool
            default: false
          timeout:
            description:
              - Seconds that one request may take.
            type: int
            default: 30
      ionos_config:
        description:
          - The configuration file of C(ionosctl), the SDKs and the Terraform provider of IONOS
            Cloud, with the token of one profile. All else in the file, its order, comments
            and line ends stay as they are. Its mode is set to C(0600).
          - 'These tools want the token in plain text there, so whoever can read the file can
            use the token: this is for a machine and a user of their own, not for a repository.'
          - The record is kept in the same profile, as C(token_record) beside C(token), which
            these tools pass over. C(ionosctl login) and C(ionosctl logout) write the file anew,
            without the record.
        type: dict
        suboptions:
          ephemeral:
            description:
              - Accept a project checkout of AWX or ansible-runner as vault of record, although
                what is written there is forgotten after the job.
            type: bool
            default: false
          lock_timeout:
            description:
              - Seconds to wait for another run that is writing the same file.
            type: int
            default: 30
      kubernetes_secret:
        description:
          - Secrets of Kubernetes. Other keys of a Secret, its labels, annotations and owners
            are kept. A Secret that is missing is created; a namespace is not.
          - The record is kept in the same Secret, in a key of the same name with C(_record)
            behind it. The token's id and expiry are in the annotations C(tokenops.ionos/KEY.token-id)
            and C(tokenops.ionos/KEY.expires-at).
          - The login needs C(get), C(create) and C(update) on Secrets of the namespace, and
            C(delete) to remove a Secret that was created here once its last token is decommissioned;
            without that, it is left empty.
          - Without options, E(K8S_AUTH_HOST), E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG), the file
            C(~/.kube/config) and the service account of the pod are tried, in this order.
        type: dict
        suboptions:
          kubeconfig:
            description:
              - 'File that says how to reach the cluster and how to log in: with a client certificate,
                a token, a file with a token, a username and password, or an exec plugin, which
                is run without a terminal and with the time-out of this vault. E(K8S_AUTH_KUBECONFIG)
                and E(KUBECONFIG) are the fallbacks; the latter may name several files.'
            type: path
          context:
            description:
              - Context of the kubeconfig, by default its current one. E(K8S_AUTH_CONTEXT) is
                the fallback.
            type: str
          in_cluster:
            description:
              - Whether to use the service account of the pod that this runs in, and nothing
                else.
            type: bool
            default: false
          host:
            description:
              - Address of the API server, instead of a kubeconfig. E(K8S_AUTH_HOST) is the
                fallback.
            type: str
          api_key:
            description:
              - Bearer token for O(vaults[].kubernetes_secret.host). E(K8S_AUTH_API_KEY) is
                the fallback.
            type: str
          ca_path:
            description:
              - File with the certificates of trusted authorities, instead of those that the
                kubeconfig names. E(K8S_AUTH_SSL_CA_CERT) is the fallback.
            type: path
          validate_certs:
            description:
              - Whether the server's TLS certificate has to be trusted. E(K8S_AUTH_VERIFY_SSL)
                is the fallback, and then what the kubeconfig says.
            type: bool
          timeout:
            description:
              - Seconds that one request may take.
            type: int
            default: 30
      tasks:
        description:
          - 'Whatever a task file of yours writes a token to: a variable of a CI system, a file
            on many hosts, a secret manager. The role runs the file once for each token that
            a place does not hold yet.'
          - 'Such a place can be a replica only. What it holds is not read; the record remembers
            which token was published there, once every task of the file has succeeded, and
            no previous token is retired before that. Where a run is killed in between, the
            token is published again: at least once.'
        type: dict
        suboptions:
          publish:
            description:
              - The task file that publishes a token, such as C(publish/gitlab.yml). A relative
                path starts at the playbook's folder, or at the working directory where the
                playbook is one of a collection.
              - Its tasks find C(token_rotation_publish_token), which looks the value up where
                it is used, and beside it C(token_rotation_publish_name), C(token_rotation_publish_token_id),
                C(token_rotation_publish_expires_at), C(token_rotation_publish_target), and
                C(token_rotation_publish_options).
            type: str
          unpublish:
            description:
              - The task file that takes a token away again once it has been deleted because
                of O(tokens[].state=absent). Without one, what stands there stays.
            type: str
          republish_after:
            description:
              - How long after it was published a token is published again, in the same form
                as O(tokens[].ttl), for places that others change. Without it, only another
                token is.
            type: str
          options:
            description:
              - What the tasks find in C(token_rotation_publish_options), for all places of
                this vault.
            type: dict
  tokens:
    description:
      - The declared tokens.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the token, for messages and offers.
        type: str
        required: true
      account:
        description:
          - Name of the entry of O(accounts) that mints it.
        type: str
      state:
        description:
          - With V(present), a working token is kept in all its vaults.
          - With V(absent), the token is decommissioned. Previous tokens are deleted, then the
            current one, then the vaults are emptied. Refused while the token is the credential
            of an account.
        type: str
        choices: [present, absent]
        default: present
      ttl:
        description:
          - Lifetime of a new token, in seconds or as in V(30d), V(12h) or V(1h30m). From 2
            minutes to 365 days.
          - A little less is sent, by up to a day or a twentieth, since the exact lifetime is
            how an interrupted mint is recognised later; tokens carry no name.
        type: str
        default: 30d
      renew_before:
        description:
          - How much of its life must be left, in the same form as O(tokens[].ttl); below that
            the token is due.
          - It has to be longer than the time between two runs, and to leave a person enough
            time where one is needed.
          - The default is a quarter of O(tokens[].ttl) and at most a week. At most half of
            a token's own life counts.
        type: str
      spread:
        description:
          - The token is due earlier than O(tokens[].renew_before) says by a share of this time,
            in the same form as O(tokens[].ttl). Each token has a share of its own, so tokens
            that were created on one day are not renewed on one day.
          - The share follows from the name of the token and from the name and O(accounts[].contract_number)
            of its account. It is the same in every run and on every controller.
          - O(tokens[].renew_before) and this time together can be half of O(tokens[].ttl) at
            the most. The default is O(spread).
        type: str
      overlap:
        description:
          - How long a previous token goes on working after the last vault holds the new one,
            in the same form as O(tokens[].ttl).
          - The default is a day, or O(tokens[].renew_before) where that is less. More than
            that is cut, with a warning.
        type: str
      fail_before:
        description:
          - While only a person can mint, the task stays green until less than this is left
            of the current token's life.
        type: str
        default: 2d
      enforce_ttl:
        description:
          - Replace a token that lives longer than O(tokens[].ttl), for example an adopted one;
            otherwise that is only said.
        type: bool
        default: false
      retire_adopted:
        description:
          - Delete replaced tokens also where this collection did not mint them but found them
            in a vault or was offered them.
        type: bool
        default: false
      vault:
        description:
          - The vault of record. Its record is the truth about the token, so its kind must be
            readable.
          - Which options a place takes depends on the kind of vault that O(tokens[].vault.in)
            names.
        type: dict
        required: true
        suboptions: &suboptions
          in:
            description:
              - Name of the entry of O(vaults). May be left out where only one vault is declared.
            type: str
          path:
            description:
              - For C(ansible_vault_file), the path of the variables file; a relative one starts
                at the playbook's folder, or at the working directory where the playbook is
                one of a collection. Required there.
              - For C(hashi_vault), the path of the secret below the mount. Required there.
              - For C(ionos_config), the path of the configuration file. E(IONOS_CONFIG_FILE)
                is the fallback, and then C(~/.ionos/config), which every tool of the vendor
                reads.
            type: str
          variable:
            description:
              - For C(ansible_vault_file), the name of the variable that holds the token. Required
                there.
            type: str
          follow:
            description:
              - For C(ansible_vault_file), follow a symbolic link instead of refusing it. The
                default there is V(false).
              - For C(ionos_config), follow a symbolic link instead of refusing it. The default
                there is V(false).
            type: bool
          credential:
            description:
              - For C(awx_credential), name of the credential. Not needed if its C(id) is given.
            type: str
          organization:
            description:
              - For C(awx_credential), name of the organization of the credential, if its name
                alone is not unique.
            type: str
          credential_type:
            description:
              - For C(awx_credential), name of the type of the credential, if its name alone
                is not unique.
            type: str
          id:
            description:
              - For C(awx_credential), id of the credential, instead of its name.
            type: int
          input:
            description:
              - For C(awx_credential), the secret input that holds the token. The default there
                is V(token).
            type: str
          token_id_input:
            description:
              - For C(awx_credential), an input that is not secret and takes the id of the token.
                Without it, the id stands at the end of the credential's description.
            type: str
          expires_input:
            description:
              - For C(awx_credential), an input that is not secret and takes the instant at
                which the token expires.
            type: str
          overwrite_unknown:
            description:
              - For C(awx_credential), whether a value may be replaced of which no token id
                is written down, such as one that somebody once put there by hand. Otherwise
                it is left alone and reported, since it could be a token that somebody uses.
                The default there is V(false).
            type: bool
          mount:
            description:
              - For C(hashi_vault), the mount of the KV version 2 engine, where it is another
                than the vault's.
            type: str
          key:
            description:
              - For C(hashi_vault), the key of the secret that holds the token. The default
                there is V(token).
              - For C(kubernetes_secret), the key of the Secret that holds the token. The default
                there is V(token).
            type: str
          profile:
            description:
              - For C(ionos_config), the name of the profile, whatever the current one is. A
                profile that is missing is added, in a new file as the current one. The default
                there is V(user).
            type: str
          namespace:
            description:
              - For C(kubernetes_secret), the namespace of the Secret. Required there.
            type: str
          secret:
            description:
              - For C(kubernetes_secret), the name of the Secret. Required there.
            type: str
          target:
            description:
              - For C(tasks), what the place is called, in messages and in the record, such
                as C(shop/backend). Under another name it is another place, to which every token
                is published anew. Required there.
            type: str
          publish:
            description:
              - For C(tasks), the same option of the vault, for this place alone.
            type: str
          unpublish:
            description:
              - For C(tasks), the same option of the vault, for this place alone.
            type: str
          republish_after:
            description:
              - For C(tasks), the same option of the vault, for this place alone.
            type: str
          options:
            description:
              - For C(tasks), free options for the tasks, which find them in C(token_rotation_publish_options),
                over those of the vault.
            type: dict
      replicas:
        description:
          - Further places of the same token, rewritten whenever they differ from the record.
        type: list
        elements: dict
        default: []
        suboptions: *suboptions
      inbox:
        description:
          - A place in any readable vault into which a person puts a token that only a person
            can make.
          - It is read in every run. A token in it is taken in as offers are, and removed from
            it for good once every vault holds it. One that does not fit stays there, and the
            result says why.
        type: dict
        suboptions: *suboptions
  spread:
    description:
      - The O(tokens[].spread) of tokens that give none. With V(0), nothing is spread.
    type: str
    default: '0'
  offers:
    description:
      - Tokens that a person has made, by the name of the declared token that each is for.
      - A token is taken in only if it is another one than the current, works, is of the same
        user and contract, and lives longer. Otherwise the result says why not, and nothing
        changes.
    type: dict
  only:
    description:
      - Names of the declared tokens to work on; the others are left as they are. Their records
        are read all the same, so that nothing that they use is deleted. Without it, every declared
        token is worked on.
    type: list
    elements: str
  renew_now:
    description:
      - Names of declared tokens that get a new token in this run although they are not due.
        The previous one is retired after the overlap, as ever.
    type: list
    elements: str
  revoke:
    description:
      - Names of declared tokens whose values somebody else may have read. They get a new token
        as with O(renew_now), and then every previous one is deleted at once, without an overlap,
        whatever made it and whether or not every replica could be written. The run fails unless
        the API was seen to refuse them.
      - Where only a person can mint, the run fails with what to do; it deletes once the new
        token was handed over.
    type: list
    elements: str
  delete_undeclared:
    description:
      - Ids of tokens to delete that nobody declares, as RV(token_table) lists them. A token
        that a record names, or that an account mints with, is refused, and then nothing is
        deleted.
    type: list
    elements: str
  workers:
    description:
      - How many tokens are worked on at once, from 1 to 64.
    type: int
    default: 8
  rate:
    description:
      - How many requests a second begin at the most, over all workers and accounts of this
        task, for example V(5) or V(0.5). They begin evenly; nothing is saved up for a burst.
        Without it there is no such limit.
      - At least two requests have to fit into O(timeout). With a low rate fewer workers are
        busy than O(workers) allows.
      - A pause that the API asks for, with HTTP status 429 or C(Retry-After), is kept by all
        workers in any case.
    type: float
  quota_reserve:
    description:
      - Of the 100 tokens that a user may have, how many to keep free; using the last ones is
        warned of.
    type: int
    default: 5
  max_lost:
    description:
      - Where a vault of record is empty and the API lists this many tokens that the same declaration
        has minted before, nothing is minted, since records seem to get lost. Its tokens are
        known by their lifetimes, which depend on its name and vault of record; those of other
        declarations do not count, nor do lifetimes below V(6d). V(0) never refuses.
    type: int
    default: 3
  purge_expired:
    description:
      - Before minting, delete all expired tokens of the user, which also removes those of other
        tools from the Token Manager.
    type: bool
    default: false
  published:
    description:
      - 'What became of RV(publications) of an earlier call with the same declaration: its entries,
        each with C(failed), and C(failed_task) if tasks failed. The records remember what was
        published, and what had to wait for that goes on. Nothing is renewed then. The role
        does it by itself.'
    type: list
    elements: dict
  earlier_result:
    description:
      - The result of that earlier call, which becomes part of this one's, so that it tells
        of both.
    type: dict
  with_accounts:
    description:
      - Also return RV(accounts) and RV(token_table), for a report. Costs one or two more requests
        an account.
    type: bool
    default: false
  # END GENERATED
seealso:
  - module: tokenops.ionos.auth_token
  - module: tokenops.ionos.auth_token_info
  - plugin: tokenops.ionos.vaulted_token
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Keep one token fresh in a variables file, minted by IONOS_TOKEN at first and by itself from then on
  tokenops.ionos.vaulted_tokens:
    tokens:
      - name: terraform
        vault:
          path: group_vars/all/ionos.yml
          variable: ionos_token

- name: Keep a token fresh in OpenBao, with a copy in a variables file
  tokenops.ionos.vaulted_tokens:
    accounts:
      - name: shop
        contract_number: 31711111
        token: "{{ lookup('ansible.builtin.env', 'SHOP_IONOS_TOKEN') }}"
    vaults:
      - name: bao
        hashi_vault:
          url: https://bao.example.com:8200
          auth_method: approle
          role_id: "{{ bao_role_id }}"
          secret_id: "{{ bao_secret_id }}"
      - name: files
        ansible_vault_file:
          vault_id: prod
    tokens:
      - name: external-dns
        account: shop
        ttl: 30d
        renew_before: 7d
        overlap: 1d
        vault:
          in: bao
          path: ionos/external-dns
        replicas:
          - in: files
            path: group_vars/all/external_dns.yml
            variable: external_dns_token
  run_once: true

- name: Take in a token that a person made in the Token Manager
  tokenops.ionos.vaulted_tokens:
    vaults: "{{ token_rotation_vaults }}"
    tokens: "{{ token_rotation_tokens }}"
    offers:
      external-dns: "{{ new_token }}"

- name: Decommission a token
  tokenops.ionos.vaulted_tokens:
    tokens:
      - name: terraform
        state: absent
        vault:
          path: group_vars/all/ionos.yml
          variable: ionos_token
"""

RETURN = r"""
summary:
  description:
    - For each token, the worst first, a line with its status as the report has it, what was done, and how long it
      works. Below it, indented, stands what somebody has to do, until when, and each step. The last line counts.
    - Tokens with the same trouble have one line together.
  returned: success
  type: list
  elements: str
  sample:
    - >-
      external-dns: working, 29 days left (rotated: it was in its renewal window). It works until 31 Mar 2026,
      11:20 UTC; it renews itself from 24 Mar 2026, 11:20 UTC on.
    - "1 declared: 1 working; 1 rotated"
job_summary:
  description:
    - How everything stands, for C(set_stats) and the jobs after this one, in C(level), C(failure) and C(counts), and
      in C(tokens) with C(name), C(account), C(level), C(status), C(action), C(id) and C(expires_at) of each token.
  returned: success
  type: dict
  sample:
    level: ok
    failure: null
    counts: {declared: 1, critical: 0, warning: 0, notice: 0, ok: 1}
    tokens:
      - name: external-dns
        account: shop
        level: ok
        status: working
        action: rotated
        id: 0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f
        expires_at: "2026-03-31T11:20:07Z"
token_table:
  description:
    - All tokens of each account as lines of text, with the declared token that each belongs to.
  returned: when O(with_accounts=true)
  type: list
  elements: str
  sample: []
publications:
  description:
    - What task files of yours have yet to do in places of the kind O(vaults[].tasks), or in check mode would do. The
      role runs them, and tells with O(published) what came of it.
  returned: if there is something to do
  type: list
  elements: dict
  contains:
    name:
      description: Name of the declared token.
      type: str
      returned: success
      sample: external-dns
    vault:
      description: Name of the vault.
      type: str
      returned: success
      sample: gitlab
    target:
      description: The target of the place.
      type: str
      returned: success
      sample: shop/backend
    place:
      description: Where in which vault, for people.
      type: str
      returned: success
      sample: "gitlab: shop/backend"
    replica:
      description: The position of the place among the replicas of the token, from zero.
      type: int
      returned: success
      sample: 0
    what:
      description: V(publish) or V(unpublish).
      type: str
      returned: success
      sample: publish
    file:
      description: The path of the task file.
      type: str
      returned: success
      sample: /srv/ionos/publish/gitlab.yml
    token_id:
      description: Id of the token that is published, or was; null for one that check mode does not mint.
      type: str
      returned: success
      sample: 0f0cbb5e-0d6b-4f3e-8f3e-8a2b8f8d2f10
    expires_at:
      description: When that token expires; null with C(unpublish).
      type: str
      returned: success
      sample: "2026-03-31T11:20:00Z"
not_deleted:
  description:
    - What is wrong with O(delete_undeclared), as it is in the message of the failure too.
  returned: if something is
  type: list
  elements: str
  sample: []
deleted:
  description:
    - Ids of the tokens that O(delete_undeclared) has deleted, or in check mode would delete.
  returned: when O(delete_undeclared) is not empty
  type: list
  elements: str
  sample: []
accounts:
  description:
    - One entry an account that a declared token uses, with C(name), C(user_id), C(contract_number), C(two_factor),
      C(quota)
      (C(used), C(limit), C(reserve)), C(policy) (as RV(tokenops.ionos.auth_token_info#module:policy)) and
      C(message), which says
      what could not be found out. C(tokens) lists all tokens of its user with C(id), C(created_at), C(expires_at),
      C(expired), the name of the declared token that it belongs to (C(declared)), and as what (C(role)).
  returned: when O(with_accounts=true)
  type: list
  elements: dict
  sample: []
error_code:
  description: Name of what is wrong with the declaration, where nothing was touched because of it.
  returned: when the declaration is wrong
  type: str
  sample: vault_unknown
tokens:
  description: One entry a declared token, in the order of the declaration. No secret is in it.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the declared token.
      type: str
      returned: success
      sample: external-dns
    account:
      description: Name of its account; V(default) where it names none.
      type: str
      returned: success
      sample: shop
    action:
      description:
        - What was done, or in check mode would be done.
        - V(kept), nothing was due. V(rotated), a new token was minted. V(adopted), a token that existed was taken
          in. V(moved), the record was taken over from the vault that held it before. V(repaired), a
          vault was brought in line. V(retired), previous tokens were deleted. V(absent), the token was decommissioned.
          V(busy), another run
          is at work. V(handoff), a person has to act. V(failed), nothing could be done.
      type: str
      returned: success
      sample: rotated
    reason:
      description:
        - Why. For a rotation V(missing), V(gone), V(refused), V(expired), V(other_user), V(other_contract),
          V(renew_before), V(renew_now), V(revoke) or
          V(longer_than_ttl); V(found_in_vault), V(offered) or V(restored) for an adoption or repair; V(moved);
          V(replica_differed),
          V(overlap_over), V(absent); a sentence for V(busy).
        - V(longer_than_ttl) with V(kept) says that an adopted token outlives its declared lifetime.
      type: str
      returned: success
      sample: renew_before
    changed:
      description: Whether anything was changed for this token, or in check mode would be.
      type: bool
      returned: success
      sample: true
    predicted:
      description: Whether RV(tokens[].action) is only what would be done, because of check mode.
      type: bool
      returned: success
      sample: false
    failed:
      description:
        - Whether somebody has to look at it, be it for the token or for one of its places. What was done before that
          is still in RV(tokens[].action).
      type: bool
      returned: success
      sample: false
    message:
      description:
        - What is wrong with the run for this token and what to do, for each thing that is wrong.
        - What is wrong with one of its places is in RV(tokens[].vaults[].message).
      type: str
      returned: success
      sample: null
    waits:
      description:
        - Whether RV(tokens[].message) is only that the API did not answer, and the next run is early enough to ask
          again, since more than C(fail_before) is left and no change was asked for. The run does not fail for it.
      type: bool
      returned: success
      sample: false
    cause:
      description: What happened to the requests of a run that got no answer from the API.
      type: str
      returned: success
      sample: null
    error_codes:
      description: Names of what RV(tokens[].message) says, stable across versions.
      type: list
      elements: str
      returned: success
      sample: []
    works:
      description:
        - Whether the vault of record holds a token that works, in check mode before anything is done; null where the
          API was not asked or gave no trustworthy answer.
      type: bool
      returned: success
      sample: true
    token:
      description: The current token; in check mode the one that is there now.
      type: dict
      returned: success
      contains:
        id:
          description: Id of the token, the C(kid) of its JWT.
          type: str
          returned: success
          sample: 0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e
        fingerprint:
          description: Start of the SHA-256 of the token's value, to compare what two places hold.
          type: str
          returned: success
          sample: sha256:9f86d081884c7d65
        created_at:
          description: When it was created, in UTC.
          type: str
          returned: success
          sample: "2026-03-01T12:00:00Z"
        expires_at:
          description: When it expires, in UTC.
          type: str
          returned: success
          sample: "2026-03-31T11:20:07Z"
        remaining_seconds:
          description: Seconds until then by the API's clock.
          type: int
          returned: success
          sample: 2589607
        origin:
          description: V(minted) by this collection, or V(adopted).
          type: str
          returned: success
          sample: minted
        user_id:
          description: The user that it is of.
          type: str
          returned: success
          sample: 5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11
        contract_number:
          description: The contract that it is bound to.
          type: int
          returned: success
          sample: 31711111
    ttl_seconds:
      description: The declared O(tokens[].ttl) in seconds.
      type: int
      returned: success
      sample: 2592000
    renew_before_seconds:
      description: The declared O(tokens[].renew_before), or its default, and the token's share of
        O(tokens[].spread), in seconds.
      type: int
      returned: success
      sample: 604800
    fail_before_seconds:
      description: The declared O(tokens[].fail_before) in seconds.
      type: int
      returned: success
      sample: 172800
    previous:
      description: Tokens that were current before and still exist.
      type: list
      elements: dict
      returned: success
      sample: []
      contains:
        id:
          description: Id of the token.
          type: str
          returned: success
          sample: 0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e
        expires_at:
          description: When it expires, in UTC, where that is known.
          type: str
          returned: success
          sample: "2026-03-31T11:20:07Z"
        replaced_at:
          description: When another one became current, in UTC.
          type: str
          returned: success
          sample: "2026-03-24T12:00:00Z"
        origin:
          description: V(minted) by this collection, or V(adopted).
          type: str
          returned: success
          sample: minted
    revoked:
      description: Ids of tokens that were deleted at once, as asked for by O(revoke), and that the API refuses.
      type: list
      elements: str
      returned: success
      sample: []
    retired:
      description: Ids of the tokens that this run has deleted because their time was over.
      type: list
      elements: str
      returned: success
      sample: []
    delete_in_dcd:
      description: Tokens that the API will not delete; a person has to, in the DCD.
      type: list
      elements: dict
      returned: success
      sample: []
      contains:
        id:
          description: Id of the token.
          type: str
          returned: success
          sample: 0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e
        expires_at:
          description: When it expires, in UTC, where that is known.
          type: str
          returned: success
          sample: "2026-03-31T11:20:07Z"
        since:
          description: When the API refused to delete it for the first time, in UTC.
          type: str
          returned: success
          sample: "2026-03-25T12:00:00Z"
    orphans_deleted:
      description: Ids of the tokens of interrupted runs that this run has found and deleted.
      type: list
      elements: str
      returned: success
      sample: []
    vaults:
      description: The places of the token, the vault of record first.
      type: list
      elements: dict
      returned: success
      contains:
        name:
          description: Name of the vault.
          type: str
          returned: success
          sample: bao
        place:
          description: Where in which vault, for people.
          type: str
          returned: success
          sample: bao (secret/ionos/external-dns, key token)
        role:
          description: V(record) for the vault of record, V(replica) for every other one.
          type: str
          returned: success
          sample: record
        in_sync:
          description:
            - Whether the current token stands there after this run; null where that is not known.
            - If it could not be found out, RV(tokens[].vaults[].message) says why.
          type: bool
          returned: success
          sample: true
        changed:
          description: Whether this run has written there, or in check mode would.
          type: bool
          returned: success
          sample: false
        foreign:
          description: Id of a token that stands there, works or could not be checked, and that the record does not
            know. It was left alone.
          type: str
          returned: success
          sample: null
        message:
          description: What is wrong with the place and what to do.
          type: str
          returned: success
          sample: null
        error_code:
          description: Name of what RV(tokens[].vaults[].message) says, stable across versions.
          type: str
          returned: success
          sample: null
        published_at:
          description:
            - When task files of yours have published the current token there; null for places of other kinds.
          type: str
          returned: success
          sample: null
        to_publish:
          description:
            - What such a task file has yet to do there, V(publish) or V(unpublish); null if nothing.
          type: str
          returned: success
          sample: null
    policy:
      description:
        - What the vendor's policy says of minting for this account; null where no token was due and
          O(with_accounts=false).
      type: dict
      returned: success
      contains:
        two_factor:
          description: State of the account's two-factor authentication, or V(unknown).
          type: str
          returned: success
          sample: unknown
        allowed:
          description: Whether minting is allowed.
          type: bool
          returned: success
          sample: true
        severity:
          description: V(ok), V(deprecated), V(uncertain) where the state of two-factor authentication is not known,
            or
            V(refused).
          type: str
          returned: success
          sample: uncertain
        rule:
          description: Name of the rule that decides.
          type: str
          returned: success
          sample: mint_2fa
        since:
          description: The date from which on the rule holds.
          type: str
          returned: success
          sample: "2024-03-15"
        until:
          description: The last date on which what it allows is allowed.
          type: str
          returned: success
          sample: null
        reason:
          description: The rule as a sentence.
          type: str
          returned: success
          sample: It is not known whether this account uses two-factor authentication.
        remedy:
          description: What to do.
          type: str
          returned: success
          sample: Say so with two_factor.
        url:
          description: The vendor's page.
          type: str
          returned: success
          sample: https://docs.ionos.com/cloud/getting-started/basic-tutorials/deprecation-basic-authentication
    handoff:
      description: What a person has to do; null where nobody has to do anything.
      type: dict
      returned: success
      sample: null
      contains:
        why:
          description: What keeps everybody but a person from minting.
          type: str
          returned: success
          sample: null
        deadline:
          description: When the current token expires, in UTC; null where there is none that works.
          type: str
          returned: success
          sample: "2026-03-31T11:20:07Z"
        fails_from:
          description: When the task begins to fail, in UTC; see O(tokens[].fail_before).
          type: str
          returned: success
          sample: "2026-03-29T11:20:07Z"
        token_manager:
          description: Address of the DCD.
          type: str
          returned: success
          sample: https://dcd.ionos.com/latest/
        lifetime:
          description: What to choose as lifetime, in the words of the Token Manager.
          type: str
          returned: success
          sample: 30 Days
        steps:
          description: What to do, step by step.
          type: list
          elements: str
          returned: success
          sample: []
        delete_afterwards:
          description: Ids of the tokens to delete in the DCD.
          type: list
          elements: str
          returned: success
          sample: []
    inbox:
      description: Where a person can put the next token; null where no C(inbox) is declared.
      type: str
      returned: success
      sample: null
    offer:
      description: What came of an offered token; null where none was offered.
      type: dict
      returned: success
      sample: null
      contains:
        token_id:
          description: Id of the offered token.
          type: str
          returned: success
          sample: 0b6ae2b7-4d1a-4c63-bf0e-5a5f8a1d2c3e
        source:
          description: Where it was found, V(offers) or the inbox's place.
          type: str
          returned: success
          sample: offers
        accepted:
          description: Whether it was taken in.
          type: bool
          returned: success
          sample: true
        reason:
          description: Why not, and what to do; empty where it was taken in.
          type: str
          returned: success
          sample: ""
    warnings:
      description: What should be known.
      type: list
      elements: str
      returned: success
      sample: []
"""
