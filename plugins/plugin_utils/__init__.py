# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs on the controller.

Before any of it is loaded, an older Ansible or Python is told what is needed, instead of failing on the first thing
that it does not know. So nothing newer than Python 3.8 may stand here.
"""

from __future__ import annotations

import re
import sys

from ansible.errors import AnsibleError
from ansible.release import __version__ as ansible_version

OLDEST_ANSIBLE = (2, 18)
OLDEST_PYTHON = (3, 11)


def require_supported(ansible: str, python: tuple[int, int]) -> None:
    """Return if the collection runs here.

    :param ansible: version of ansible-core, such as ``2.18.1rc1``.
    :param python: major and minor version of the controller's Python.
    :raises AnsibleError: for anything older; a version that cannot be read counts as new.
    """
    found = re.match(r"(\d+)\.(\d+)", ansible)
    is_old = found is not None and (int(found[1]), int(found[2])) < OLDEST_ANSIBLE
    if is_old or python < OLDEST_PYTHON:
        raise AnsibleError(
            "tokenops.ionos needs ansible-core {}.{} or newer on Python {}.{} or newer, and this is ansible-core {} on "
            "Python {}.{}. Install a newer ansible-core; in AWX, give the job template an execution environment with "
            "it: the collection's folder execution-environment describes one.".format(
                *OLDEST_ANSIBLE, *OLDEST_PYTHON, ansible, *python
            )
        )


require_supported(ansible_version, sys.version_info[:2])
