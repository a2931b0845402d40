# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who runs this: the owner that an intent names, and whether an owner is provably dead (R13)."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job, Owner

_JOB_ID = re.compile(r"[0-9]{1,18}")


class ProcessTable:
    """The processes of this host, as Linux shows them.

    What cannot be proven counts as alive until its lease is over: on other systems, on other hosts, in another
    container's processes.

    :param environ: the environment of this process, in which AWX says which job it is.
    :param job_has_ended: tells whether a job of AWX certainly does not run any more.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        host_name: str | None = None,
        environ: Mapping[str, str] | None = None,
        job_has_ended: Callable[[Job], bool] = lambda job: False,
    ) -> None:
        self._root = root
        self._job_has_ended = job_has_ended
        self._job = job_of_awx(os.environ if environ is None else environ)
        machine_id = self._read("etc/machine-id").strip()
        self._knows_machine = bool(machine_id)
        machine = hashlib.sha256(machine_id.encode()).hexdigest()[:12]
        self._host = f"{host_name or socket.gethostname()}/{machine}"
        self._boot_id = self._read("proc/sys/kernel/random/boot_id").strip()
        self._namespace = self._link("proc/self/ns/pid")

    def this_process(self) -> Owner:
        """Return the owner that stands for the calling process."""
        process_id = os.getpid()
        return Owner(
            host=self._host,
            boot_id=f"{self._boot_id}/{self._namespace}",
            process_id=process_id,
            process_started_at=self._started_at(process_id) or 0,
            job=self._job,
        )

    def is_dead(self, owner: Owner) -> bool:
        """Tell whether ``owner`` certainly does not run any more: on this host, or as a job of this AWX."""
        return self._has_ended_here(owner) or self._has_ended_as_job(owner.job)

    def _has_ended_as_job(self, job: Job | None) -> bool:
        """Tell whether AWX, which is to be the one of this process, says that a job of it has ended."""
        if job is None or self._job is None or job == self._job or job.awx != self._job.awx:
            return False
        return self._job_has_ended(job)

    def _has_ended_here(self, owner: Owner) -> bool:
        boot_id, _separator, namespace = owner.boot_id.partition("/")
        if not (boot_id and namespace and self._boot_id and self._namespace):
            return False
        if boot_id != self._boot_id:
            return self._knows_machine and owner.host == self._host
        return namespace == self._namespace and not self._is_running(owner)

    def _is_running(self, owner: Owner) -> bool:
        started_at = self._started_at(owner.process_id)
        if started_at is None:
            return self._is_hidden(owner.process_id)
        return started_at == owner.process_started_at

    def _is_hidden(self, process_id: int) -> bool:
        # Other users' processes may be kept out of /proc; a signal still tells "not permitted" from "no such process".
        try:
            os.kill(process_id, 0)
        except PermissionError:
            return True
        except (OSError, OverflowError):
            pass
        return False

    def _started_at(self, process_id: int) -> int | None:
        # The command's name stands in parentheses and may hold anything, so fields are counted after the last one.
        fields = self._read(f"proc/{process_id}/stat").rpartition(")")[2].split()
        is_over = bool(fields) and fields[0] in "ZX"
        return int(fields[19]) if len(fields) > 19 and not is_over else None

    def _read(self, name: str) -> str:
        try:
            return (self._root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def _link(self, name: str) -> str:
        try:
            return os.readlink(self._root / name)
        except OSError:
            return ""


def job_of_awx(environ: Mapping[str, str]) -> Job | None:
    """Return the job of AWX that an environment belongs to, or None.

    AWX sets ``JOB_ID`` and ``AWX_HOST``, the address under which it is known.
    """
    number, address = environ.get("JOB_ID", ""), environ.get("AWX_HOST", "")
    try:
        awx = urlsplit(address if "//" in address else f"//{address}").netloc.rpartition("@")[2]
    except ValueError:
        awx = ""
    if not _JOB_ID.fullmatch(number) or not awx:
        return None
    return Job(int(number), awx[:255])
