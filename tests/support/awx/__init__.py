# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWX 24.6.1 on loopback: it answers as a real one was recorded to, and is no kinder."""

from __future__ import annotations

from support.awx.server import AwxServer

__all__ = ["AwxServer"]
