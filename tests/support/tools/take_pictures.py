# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take the picture of the report that the README and the guide show.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.take_pictures``. It needs Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.options import REPORT_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import write_report
from support.browser import NEEDED, find_browser, open_tab
from support.report_entries import NOW, showcase

PICTURE = Path(__file__).resolve().parents[3] / "docs" / "docsite" / "rst" / "images" / "report.png"
WIDTH = 1120
END_OF_PICTURE = """
document.getElementById("undeclared").getBoundingClientRect().top + scrollY - 24
"""


def main() -> None:
    """Write the picture."""
    browser = find_browser()
    if browser is None:
        sys.exit(NEEDED)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        arguments = check_arguments(REPORT_OPTIONS, {"directory": folder, **showcase()})
        page = Path(write_report(arguments, folder, NOW, check_mode=False).paths.page)
        with open_tab(browser, Path(folder) / "profile") as tab:
            tab.show(page, width=WIDTH, scripts=True, now=NOW)
            PICTURE.write_bytes(tab.screenshot(round(tab.evaluate(END_OF_PICTURE))))


if __name__ == "__main__":
    main()
