# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version of this collection, as ``galaxy.yml`` has it, for the user agent."""

from __future__ import annotations

VERSION = "1.0.0"
USER_AGENT = f"tokenops.ionos/{VERSION}"
