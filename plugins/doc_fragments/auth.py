# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options by which every module reaches the Auth API."""

from __future__ import annotations


class ModuleDocFragment:
    """Connection and credentials."""

    DOCUMENTATION = r"""
options:
  # BEGIN GENERATED connection options (make generate)
  api_url:
    description:
      - Address of the IONOS Cloud APIs, shared by all of them.
      - A path is cut off and a missing scheme means C(https), as the vendor's own client does
        it.
      - Plain C(http) is accepted for this machine only. A username or password in it is refused.
      - The environment variable E(IONOS_API_URL) is the fallback.
    type: str
    default: https://api.ionos.com
  username:
    description:
      - Name of the user, for Basic Authentication. Needs O(password).
      - Basic Authentication has ended; O(policy) says what happens with it. Use O(token).
      - The environment variable E(IONOS_USERNAME) is the fallback.
    type: str
  password:
    description:
      - Password of the user, for Basic Authentication. Needs O(username).
      - The environment variable E(IONOS_PASSWORD) is the fallback.
    type: str
  token:
    description:
      - Token that authenticates the requests. White space around it is cut off.
      - It takes precedence over O(username) and O(password) in the same place, and an option
        over the environment.
      - The environment variable E(IONOS_TOKEN) is the fallback.
    type: str
  contract_number:
    description:
      - Number of the contract. Users with several contracts need it with O(username) and O(password).
      - A token is bound to its contract, which is the default.
      - The environment variable E(IONOS_CONTRACT_NUMBER) is the fallback.
    type: int
  validate_certs:
    description:
      - Whether the server's TLS certificate has to be trusted.
      - Without it, only O(certificate_fingerprint) protects the credentials.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the certificates of the authorities that are trusted, instead
        of the usual ones.
    type: path
  certificate_fingerprint:
    description:
      - SHA-256 fingerprint of the server's TLS certificate, 64 hexadecimal digits, with or
        without colons.
      - Another certificate is refused.
      - The environment variables E(IONOS_CERTIFICATE_FINGERPRINT) and E(IONOS_PINNED_CERT)
        are the fallback.
    type: str
  timeout:
    description:
      - Seconds that one call to the API may take in total, with all its repetitions.
    type: int
    default: 60
  policy:
    description:
      - What happens with a request that the vendor's deprecation policy forbids.
      - With V(enforce) it is not sent, and the task fails with the rule, its date and what
        to do.
      - With V(warn) it is sent all the same, with a warning.
    type: str
    choices: [enforce, warn]
    default: enforce
  two_factor:
    description:
      - State of the two-factor authentication of the account, which the policy depends on.
      - V(auto) asks the Cloud API where it matters, at most once. Where that is not allowed,
        the state is unknown.
      - No API shows V(configuring), so it has to be said.
    type: str
    choices: [auto, disabled, configuring, enabled, forced]
    default: auto
  # END GENERATED
requirements:
  - python >= 3.8
  - requests
notes:
  - Messages, warnings and results contain no secret, except where a return value says so.
  - Task-level C(no_log) does not hide failure messages from ansible-core 2.19 on; it does not have to.
  - Secrets are options of the task, and callbacks see options. Where other people's callbacks run, give the credential
    by the environment.
seealso:
  - name: Deprecation of Basic Authentication
    description: The vendor's notice.
    link: https://docs.ionos.com/cloud/getting-started/basic-tutorials/deprecation-basic-authentication
  - name: IONOS Auth API
    description: The vendor's description of the API.
    link: https://api.ionos.com/docs/authentication/v1/
"""
