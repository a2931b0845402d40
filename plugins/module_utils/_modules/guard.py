# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps the exceptions of a module's work from being shown."""

from __future__ import annotations

import os
import traceback
from typing import Any, Callable, Dict, Optional, Tuple

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError

Outcome = Tuple[Dict[str, Any], Optional[str]]
"""A result, and the message that the module fails with or None."""


def guarded(work: Callable[[], Outcome]) -> Outcome:
    """Do a module's work and return its outcome.

    Nothing is raised, also if the module is told to stop: Python would show what was being handled at that moment, and
    that may quote anything. When this has returned, no exception is being handled any more.
    """
    try:
        return work()
    except TokenOpsError as error:
        return {}, str(error)
    except Exception as error:
        return {}, str(TokenOpsError("internal_error", kind=type(error).__name__, where=_place(error)))
    except BaseException:
        return {}, str(TokenOpsError("module_interrupted"))


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{os.path.basename(frame.filename)}:{frame.lineno}"
