# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A duty as lines that a person acts on, the same on the console, in the message of a failure and in a notification."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import Duty
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import date_and_time


def duty_lines(duty: Duty) -> list[str]:
    """Return what to do and why, until when, and then each step with its number."""
    return [duty.text, *_until(duty), *numbered_steps(duty)]


def numbered_steps(duty: Duty) -> list[str]:
    """Return the steps alone, ``1. Sign in to the DCD``."""
    return [f"{number}. {step}" for number, step in enumerate(duty.steps, start=1)]


def _until(duty: Duty) -> list[str]:
    if duty.kind != "handoff" or duty.due_at is None:
        return []
    fails = f"; runs fail from {date_and_time(duty.fails_at)} on" if duty.fails_at is not None else ""
    return [f"Do it before {date_and_time(duty.due_at)}, when the current token ends{fails}."]
