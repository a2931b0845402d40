#!/usr/bin/python
# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: auth_token
short_description: Keep one IONOS Cloud API token good, or delete tokens
version_added: 1.0.0
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
description:
  - Judges a token and mints another one only where that is needed. It never deletes the token that a new one replaces.
  - Deletes one token, or those that a criterion names.
  - Where many tokens have to be kept in vaults and the old ones retired, use M(tokenops.ionos.vaulted_tokens).
options:
  state:
    description:
      - V(present) sees to it that there is a good token. The token that is judged is the one that O(dest) holds,
        else the one
        given as O(current), or the one with the id O(token_id).
      - It is replaced when it is missing, refused, gone, expired, of another user or contract, or has less than
        O(renew_before) left.
      - V(absent) deletes what exactly one of O(token_id), O(current) and O(criteria) names. A token that does not
        exist, or
        that the API refuses, counts as deleted.
    type: str
    choices: [present, absent]
    default: present
  current:
    description:
      - The token, as it is. White space around it is cut off.
      - With O(state=present), an empty text means that there is none yet, so that a lookup with an empty default
        works.
      - With O(state=present) and O(dest), it is judged where O(dest) holds no good token, and written there if it is
        good.
      - It renews or deletes itself where no other credential is given.
    type: str
  token_id:
    description:
      - Id of the token, a UUID; it is the C(kid) in the token's header.
      - With O(state=present) it excludes O(current) and O(dest), and O(return_value) has to be V(true), since
        nothing else
        holds the value of a new token.
    type: str
  dest:
    description:
      - File with the token's value and nothing else, for O(state=present). It is read first, and written when it
        does not
        hold the good token.
      - It is written in one step, with the mode V(0600). Its directory has to exist.
      - A symbolic link is refused, and so is a file that holds something that is no token.
    type: path
  ttl:
    description:
      - Lifetime of a new token, as seconds or as a text such as V(30d), V(12h) or V(1h30m), from 60 seconds to 365
        days.
      - The lifetime sent is up to a day, or a twentieth of it, shorter. No other token of the user has the same, so
        that a
        token is recognised whose answer was lost.
    type: str
    default: 30d
  renew_before:
    description:
      - Remaining lifetime below which a token is replaced, written as O(ttl). It has to be below O(ttl).
      - At most half of a token's own lifetime counts.
      - The default is a quarter of O(ttl), but a week at the most.
    type: str
  return_value:
    description:
      - Whether to return the token's value as RV(value). Set C(no_log=true) on the task then.
      - Refused in asynchronous tasks, which leave their result in a file.
    type: bool
    default: false
  force:
    description:
      - With O(state=present), mint even though the token is good, or though none is named, so that every run mints.
      - With O(state=absent), confirm O(criteria=all).
    type: bool
    default: false
  criteria:
    description:
      - Which tokens of the user on the contract to delete, for O(state=absent).
      - V(expired) deletes those that have expired.
      - V(all) deletes every one, the one that authenticates the task too, and needs O(force=true).
    type: str
    choices: [expired, all]
  except:
    description:
      - Ids of tokens that O(criteria) does not delete.
    type: list
    elements: str
extends_documentation_fragment:
  - tokenops.ionos.auth
  - tokenops.ionos.attributes
  - tokenops.ionos.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Reads from the API as ever, and mints, deletes and writes nothing.
  diff_mode:
    support: full
    details:
      - Shows ids, dates and fingerprints, never a value.
  idempotent:
    support: partial
    details:
      - With O(force=true) and O(state=present) every run mints.
  async:
    support: partial
    details:
      - Not with O(return_value=true).
seealso:
  - module: tokenops.ionos.auth_token_info
  - module: tokenops.ionos.vaulted_tokens
"""

EXAMPLES = r"""
- name: Keep the token in a file good, with IONOS_TOKEN in the environment
  tokenops.ionos.auth_token:
    dest: /etc/external-dns/ionos-token
    ttl: 30d
    renew_before: 7d

- name: Keep a token good whose value is kept elsewhere
  tokenops.ionos.auth_token:
    token: "{{ lookup('ansible.builtin.env', 'IONOS_ISSUER_TOKEN') }}"
    current: "{{ vaulted_ionos_token | default('') }}"
    return_value: true
  no_log: true
  register: ionos

- name: Delete the token that was replaced, once nothing uses it any more
  tokenops.ionos.auth_token:
    state: absent
    token_id: "{{ item.id }}"
  loop: "{{ ionos.previous }}"
  loop_control:
    label: "{{ item.id }}"

- name: Delete what has expired
  tokenops.ionos.auth_token:
    state: absent
    criteria: expired

- name: Delete every token but two
  tokenops.ionos.auth_token:
    state: absent
    criteria: all
    except:
      - "{{ ionos.token.id }}"
      - 0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f
    force: true
"""

RETURN = r"""
action:
  description:
    - V(kept) where the token was good, V(stored) where a good token was written to O(dest), V(minted) where a new
      one was
      minted, or would be in check mode.
  returned: success, with O(state=present)
  type: str
  sample: minted
reason:
  description:
    - Why a token was minted. One of V(missing), V(gone), V(refused), V(expired), V(other_user), V(other_contract),
      V(renew_before) and V(forced), or null.
  returned: success, with O(state=present)
  type: str
  sample: renew_before
token:
  description: The good token. Null in check mode where it would be minted.
  returned: success, with O(state=present)
  type: dict
  sample:
    id: 0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f
    created_at: "2026-03-01T12:00:00Z"
    expires_at: "2026-03-31T09:13:20Z"
    remaining_seconds: 2582000
    fingerprint: sha256:ca978112ca1bbdca
    user_id: 5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11
    contract_number: 31711111
  contains:
    id:
      description: Its id.
      type: str
      returned: always
    created_at:
      description: When it was minted, in UTC.
      type: str
      returned: always
    expires_at:
      description: When it expires, in UTC.
      type: str
      returned: always
    remaining_seconds:
      description: Seconds until then, by the API's clock.
      type: int
      returned: always
    fingerprint:
      description: C(sha256:) and the first 16 hexadecimal digits of the SHA-256 of its value.
      type: str
      returned: where the value is known
    user_id:
      description: The user that it is of.
      type: str
      returned: where the value is known
    contract_number:
      description: The contract that it is bound to.
      type: int
      returned: where the value is known
previous:
  description:
    - The tokens that the new one replaces, as RV(token), each with the RV(ignore:reason) why it is not good. That is
      null where it was good and O(force) was given.
    - They were not deleted.
  returned: success, with O(state=present)
  type: list
  elements: dict
  sample:
    - id: 1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f
      created_at: "2026-02-01T12:00:00Z"
      expires_at: "2026-03-03T12:00:00Z"
      remaining_seconds: 172800
      fingerprint: sha256:3e23e8160039594a
      user_id: 5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11
      contract_number: 31711111
      reason: renew_before
value:
  description:
    - The token's value. This is a secret.
    - Null in check mode where it would be minted, and where only the id of the token is known.
  returned: success, with O(state=present) and O(return_value=true)
  type: str
  sample: a JWT
deleted:
  description: The tokens that were deleted, or would be in check mode.
  returned: success, with O(state=absent)
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
      returned: always
    created_at:
      description: When it was minted, in UTC.
      type: str
      returned: always
    expires_at:
      description: When it expires, in UTC.
      type: str
      returned: always
  sample:
    - id: 1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f
      created_at: "2026-02-01T12:00:00Z"
      expires_at: "2026-03-03T12:00:00Z"
"""

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.options import connection_argument_spec
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token import auth_token
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.base import TokenOpsModule


def main() -> None:
    """Run the module."""
    module = TokenOpsModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "current": {"type": "str", "no_log": True},
            "token_id": {"type": "str", "no_log": False},
            "dest": {"type": "path"},
            "ttl": {"type": "str", "default": "30d"},
            "renew_before": {"type": "str"},
            "return_value": {"type": "bool", "default": False},
            "force": {"type": "bool", "default": False},
            "criteria": {"type": "str", "choices": ["expired", "all"]},
            "except": {"type": "list", "elements": "str"},
            **connection_argument_spec(),
        },
        supports_check_mode=True,
    )
    module.run(auth_token)


if __name__ == "__main__":
    main()
