#!/usr/bin/python
# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: auth_token_info
short_description: List IONOS Cloud API tokens, and what the vendor's policy says of the account
version_added: 1.0.0
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
description:
  - Lists the tokens of a user on a contract, with their dates. The API shows no token's value.
  - Tells what the vendor's deprecation of Basic Authentication means for the account, today or on another day.
options:
  token_id:
    description:
      - Id of the one token to list. Where the API does not list it, RV(tokens) is empty.
    type: str
  current:
    description:
      - The one token to list, as it is. White space around it is cut off.
      - It authenticates the requests where no other credential is given.
    type: str
  expiring_within:
    description:
      - List only the tokens that expire within this time, and those that have expired.
      - Seconds, or a text such as V(30d), V(12h) or V(1h30m).
    type: str
  date:
    description:
      - Day that the policy is asked about, as V(YYYY-MM-DD). The default is today.
      - The alias has to be written in quotes, since YAML reads it as V(true).
    type: str
    aliases: ["on"]
extends_documentation_fragment:
  - tokenops.ionos.auth
  - tokenops.ionos.attributes
  - tokenops.ionos.attributes.info
  - tokenops.ionos.attributes.action_group
attributes:
  async:
    support: full
seealso:
  - module: tokenops.ionos.auth_token
"""

EXAMPLES = r"""
- name: List the tokens, with IONOS_TOKEN in the environment
  tokenops.ionos.auth_token_info:
  register: ionos

- name: Fail where a token ends within a week
  tokenops.ionos.auth_token_info:
    expiring_within: 7d
  register: ending
  failed_when: ending.count > 0

- name: Ask what the policy says from the day on which two-factor authentication is turned on
  tokenops.ionos.auth_token_info:
    two_factor: enabled
    date: "2026-12-01"
  register: ionos

- name: Show whether the account may still mint tokens then
  ansible.builtin.debug:
    var: ionos.policy.mint
"""

RETURN = r"""
tokens:
  description: The tokens, those that expire first at the head.
  returned: success
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
    remaining_seconds:
      description: Seconds until then, by the API's clock, or 0.
      type: int
      returned: always
    expired:
      description: Whether it has expired.
      type: bool
      returned: always
  sample:
    - id: 0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f
      created_at: "2026-03-01T12:00:00Z"
      expires_at: "2026-03-31T12:00:00Z"
      remaining_seconds: 2592000
      expired: false
count:
  description: The number of RV(tokens).
  returned: success
  type: int
  sample: 1
quota:
  description:
    - How many tokens the user may have, how many there are on the contract, and how many are left.
  returned: success
  type: dict
  contains:
    limit:
      description: How many tokens a user may have.
      type: int
      returned: always
    used:
      description: How many there are on the contract, with those that have expired.
      type: int
      returned: always
    remaining:
      description: How many are left.
      type: int
      returned: always
  sample:
    limit: 100
    used: 12
    remaining: 88
account:
  description: The account that the credential is of.
  returned: success
  type: dict
  contains:
    user_id:
      description: Id of the user, or null with Basic Authentication.
      type: str
      returned: always
    contract_number:
      description: The contract, or null where it is not known.
      type: int
      returned: always
    role:
      description: Role of the user, as the token says, or null.
      type: str
      returned: always
    method:
      description: How the task authenticates, V(bearer) or V(basic).
      type: str
      returned: always
    two_factor:
      description:
        - O(two_factor), or what the Cloud API shows. One of V(disabled), V(configuring), V(enabled), V(forced) and
          V(unknown).
      type: str
      returned: always
  sample:
    user_id: 5a4e1f0c-8a52-4e0e-9d39-0a3f5a9f1c11
    contract_number: 31711111
    role: owner
    method: bearer
    two_factor: disabled
policy:
  description: What the policy says of the account.
  returned: success
  type: dict
  contains:
    "on":
      description: The day that it is asked about.
      type: str
      returned: always
    two_factor:
      description: The state that it is asked about.
      type: str
      returned: always
    basic:
      description: Whether Basic Authentication may be used; the other answers have the same form.
      type: dict
      returned: always
      contains:
        allowed:
          description: Whether the policy allows it.
          type: bool
          returned: always
        severity:
          description:
            - V(ok), V(deprecated) where its end is announced, V(uncertain) where something is not known that
              decides, or
              V(refused).
          type: str
          returned: always
        rule:
          description: Name of the rule.
          type: str
          returned: always
        since:
          description: First day on which this holds, or null.
          type: str
          returned: always
        until:
          description: Last day on which this holds, or null.
          type: str
          returned: always
        reason:
          description: Why.
          type: str
          returned: always
        remedy:
          description: What to do, or an empty text.
          type: str
          returned: always
        url:
          description: The vendor's page.
          type: str
          returned: always
    bearer:
      description: Whether a token may be used.
      type: dict
      returned: always
    mint:
      description: Whether tokens may be minted through the API.
      type: dict
      returned: always
    delete:
      description: Whether tokens may be deleted through the API.
      type: dict
      returned: always
  sample:
    "on": "2026-03-01"
    two_factor: disabled
    basic:
      allowed: false
      severity: refused
      rule: basic_ended
      since: "2025-01-01"
      until: null
      reason: Basic Authentication has ended for every account; it is not supported since 2025-01-01.
      remedy: >-
        Create a token in the Token Manager of the DCD (Menu > Management > Token Management) and use it instead of the
        username and password.
      url: https://docs.ionos.com/cloud/getting-started/basic-tutorials/deprecation-basic-authentication
"""

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.options import connection_argument_spec
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.auth_token_info import auth_token_info
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.base import TokenOpsModule


def main() -> None:
    """Run the module."""
    module = TokenOpsModule(
        argument_spec={
            "token_id": {"type": "str", "no_log": False},
            "current": {"type": "str", "no_log": True},
            "expiring_within": {"type": "str"},
            "date": {"type": "str", "aliases": ["on"]},
            **connection_argument_spec(),
        },
        supports_check_mode=True,
    )
    module.run(auth_token_info)


if __name__ == "__main__":
    main()
