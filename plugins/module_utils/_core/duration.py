# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Durations as a user writes them: seconds, or weeks, days, hours, minutes and seconds."""

from __future__ import annotations

import re

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

SECONDS_BY_UNIT = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
MAXIMUM_DURATION = 10**11 - 1

_COMPOUND = re.compile("".join(rf"(?:(?P<{unit}>[0-9]{{1,9}}){unit})?" for unit in SECONDS_BY_UNIT))
_PLAIN_SECONDS = re.compile(r"[0-9]{1,11}")


def parse_duration(value: object, where: str) -> int:
    """Return the seconds that a duration stands for.

    :param value: a whole number of seconds (``int`` or digits), or a text such as ``30d``, ``12h`` or ``1h30m``:
        whole numbers with the units w, d, h, m and s, each at most once, the largest first.
    :param where: how the user names the option, for the message.
    :raises ConfigurationError: ``duration_unreadable`` for anything else. The value is not shown: it may be a
        secret that stands in the wrong place.
    """
    seconds = _seconds(value.strip() if isinstance(value, str) else value)
    if seconds is None or not 0 <= seconds <= MAXIMUM_DURATION:
        raise ConfigurationError("duration_unreadable", where=where)
    return seconds


def format_duration(seconds: int) -> str:
    """Return the text that :func:`parse_duration` reads back as ``seconds``, in days and smaller units: ``1h30m``.

    :param seconds: zero or more.
    """
    parts = []
    rest = seconds
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(rest, SECONDS_BY_UNIT[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def _seconds(value: object) -> int | None:
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    if not isinstance(value, str) or not value:
        return None
    if _PLAIN_SECONDS.fullmatch(value):
        return int(value)
    match = _COMPOUND.fullmatch(value)
    if match is None:
        return None
    return sum(int(match.group(unit) or 0) * seconds for unit, seconds in SECONDS_BY_UNIT.items())
