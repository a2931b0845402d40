# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Auth API, the Cloud API's users and the Token Manager as a real HTTP or HTTPS server, for tests.

In Python
---------
The fixtures ``emulator`` and ``tls_emulator`` (``support.emulator_fixtures``) yield an :class:`EmulatorServer`: an
:class:`Emulator` with ``url``, ``auth_url``, ``cloud_url``, ``port``, ``ca_path``, ``fingerprint``. It is empty, ticks
with the machine's clock, and is gone after the test::

    def test_a_dropped_answer_still_mints(emulator):
        ann = emulator.add_user("ann@example.com", "secret-password", contracts=[31711111], role="owner")
        known, value = emulator.mint(ann, ttl=3600)  # arrange: past all rules but the quota
        emulator.faults.add("drop_after", "generate")  # the next generate
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{emulator.auth_url}/tokens/generate", headers={"Authorization": f"Bearer {value}"})
        [entry] = emulator.journal.entries("generate")
        assert (entry.handler_ran, entry.status) == (True, None)
        assert [token.id for token in emulator.tokens(ann)] == [known.id, *entry.minted]

- ``clock``: ``set("2024-03-15")``, ``advance(days=30)``, ``freeze()``, ``resume()``, ``now()``; the ``Date`` header
  shows it, shifted by ``date_header_skew`` (a ``timedelta``). Freeze it where a test compares seconds.
- ``add_user(name, password, contracts, two_factor, **fields of users.User)``: ``two_factor`` is ``disabled``,
  ``configuring``, ``enabled`` or ``forced`` and has held for long; ``dcd.set_two_factor(name, state, since)`` changes
  it from a date on.
- ``mint(user, contract, ttl, origin)`` -> (token, value); ``tokens(user)``; ``revoke(id)``; ``state`` for the rest.
- ``dcd``: ``signed_in(user).create_token("30d")`` -> (token, value) is a person in the Token Manager; ``sign_in`` and
  ``pass_second_factor`` are the single steps.
- ``settings``: quota, ``requests_per_second`` beyond which the answer is 429 (with ``Retry-After`` unless
  ``says_retry_after`` is off), Basic Auth after 2024, omitted claims, ``appearance_delay_seconds`` and
  ``..._requests``, and ``list_``, ``get_``, ``delete_`` and ``use_delay_seconds`` for lags of their own.
- ``faults.add(kind, operation, on_call=1, count=1, user=None, runs_handler=None, **options)``: the kinds and their
  options are the functions of ``emulator.faults``; operations are ``generate``, ``list``, ``get``, ``delete``,
  ``delete_by_criteria``, ``get_user``, ``any``. ``count=None`` lasts. A gateway page after the work was done is
  ``faults.add("gateway_page", "generate", status=504, runs_handler=True)``. Faults that hit the same call add up.
  Shapes that the published description allows are faults as well: ``success`` and ``no_content`` (another status and
  body of what was done), ``bare_refusal`` (a refusal without the vendor's error body), ``odd_entry`` (an entry of a
  list without some fields, or with an id that is no UUID), ``missing_fields`` (an answer without some fields),
  ``gzip`` (a body that nobody asked to compress).
- ``journal``: ``entries(operation)``, ``minted()``, ``deleted()``; never a secret in it. Equal ``connection`` means
  the same connection.

Without a server
----------------
The fixture ``offline_emulator`` (or ``Emulator()``) with ``emulator.in_memory.EmulatorAdapter``::

    adapter = EmulatorAdapter(offline_emulator)
    session.mount("https://", adapter)

The same faults raise the same exceptions; time passes on the emulator's clock only.

In playbooks and other programs
-------------------------------
``python -m emulator --port 0 [--tls] [--seed FILE] [--port-file FILE] [--clock ISO] [--parent-pid PID]`` (with
``tests`` on ``PYTHONPATH``) prints one line of JSON with ``url``, ``ca_path``, ``fingerprint``, and ends on SIGTERM or
with its parent. In a playbook a ``command`` with ``async`` and ``poll: 0`` starts it, ``wait_for`` waits for the port
file, and ``kill`` on its ``pid`` ends it. ``emulator.seed`` describes the seed file, ``emulator.control`` the endpoints
below ``/_emulator/`` and ``emulator.dcd_endpoints`` those below ``/_dcd/``. ``/openapi.json`` describes the vendor's
endpoints.

Where the vendor's page is silent
---------------------------------
Refused credentials of every kind: 401, also Basic Auth and API-minted tokens of 2FA accounts from 2024-03-15 on.
Generate and delete for those accounts: 403. Contract missing or wrong: 403. Quota reached: 403
(``settings.quota_status``). TTL, criteria or contract number unreadable or out of bounds: 422. ``CURRENT`` with Basic:
403. Tokens of others, and ids that are none: 404.
"""

from __future__ import annotations

from emulator.clock import Clock
from emulator.core import Emulator
from emulator.server import EmulatorServer

__all__ = ["Clock", "Emulator", "EmulatorServer"]
