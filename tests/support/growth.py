# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how the time of something grows with its input, which says the same on fast, slow and busy machines."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

FACTOR = 4
# Linear time grows by the factor, quadratic time by its square.
MAXIMUM_GROWTH = 2 * FACTOR
# Below this, caches and the collection of garbage matter more than the input.
MEASURABLE_SECONDS = 0.02
ATTEMPTS = 3


def grows_linearly(work: Callable[[Any], object], make: Callable[[int], Any], size: int) -> bool:
    """Tell whether the time that ``work`` takes grows with the size of its input and no faster.

    :param make: returns an input of a size.
    :param size: the smaller of the two sizes that are compared.
    """
    small, large = make(size), make(FACTOR * size)
    return any(
        _seconds(work, large) <= MAXIMUM_GROWTH * max(_seconds(work, small), MEASURABLE_SECONDS)
        for _attempt in range(ATTEMPTS)
    )


def _seconds(work: Callable[[Any], object], value: Any) -> float:
    start = time.process_time()
    work(value)
    return time.process_time() - start
