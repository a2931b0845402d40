# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, beside what the usual playbook and bare scripts cost: ``make bench``.

Four contenders keep the same number of tokens fresh against the same servers, in turns. ``python -m bench --help``,
with ``tests`` and ``.cache`` on ``PYTHONPATH``, says what can be measured by itself.

- ``contenders``: what is started, and what each is given.
- ``bare``, ``ours.yml``, ``usual.yml``: what the contenders are.
- ``servers``, ``delaying_proxy``: what they talk to. Latency is added before both servers. The API has one process,
  since a task has one address for all of its accounts; the tables show how busy it is, so that a hold-up is seen.
- ``measured``, ``processes``: wall, CPU and memory of a process with all its children, CPU of the servers.
- ``session``: the order in which everything is run.
- ``results``, ``goals``, ``tables``, ``page``: figures, what is compared with them, and how people read them.
"""
