# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bare scripts: Python, one session of requests, a pool of threads, and nothing that the task does not need.

They have no lock, no record, no overlap and no way back from an interruption: they show what the calls alone cost.
"""
