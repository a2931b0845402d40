# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put pip into an empty virtual environment without any download but that of packages by pip.

``ansible-test`` runs this in place of the bootstrap script that it would fetch from a server of its own. It passes what
that script takes: pip's own ``install`` arguments, and two switches that pip does not know.
"""

from __future__ import annotations

import subprocess
import sys

SWITCHES_OF_THE_ORIGINAL = {"--no-setuptools", "--no-wheel"}


def main() -> int:
    """Install pip, then the packages that the arguments name; return pip's exit status."""
    # In a process of its own: ensurepip hides pip's configuration from the process that it runs in.
    subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True)
    arguments = [argument for argument in sys.argv[1:] if argument not in SWITCHES_OF_THE_ORIGINAL]
    return subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
