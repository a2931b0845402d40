# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time: whole seconds since the epoch inside, ISO 8601 in UTC outside."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LATEST = 253402300799

_ISO_8601 = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?:[.,][0-9]{1,9})?"
    r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):?(?P<minutes>[0-5][0-9]))?"
)


def parse_instant(text: object) -> int | None:
    """Return the seconds since the epoch that an ISO 8601 date and time names, or None if it names none.

    Fractions are cut off and a missing zone means UTC, as the Auth API documents its dates.

    :param text: for example ``2026-03-01T12:00:00Z`` or ``2026-03-01T12:00:00.123+00:00``.
    """
    match = _ISO_8601.fullmatch(text.strip()) if isinstance(text, str) and len(text) <= 64 else None
    if match is None:
        return None
    try:
        moment = datetime.strptime(match.group("date") + "T" + match.group("time"), "%Y-%m-%dT%H:%M:%S").replace(
            tzinfo=timezone.utc
        )
    except ValueError:
        return None
    return _seconds(moment) - _offset(match)


def parse_date(text: object) -> int | None:
    """Return the first second of the day that ``YYYY-MM-DD`` names in UTC, or None if it names none."""
    return parse_instant(f"{text}T00:00:00Z") if isinstance(text, str) and len(text) == 10 else None


def parse_http_date(text: object) -> int | None:
    """Return the seconds since the epoch that an HTTP date (RFC 9110, section 5.6.7) names, or None."""
    if not isinstance(text, str) or len(text) > 64:
        return None
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone.utc)
        return _seconds(moment.astimezone(timezone.utc))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def format_instant(seconds: int) -> str:
    """Return ``2026-03-01T12:00:00Z`` for whole seconds since the epoch, cut to what the calendar holds."""
    bounded = min(max(seconds, 0), LATEST)
    return (EPOCH + timedelta(seconds=bounded)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def _offset(match: re.Match[str]) -> int:
    if match.group("sign") is None:
        return 0
    seconds = int(match.group("hours")) * 3600 + int(match.group("minutes")) * 60
    return -seconds if match.group("sign") == "-" else seconds
