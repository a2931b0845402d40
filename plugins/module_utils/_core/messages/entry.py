# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an entry of the catalogue of messages is made of."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """What is wrong, and what to do; both are ``str.format`` templates over the facts."""

    problem: str
    remedy: str
