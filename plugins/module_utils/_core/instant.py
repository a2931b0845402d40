# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Points in time: whole seconds since the epoch inside, ISO 8601 in UTC outside."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
LATEST = 253402300799

_ISO_8601 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,][0-9]{1,9})?"
    r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<hours>[01][0-9]|2[0-3]):?(?P<minutes>[0-5][0-9]))?"
)
# The form that servers have to send; whoever sends an obsolete one is understood too, only slower.
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST_DAY = EPOCH.toordinal()


def parse_instant(text: object) -> int | None:
    """Return the seconds since the epoch that an ISO 8601 date and time names, or None if it names none.

    Fractions are cut off and a missing zone means UTC, as the Auth API documents its dates.

    :param text: for example ``2026-03-01T12:00:00Z`` or ``2026-03-01T12:00:00.123+00:00``.
    """
    match = _ISO_8601.fullmatch(text.strip()) if isinstance(text, str) and len(text) <= 64 else None
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    seconds = _seconds_at(year, month, day, hour, minute, second)
    return None if seconds is None else seconds - _offset(match)


def parse_date(text: object) -> int | None:
    """Return the first second of the day that ``YYYY-MM-DD`` names in UTC, or None if it names none."""
    return parse_instant(f"{text}T00:00:00Z") if isinstance(text, str) and len(text) == 10 else None


def parse_http_date(text: object) -> int | None:
    """Return the seconds since the epoch that an HTTP date (RFC 9110, section 5.6.7) names, or None."""
    if not isinstance(text, str) or len(text) > 64:
        return None
    match = _HTTP_DATE.fullmatch(text)
    if match is not None:
        day, month, year, hour, minute, second = match.groups()
        return _seconds_at(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
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
    moment = EPOCH + timedelta(seconds=bounded)
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def _seconds_at(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    """Return the seconds since the epoch, or None if the calendar or the day has no such time."""
    if hour > 23 or minute > 59 or second > 59:
        return None
    try:
        days = date(year, month, day).toordinal() - _FIRST_DAY
    except ValueError:
        return None
    return days * 86400 + hour * 3600 + minute * 60 + second


def _offset(match: re.Match[str]) -> int:
    if match.group("sign") is None:
        return 0
    seconds = int(match.group("hours")) * 3600 + int(match.group("minutes")) * 60
    return -seconds if match.group("sign") == "-" else seconds
