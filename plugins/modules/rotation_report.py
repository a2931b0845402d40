# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rotation_report
short_description: Show how the declared IONOS Cloud tokens stand, as a page, as JSON and as Prometheus metrics
version_added: 1.0.0
description:
  - Renders what M(tokenops.ionos.vaulted_tokens) returned, with O(tokenops.ionos.vaulted_tokens#module:with_accounts),
    into a directory on the controller.
  - C(report.html) is one page for people, without scripts and without any other file. It shows who has to act until
    when, every declared token on a time line, whether its vaults are in sync, and quota and policy of every account,
    worst first.
  - C(report.json) is the same for programs. Its schema is C(docs/schemas/report-1.schema.json) in this collection.
  - C(ionos_tokens.prom) is for Prometheus, by way of the textfile collector of node_exporter. Alert rules and a
    dashboard are in C(docs/monitoring) of this collection.
  - Only known fields are rendered, and text that looks like a token is masked, so no secret is in a report.
author:
  - Contributors to the tokenops.ionos collection (!UNKNOWN)
extends_documentation_fragment:
  - tokenops.ionos.attributes
  - tokenops.ionos.attributes.action_group
attributes:
  check_mode:
    support: full
    details:
      - Nothing is written. The result says whether the report would change.
  diff_mode:
    support: full
    details:
      - The diff is that of C(report.json), where something else than the time has changed.
  idempotent:
    support: full
    details:
      - The files are written in every run, since they say when the report was made, and an alert fires where that was
        too long ago. Where nothing but the time differs, the task is not changed.
  async:
    support: none
    details:
      - The action needs no time worth waiting for.
  platform:
    details:
      - Runs on the controller only; the target is not connected to.
options:
  # BEGIN GENERATED rotation_report options (make generate)
  directory:
    description:
      - Directory on the controller for C(report.html), C(report.json) and C(ionos_tokens.prom).
        It is made if only it is missing, and not the directory that it is in. Hosts with declarations
        of their own need one each.
      - Files of these names are replaced, each in one step, so that a reader sees the old one
        or the new one. New files get the mode 0644 less the umask; those that are there keep
        their mode.
      - A relative path starts at the playbook's folder, or at the working directory where the
        playbook is one of a collection.
    type: path
    default: ionos-report
  tokens:
    description:
      - RV(tokenops.ionos.vaulted_tokens#module:tokens) as M(tokenops.ionos.vaulted_tokens)
        returned it, also from check mode.
    type: list
    elements: dict
    required: true
  accounts:
    description:
      - RV(tokenops.ionos.vaulted_tokens#module:accounts) as M(tokenops.ionos.vaulted_tokens)
        returned it. Without it neither quota nor policy is shown, and tokens that only a person
        can renew are recognised only once they are due.
    type: list
    elements: dict
    default: []
  failure:
    description:
      - Message of a run that failed before it looked at any token, for example because the
        declaration is wrong.
      - The page then begins with it, and the metric C(ionos_tokens_last_run_success) is 0.
    type: str
  title:
    description:
      - Title of the page.
    type: str
    default: IONOS Cloud tokens
  outdated_after:
    description:
      - How long the page is good for, as a number of seconds or such as V(90m), V(26h) or V(8d).
        Once it is older, it says so itself in red, in a browser that runs its script; without,
        it says from when on.
      - 'Set it to how often the report is made, and an hour or two for a run that is late.
        The default is for a report a day: an hour for the day on which clocks are put back,
        and an hour for a run that is delayed.'
    type: str
    default: 26h
  metrics_file:
    description:
      - Path of the file of metrics, for example in the directory that the textfile collector
        of node_exporter reads. The default is C(ionos_tokens.prom) in O(directory).
      - Has to end in C(.prom), and its directory has to exist.
    type: path
  metrics_labels:
    description:
      - Labels to put on every metric, such as the team. Needed where several reports of one
        machine go to the same textfile collector.
    type: dict
    default: {}
  # END GENERATED
seealso:
  - module: tokenops.ionos.vaulted_tokens
"""

EXAMPLES = r"""
- name: Look at the declared tokens without changing anything
  tokenops.ionos.vaulted_tokens:
    vaults: "{{ token_rotation_vaults }}"
    tokens: "{{ token_rotation_tokens }}"
    with_accounts: true
  check_mode: true
  failed_when: false
  register: standing

- name: Show how they stand
  tokenops.ionos.rotation_report:
    directory: /var/www/reports/ionos
    tokens: "{{ standing.tokens }}"
    accounts: "{{ standing.accounts | default([]) }}"
    failure: "{{ standing.msg if standing.summary is not defined else omit }}"
    title: IONOS Cloud tokens of the shop
    metrics_file: /var/lib/prometheus/node-exporter/ionos_tokens.prom
    metrics_labels:
      team: shop
"""

RETURN = r"""
page:
  description: Path of C(report.html).
  returned: success
  type: str
  sample: /var/www/reports/ionos/report.html
document:
  description: Path of C(report.json).
  returned: success
  type: str
  sample: /var/www/reports/ionos/report.json
metrics:
  description: Path of the file of metrics.
  returned: success
  type: str
  sample: /var/lib/prometheus/node-exporter/ionos_tokens.prom
level:
  description:
    - How bad it is. V(critical), somebody has to act now. V(warning), somebody has to act soon. V(notice), something is
      under way. V(ok), everything is in order.
  returned: success
  type: str
  sample: ok
summary:
  description: How everything stands in two sentences, and where the page is.
  returned: success
  type: list
  elements: str
  sample: ["Everything is in order. 2 declared: 2 in order. Page: /var/www/reports/ionos/report.html"]
counts:
  description: How many tokens there are, and how many at each level.
  returned: success
  type: dict
  sample: {declared: 2, critical: 0, warning: 0, notice: 1, ok: 1}
  contains:
    declared:
      description: Tokens that are declared.
      type: int
      returned: success
      sample: 2
    critical:
      description: Tokens for which somebody has to act now.
      type: int
      returned: success
      sample: 0
    warning:
      description: Tokens for which somebody has to act soon.
      type: int
      returned: success
      sample: 0
    notice:
      description: Tokens for which something is under way.
      type: int
      returned: success
      sample: 1
    ok:
      description: Tokens that are in order.
      type: int
      returned: success
      sample: 1
error_code:
  description: Name of what is wrong.
  returned: failure
  type: str
  sample: report_directory_missing
"""
