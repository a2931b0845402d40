# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_notify
short_description: Tell a webhook when declared IONOS Cloud tokens begin and cease to need attention
version_added: 1.0.0
description:
  - Takes what M(tokenops.ionos.vaulted_tokens) returned and tells a webhook which tokens need a person's attention,
    each state once and not once a run.
  - The states are V(failed), the rotation failed. V(handoff_ending), only a person can create the next token and less
    than O(tokenops.ionos.vaulted_tokens#module:tokens[].fail_before) is left. V(handoff), only a person can, and there
    is time. V(out_of_sync), a replica could not be brought in line. V(unreachable), a replica could not be read, or the
    API did not answer. V(ok), the state that was told before is over.
  - A state counts as told once the webhook has accepted it with a status of 2xx. Where the webhook is down, the task
    does not fail; it warns, and the next run tells what is then still the case. A message may arrive twice, with the
    same RV(told[].id), where a run ended just after it was accepted.
  - What was told is kept in a file on the controller. It has to outlast the run, otherwise every run tells every state.
  - Only known fields are sent, and text that looks like a token is masked, so no secret goes out.
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
extends_documentation_fragment:
  - tokenops.ionos.attributes
  - tokenops.ionos.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Nothing is sent and nothing is written. RV(told) is what would be told.
  diff_mode:
    support: none
    details:
      - The result says what was told.
  idempotent:
    support: full
    details:
      - What was told is not told again.
  async:
    support: none
    details:
      - The action ends by itself after O(webhook.timeout).
  platform:
    details:
      - Runs on the controller only; the target is not connected to.
options:
  # BEGIN GENERATED rotation_notify options (make generate)
  tokens:
    description:
      - RV(tokenops.ionos.vaulted_tokens#module:tokens) as M(tokenops.ionos.vaulted_tokens)
        returned it.
      - The state of a token that is not in it, or that another run is at work on, stays as
        it was.
    type: list
    elements: dict
    required: true
  failure:
    description:
      - Message of a run that failed before it looked at any token, for example because the
        declaration is wrong. It is told as the state of the run itself.
    type: str
  source:
    description:
      - Which declaration the tokens are of. Tokens of the same name in two declarations are
        told apart by it.
      - The default is the name of the host that the task is for.
    type: str
  webhook:
    description:
      - The webhook that is told which tokens begin and cease to need attention, each state
        once. One that is down fails nothing; the task warns, and the next run tells it.
      - Without a webhook, what is returned as RV(told) counts as told, for tasks and handlers
        of your own.
    type: dict
    suboptions:
      url:
        description:
          - Address of the webhook. It is treated as a secret; messages show no more than its
            scheme, host and port.
          - Redirects are not followed.
        type: str
        required: true
      headers:
        description:
          - Further headers of the request, such as C(Authorization). Their values are treated
            as secrets.
        type: dict
        default: {}
      method:
        description:
          - Method of the request.
        type: str
        choices: [POST, PUT]
        default: POST
      timeout:
        description:
          - Seconds that one request may take in total, from 1 to 300. There is one request
            for every 100 states, and none after one that was not accepted.
        type: int
        default: 10
      validate_certs:
        description:
          - Whether the webhook's TLS certificate has to be trusted.
        type: bool
        default: true
      ca_path:
        description:
          - File or directory with the certificates of the authorities that are trusted, instead
            of the usual ones.
        type: path
      allow_plain_http:
        description:
          - Accept an address with C(http) on another machine than this one. Everybody on the
            way can then read it.
        type: bool
        default: false
      body_format:
        description:
          - With V(generic), the body is the JSON that the guide on notifications describes.
          - With V(slack) or V(mattermost), it is a message for an incoming webhook of these.
        type: str
        choices: [generic, slack, mattermost]
        default: generic
  state_file:
    description:
      - File on the controller that remembers what was told, as JSON. It is made with the mode
        0600. Its directory has to exist.
      - The default is a file for each O(source) in C(tokenops.ionos/notifications) in Ansible's
        home, C(~/.ansible).
      - In AWX and in execution environments, name one on a persistent path; otherwise every
        run tells every state.
      - Every webhook needs a file of its own.
      - A relative path starts at the playbook's folder, or at the working directory where the
        playbook is one of a collection.
    type: path
  state_in:
    description:
      - 'A place in a vault that remembers what was told, instead of a file, where no path outlives
        the job, as in AWX. It is written as O(tokenops.ionos.vaulted_tokens#module:tokens[].vault),
        such as C({in: bao, path: ionos/notifications}), and names a declared vault of the kind
        C(hashi_vault) or C(kubernetes_secret). Its key is C(notification_state) if it names
        none.'
      - What stands there tells no secret. Whoever writes it has to be allowed to read and to
        write the secret.
    type: dict
  vaults:
    description:
      - Declared vaults, as O(tokenops.ionos.vaulted_tokens#module:vaults), for O(state_in).
    type: list
    elements: dict
  # END GENERATED
seealso:
  - module: tokenops.ionos.vaulted_tokens
  - module: tokenops.ionos.rotation_report
"""

EXAMPLES = r"""
- name: Keep the declared tokens fresh
  tokenops.ionos.vaulted_tokens:
    vaults: "{{ token_rotation_vaults }}"
    tokens: "{{ token_rotation_tokens }}"
  register: rotation
  failed_when: false

- name: Tell a webhook what needs attention
  tokenops.ionos.rotation_notify:
    tokens: "{{ rotation.tokens }}"
    failure: "{{ rotation.msg if rotation.summary is not defined else omit }}"
    webhook:
      url: https://alerts.example.com/hooks/ionos
      headers:
        Authorization: "Bearer {{ alerts_token }}"
    state_file: /var/lib/ansible/ionos-notifications.json

- name: Tell a channel of Slack, with a state file of its own
  tokenops.ionos.rotation_notify:
    tokens: "{{ rotation.tokens }}"
    webhook:
      url: "{{ slack_webhook_url }}"
      body_format: slack
    state_file: /var/lib/ansible/ionos-notifications-slack.json
"""

RETURN = r"""
told:
  description:
    - What was told, or in check mode would be told, the most urgent first. No secret is in it.
  returned: always
  type: list
  elements: dict
  sample: []
  contains: &event
    id:
      description: Identifies the event; the same where it is told again.
      type: str
      returned: success
      sample: 5f0c2f0e6c1b4a7d9e3f8a2b1c0d4e5f
    source:
      description: The O(source).
      type: str
      returned: success
      sample: localhost
    account:
      description: Account of the token; null where the event is of the run itself.
      type: str
      returned: success
      sample: shop
    token:
      description: Name of the declared token; null where the event is of the run itself.
      type: str
      returned: success
      sample: external-dns
    state:
      description: V(failed), V(handoff_ending), V(handoff), V(out_of_sync), V(unreachable), or V(ok) where
        RV(told[].previous_state) is over.
      type: str
      returned: success
      sample: handoff
    status:
      description: Status of the token as M(tokenops.ionos.rotation_report) has it, which tells more than
        RV(told[].state); null where the event is of the run itself.
      type: str
      returned: success
      sample: handoff
    previous_state:
      description: The state that was told before; V(ok) where none was.
      type: str
      returned: success
      sample: ok
    since:
      description: When a run found the state for the first time, in UTC.
      type: str
      returned: success
      sample: "2026-03-24T12:00:00Z"
    deadline:
      description: When the current token expires, in UTC, where a person has to replace it; null where nobody has to,
        or where none that works is left.
      type: str
      returned: success
      sample: "2026-03-31T11:20:07Z"
    message:
      description: What is wrong and what to do; empty for V(ok).
      type: str
      returned: success
      sample: Only a person can create the next token; the current one expires at 2026-03-31T11:20:07Z.
    steps:
      description: What a person has to do, step by step.
      type: list
      elements: str
      returned: success
      sample: []
    error_codes:
      description: As in RV(tokenops.ionos.vaulted_tokens#module:tokens[].error_codes).
      type: list
      elements: str
      returned: success
      sample: []
pending:
  description:
    - What is still to be told, since the webhook did not accept it. The next run tells it.
  returned: always
  type: list
  elements: dict
  sample: []
  contains: *event
text:
  description: RV(told) as lines for a mail or a chat; empty where nothing was told.
  returned: always
  type: str
  sample: |-
    IONOS Cloud tokens (localhost): 1 in need of attention
    • external-dns of account shop: OUT OF SYNC. bao (secret/ionos/external-dns, key token) cannot be reached.
delivery_error:
  description: Why the webhook was not told and what to do; null where it was, or where there was nothing to tell.
  returned: success
  type: str
  sample: null
delivery_error_code:
  description: Name of that reason.
  returned: success
  type: str
  sample: null
error_code:
  description: Name of what is wrong with the arguments or with the state file.
  returned: failure
  type: str
  sample: notification_state_foreign
"""
