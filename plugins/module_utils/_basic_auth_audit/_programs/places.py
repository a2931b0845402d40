# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are in a program: lines, and the addresses that requests go to."""

from __future__ import annotations

import re
from bisect import bisect_left

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import (
    VendorHosts,
    addresses_any_host,
)

_SDK = re.compile(r"ionos[-_.]?cloud|ionos[-_.]?enterprise|profit_?bricks", re.IGNORECASE)
_PRODUCT = re.compile(r"ionos[-_. ]?(?:cloud|enterprise)|profit_?bricks|cloud\.ionos\.com", re.IGNORECASE)
# What SDKs begin with, until they are told an address.
_UNSET_HOST = re.compile(r"https?://localhost|\bDUMMY\w{0,20}\s?=")
_ONLY_A_VARIABLE = re.compile(r"https?://(?:[$#%]?\{|%s)")
_VENDOR = re.compile(r"ionos|profitbricks", re.IGNORECASE)


class Places:
    """Where things are in a program: lines, and the addresses that requests go to."""

    def __init__(self, lines: list[str], code: str, text: str, hosts: VendorHosts) -> None:
        self.has_sdk = _SDK.search(code) is not None
        self._is_about_vendor = self.has_sdk or _PRODUCT.search(text) is not None
        self._ends = [0]
        for line in lines:
            self._ends.append(self._ends[-1] + len(line) + 1)
        self._hosts = hosts
        has_address = hosts.are_in(code)
        self._addresses = [
            (number, hosts.are_in(line))
            for number, line in enumerate(lines, 1)
            if addresses_any_host(line)
            and not (self._is_about_vendor and _UNSET_HOST.search(line))
            and not (has_address and _ONLY_A_VARIABLE.search(line))
        ]
        self._of_vendor_only = bool(self._addresses) and all(is_vendors for _number, is_vendors in self._addresses)

    def line_of(self, position: int) -> int:
        """Return the number of the line that has a position in it."""
        return max(bisect_left(self._ends, position + 1), 1)

    def line_start(self, position: int) -> int:
        """Return where the line of a position begins."""
        return self._ends[self.line_of(position) - 1]

    def goes_to_vendor(self, text: str, position: int) -> bool:
        """Tell whether a request goes to the vendor's API, by what it is given or by the nearest address."""
        if addresses_any_host(text):
            return self._hosts.are_in(text)
        if _VENDOR.search(text) or self._of_vendor_only or self._hosts.are_named_in(text):
            return True
        if not self._addresses:
            return self._is_about_vendor
        number = self.line_of(position)
        index = bisect_left(self._addresses, (number, False))
        around = self._addresses[max(index - 1, 0) : index + 2]
        return min(around, key=lambda address: abs(address[0] - number))[1]
