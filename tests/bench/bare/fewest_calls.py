# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m bench.bare.fewest_calls DECLARATION``: keep tokens fresh with as few calls as that takes.

Two for a look, to the vault and to the API. Five for a rotation: the vault is read, a token minted, asked for as
itself, written to the vault, and the previous one deleted.
"""

from __future__ import annotations

from typing import Any

from bench.bare.calls import Calls, declaration, side_by_side


def main() -> None:
    """Keep every declared token fresh."""
    declared = declaration()
    calls = Calls(declared)
    renew_now = frozenset(declared["renew_now"])
    issuers: dict[str, str] = {account["name"]: account["token"] for account in declared["accounts"]}

    def keep_fresh(token: dict[str, Any]) -> None:
        current = calls.read_secret(token["vault"]["path"])
        if current and token["name"] not in renew_now:
            calls.look_at(current, current)
            return
        minted = calls.mint(current or issuers[token["account"]])
        calls.look_at(minted, minted)
        calls.write_secret(token["vault"]["path"], token=minted)
        if current:
            calls.delete(current, minted)

    side_by_side(declared["workers"], keep_fresh, declared["tokens"])


if __name__ == "__main__":
    main()
