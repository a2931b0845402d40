# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages about notifications."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.messages.entry import Entry

ENTRIES = {
    "webhook_url_invalid": Entry(
        "webhook.url is not the address of a webhook.",
        "Give it as https://host/path, without a username or password before the host; it is not shown, since it may "
        "be a secret.",
    ),
    "webhook_plain_http": Entry(
        "The webhook at {webhook} is http, which would show its address and what it is told to everybody on the way.",
        "Use https, or set webhook.allow_plain_http to true where the network in between is trusted.",
    ),
    "webhook_header_invalid": Entry(
        "webhook.headers has a name or a value that no HTTP header can have.",
        "Give names without spaces, and values that are ASCII texts on one line.",
    ),
    "webhook_header_reserved": Entry(
        "webhook.headers sets what the request sets itself: {names}.", "Take these headers out."
    ),
    "webhook_unreachable": Entry(
        "The webhook at {webhook} was not told: {problem}.",
        "Check its address, its certificate, and the network and proxy in between; the next run tells it again.",
    ),
    "webhook_redirected": Entry(
        "The webhook at {webhook} was not told: it redirects elsewhere (HTTP status {status}), which is not followed.",
        "Give the address that it redirects to as webhook.url; the next run tells it again.",
    ),
    "webhook_refused": Entry(
        "The webhook at {webhook} did not accept what it was told (HTTP status {status}).",
        "Check its address, webhook.headers and webhook.body_format; the next run tells it again.",
    ),
    "notification_state_unusable": Entry("What was told before is not known. {problem}", "{remedy}"),
    "notification_state_foreign": Entry(
        "{path} is not a state file of notifications, or it is damaged; it was left as it is and nothing was told.",
        "Restore it or name another one as state_file; without it, every state is told once more.",
    ),
    "notification_state_newer": Entry(
        "{path} is a state file that a later version of this collection wrote; nothing was told.",
        "Use that version of tokenops.ionos, or name another file as state_file.",
    ),
}
