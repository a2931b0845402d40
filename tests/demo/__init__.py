# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job shown with real programs: ``ansible-playbook``, OpenBao, and the emulator in place of the Auth API."""

from __future__ import annotations
