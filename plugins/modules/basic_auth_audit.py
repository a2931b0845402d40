#!/usr/bin/python
# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: basic_auth_audit
short_description: Find where Basic Authentication for IONOS Cloud is still configured
version_added: 1.0.0
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
description:
  - Examines playbooks, inventories, variables, environment files, scripts, Terraform files, the configuration files of
    the vendor's tools and exports of AWX for usernames and passwords that authenticate at IONOS Cloud.
  - Tells for each place what it is, whom the end of Basic Authentication concerns and since when, and what to write
    instead.
  - Shows names, never values. Nothing is decrypted; a value that is encrypted with Ansible Vault is recognised by the
    name of its variable, and files that are encrypted as a whole are listed in RV(notes).
  - Nothing is sent anywhere, and no file is changed.
options:
  paths:
    description:
      - Files and directories to examine. Directories are examined with everything in them, but for directories of
        version control, of virtual environments and of other people's work, such as C(node_modules), C(site-packages),
        the C(vendor) of Go and installed collections and roles, and for prose such as C(README.md).
      - Files that are named here are examined whatever their name.
    type: list
    elements: path
    required: true
  exclude:
    description:
      - Patterns of the shell. What has such a name, or such a path from the directory in O(paths) on, is left out.
    type: list
    elements: str
    default: []
  two_factor:
    description:
      - Whether the account uses two-factor authentication; V(configuring) where its user has only started to set it up.
      - With V(unknown), the result tells about all kinds of accounts.
    type: str
    choices: [disabled, configuring, enabled, forced, unknown]
    default: unknown
  date:
    description:
      - Day that the policy is asked about, as V(YYYY-MM-DD). The default is today.
      - The alias has to be written in quotes, since YAML reads it as V(true).
    type: str
    aliases: ["on"]
  fail_on_findings:
    description:
      - Whether the task fails where Basic Authentication is configured. What is commented out does not count.
    type: bool
    default: false
  fail_on_unread:
    description:
      - Whether the task fails where something could not be examined, so that RV(complete) is V(false).
    type: bool
    default: false
  follow:
    description:
      - Whether symbolic links in directories are followed.
      - Each file and directory is examined once, wherever links lead.
    type: bool
    default: false
  max_file_size:
    description:
      - Octets. Larger files are not examined and listed in RV(notes).
    type: int
    default: 5242880
  max_files:
    description:
      - The number of files after which the module stops, with a note in RV(notes).
    type: int
    default: 50000
  sarif_root:
    description:
      - Directory, usually of the project as version control has it. If it is given, RV(sarif) is returned with the
        findings as the Static Analysis Results Interchange Format (SARIF) has them, in which files are named relative
        to this directory.
    type: path
extends_documentation_fragment:
  - tokenops.ionos.attributes
  - tokenops.ionos.attributes.info
  - tokenops.ionos.attributes.action_group
attributes:
  async:
    support: full
seealso:
  - module: tokenops.ionos.auth_token_info
  - module: tokenops.ionos.vaulted_tokens
notes:
  - A variable of any name is found where a module of the vendor's collection, or the vendor's Terraform provider, takes
    its username or password from it, in any of the files that the task examines.
  - A place that is commented out is listed with RV(findings[].commented) and is not counted.
  - Programs are examined for what they give to the vendor's SDKs, send to its API, and read from the environment
    variables E(IONOS_USERNAME) and E(IONOS_PASSWORD); what reaches an SDK in other ways is not found.
  - Settings of this kind are left out in files that are about mail, websites or servers that the vendor hosts and that
    have no word of IONOS Cloud, since their passwords are others.
"""

EXAMPLES = r"""
- name: Examine the playbooks and what this user has configured
  tokenops.ionos.basic_auth_audit:
    paths:
      - /srv/ansible
      - ~/.ionos/config
  register: audit

- name: Show what to change
  ansible.builtin.debug:
    var: audit.summary

- name: Fail in a pipeline where Basic Authentication comes back
  tokenops.ionos.basic_auth_audit:
    paths:
      - "{{ playbook_dir }}"
    exclude:
      - "*.orig"
      - tests/*
    fail_on_findings: true
    fail_on_unread: true

- name: Examine a project for a host of code that reads SARIF
  tokenops.ionos.basic_auth_audit:
    paths:
      - "{{ playbook_dir }}"
    sarif_root: "{{ playbook_dir }}"
  register: project_audit
"""

RETURN = r"""
schema_version:
  description: Number of the form of this result; it changes when something is removed or gets another meaning.
  returned: success, or failure because of what was found
  type: int
  sample: 1
findings:
  description: The places, by file and line.
  returned: success, or failure because of what was found
  type: list
  elements: dict
  contains:
    path:
      description: The file.
      type: str
      returned: always
    line:
      description: Number of the line, from 1 on.
      type: int
      returned: always
    kind:
      description:
        - What it is. One of V(vendor_module), V(vendor_module_defaults), V(vendor_inventory), V(ansible_variable),
          V(environment_variable), V(environment_use), V(terraform_provider), V(terraform_variable), V(http_command),
          V(http_task), V(authorization_header), V(url_userinfo), V(netrc), V(ionosctl_login), V(ionos_config),
          V(ionosctl_config), V(packer_source), V(docker_machine), V(pulumi_config), V(sdk_call), V(http_call),
          V(program_variable), V(legacy_tool), V(awx_credential) and V(awx_credential_type).
      type: str
      returned: always
    setting:
      description: Name of the option, variable or command.
      type: str
      returned: always
    stored_as:
      description:
        - How the value stands there. V(plain), V(reference) to something else that has it, V(vaulted) with Ansible
          Vault, V(encrypted) by AWX or Pulumi, or V(unknown).
      type: str
      returned: always
    commented:
      description: Whether it is commented out.
      type: bool
      returned: always
    what:
      description: What it is, in words.
      type: str
      returned: always
    impact:
      description: Whom the end of Basic Authentication concerns, and since when.
      type: str
      returned: always
    instead:
      description: What to write instead.
      type: str
      returned: always
  sample:
    - path: /srv/ansible/group_vars/all.yml
      line: 3
      kind: ansible_variable
      setting: ionos_password
      stored_as: vaulted
      commented: false
      what: variable with the username or password
      impact: >-
        Impacted: accounts without two-factor authentication, since 2025-01-01; accounts with two-factor authentication,
        set up or obligatory, since 2024-03-15.
      instead: >-
        Remove the variable, declare a token with the role token_rotation, and read it with the lookup
        tokenops.ionos.vaulted_token.
count:
  description: The number of places that are not commented out.
  returned: success, or failure because of what was found
  type: int
  sample: 1
commented_count:
  description: The number of places that are commented out.
  returned: success, or failure because of what was found
  type: int
  sample: 0
notes:
  description: What was not examined, or not as it should be.
  returned: success, or failure because of what was found
  type: list
  elements: dict
  contains:
    path:
      description: The file or directory.
      type: str
      returned: always
    kind:
      description:
        - One of V(binary), V(broken_structure), V(internal_error), V(long_line), V(too_complex), V(too_large),
          V(too_many_files), V(too_many_findings), V(unreadable), V(vaulted) and V(yaml_missing).
      type: str
      returned: always
    message:
      description: What it means.
      type: str
      returned: always
  sample: []
complete:
  description:
    - Whether everything was examined. V(broken_structure) and V(yaml_missing) leave it V(true), since the lines of the
      file were examined.
  returned: success, or failure because of what was found
  type: bool
  sample: true
files_examined:
  description: The number of files that were examined.
  returned: success, or failure because of what was found
  type: int
  sample: 42
policy:
  description: What the vendor's policy says of Basic Authentication.
  returned: success, or failure because of what was found
  type: dict
  contains:
    "on":
      description: The day that it is asked about.
      type: str
      returned: always
    two_factor:
      description: The value of O(two_factor).
      type: str
      returned: always
    impact:
      description: Whom it concerns, one entry for all accounts that are treated alike.
      type: list
      elements: dict
      returned: always
      contains:
        two_factor:
          description: The states of two-factor authentication.
          type: list
          elements: str
          returned: always
        who:
          description: The same in words.
          type: str
          returned: always
        allowed:
          description: Whether Basic Authentication is allowed.
          type: bool
          returned: always
        severity:
          description: V(deprecated) where its end is announced, or V(refused).
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
    allowed:
      description: Whether Basic Authentication is allowed, for all accounts in question.
      type: bool
      returned: always
    severity:
      description: V(deprecated), V(uncertain) where the state of two-factor authentication decides, or V(refused).
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
      description: What to do.
      type: str
      returned: always
    url:
      description: The vendor's page.
      type: str
      returned: always
  sample:
    "on": "2026-03-01"
    two_factor: enabled
    impact:
      - two_factor: [enabled]
        who: accounts whose two-factor authentication is enabled
        allowed: false
        severity: refused
        since: "2024-03-15"
        until: null
        reason: >-
          Basic Authentication is refused since 2024-03-15 for accounts with two-factor authentication, or since that
          happened if it was later.
sarif:
  description:
    - The findings and notes as a log of SARIF 2.1.0. Its rules are the kinds of findings; its levels are V(error) where
      a value stands in plain text, V(note) for what is commented out, and otherwise V(warning).
  returned: when O(sarif_root) is given, on success or failure because of what was found
  type: dict
  sample:
    version: 2.1.0
summary:
  description: All of it as lines for people to read.
  returned: success, or failure because of what was found
  type: list
  elements: str
  sample:
    - >-
      Basic Authentication for IONOS Cloud is configured in 1 place, and commented out in 0 places. Files examined: 42.
    - "/srv/ansible/group_vars/all.yml:3: ansible_variable: ionos_password (vaulted)"
"""

import datetime

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.audit import basic_auth_audit
from ansible_collections.tokenops.ionos.plugins.module_utils._modules.guard import guarded


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "path", "required": True},
            "exclude": {"type": "list", "elements": "str", "default": []},
            "two_factor": {
                "type": "str",
                "choices": ["disabled", "configuring", "enabled", "forced", "unknown"],
                "default": "unknown",
            },
            "date": {"type": "str", "aliases": ["on"]},
            "fail_on_findings": {"type": "bool", "default": False},
            "fail_on_unread": {"type": "bool", "default": False},
            "follow": {"type": "bool", "default": False},
            "max_file_size": {"type": "int", "default": 5242880},
            "max_files": {"type": "int", "default": 50000},
            "sarif_root": {"type": "path"},
        },
        supports_check_mode=True,
    )
    today = datetime.datetime.now(datetime.timezone.utc).date()
    result, failure = guarded(lambda: basic_auth_audit(module.params, today))
    if failure is not None:
        module.fail_json(msg=failure, **result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
