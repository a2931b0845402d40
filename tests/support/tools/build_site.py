# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the site: the reference of every plugin and of the role, the guides, the decisions, and a page to start from.

Usage: ``python build_site.py DIRECTORY``, in an environment with ``requirements-docs.txt``, and with the collection on
Ansible's path. The pages are in ``DIRECTORY/html``. A warning of Sphinx fails.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OURS = ROOT / "tests/site"
GUIDES = ROOT / "docs/docsite/rst"
DECISIONS = ROOT / "docs/decisions"
# Figures of the start page, and how the page of guarantees says each of them.
FIGURES = {"failures": r"(\d+) runs with a failure", "kills": r"(\d+) kills"}


def write_sources(directory: Path) -> Path:
    """Write what Sphinx reads; return its folder."""
    source = directory / "source"
    shutil.rmtree(source, ignore_errors=True)
    # antsibull-docs wants a folder that nobody else can write to.
    source.mkdir(parents=True, mode=0o755)
    command = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--no-indexes"]
    subprocess.run([*command, "--dest-dir", str(source), "tokenops.ionos"], check=True)
    shutil.copytree(GUIDES / "images", source / "docsite/images", dirs_exist_ok=True)
    shutil.copytree(OURS, source, dirs_exist_ok=True)
    start_page = _with_figures((OURS / "index.rst").read_text(encoding="utf-8"))
    start_page = start_page.replace("@plugins@", "\n   ".join(_reference(source)))
    (source / "index.rst").write_text(start_page, encoding="utf-8")
    shutil.copytree(DECISIONS, source / "decisions")
    (source / "decisions/index.md").write_text(_index_of_decisions(), encoding="utf-8")
    return source


def _reference(source: Path) -> list[str]:
    """Return an entry of the menu for each page about a plugin or a role; their own titles are too long for it."""
    names = [path.stem for kind in ("role", "module", "lookup") for path in sorted(source.glob(f"*_{kind}.rst"))]
    return [f"{name.rpartition('_')[0]} ({name.rpartition('_')[2]}) <{name}>" for name in names]


def _with_figures(text: str) -> str:
    """Return the start page with the figures that the page of guarantees tells."""
    guarantees = (GUIDES / "guide_guarantees.rst").read_text(encoding="utf-8")
    for name, pattern in FIGURES.items():
        found = re.search(pattern, guarantees)
        if found is None:
            raise SystemExit(f"The page of guarantees does not tell the figure {name} any more; correct FIGURES.")
        text = text.replace(f"@{name}@", found[1])
    return text


def _index_of_decisions() -> str:
    names = [path.stem for path in sorted(DECISIONS.glob("*.md"))]
    introduction = "Why things are as they are, where that was not obvious."
    return "\n".join(["# Decisions", "", introduction, "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""])


def main() -> int:
    """Build; return the exit status."""
    directory = Path(sys.argv[1]).resolve()
    source, pages = write_sources(directory), directory / "html"
    shutil.rmtree(pages, ignore_errors=True)
    command = ["sphinx-build", "-W", "--keep-going", "--quiet", "-b", "html", "-d", str(directory / "doctrees")]
    built = subprocess.run([*command, str(source), str(pages)], check=False)
    if built.returncode == 0:
        print(f"The site is in {pages}/index.html")
    return built.returncode


if __name__ == "__main__":
    sys.exit(main())
