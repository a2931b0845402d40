# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On what was measured, and how."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.contenders import TOKENS_OF_A_USER, WORKERS
from bench.servers import Servers
from bench.session import Choice


def about(servers: Servers, choice: Choice) -> dict[str, Any]:
    """Return machine, versions and settings as JSON can hold them."""
    return {
        "machine": {
            "cores": os.cpu_count(),
            "cpu": _cpu_model(),
            "memory_gib": _memory_gib(),
            "system": platform.system(),
        },
        "versions": {
            "Python": platform.python_version(),
            "ansible-core": version("ansible-core"),
            "requests": version("requests"),
            "hvac": version("hvac"),
            "OpenBao": servers.version_of_openbao(),
        },
        "workers": WORKERS,
        "tokens_of_a_user": TOKENS_OF_A_USER,
        "choice": asdict(choice),
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gib() -> float:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
