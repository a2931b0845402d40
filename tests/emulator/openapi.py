# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI description of the vendor's endpoints."""

from __future__ import annotations

from typing import Any


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI 3 document."""
    return {"openapi": "3.0.3", "info": {"title": "Auth API", "version": "1"}, "paths": {}}
