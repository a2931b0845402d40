# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit finds in one text, format by format, and what it leaves alone."""

from __future__ import annotations

import json
import textwrap
from typing import ClassVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit import tree
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.comments import Comment, separate_hcl
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import KINDS, NOTES, storage_of
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.names import Names, VendorHosts
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.text import audit_text
from support.growth import grows_linearly

CANARY = "hunter2-hunter2"


def places(path, text, **names):
    """Return what is found: line, kind, setting, and how the value stands there."""
    found = audit_text(path, textwrap.dedent(text), Names(**{key: frozenset(value) for key, value in names.items()}))
    return [
        (finding.line, finding.kind, finding.setting, "commented" if finding.commented else finding.stored_as)
        for finding in found.findings
    ]


def kinds(path, text):
    return [(line, kind) for line, kind, _setting, _stored_as in places(path, text)]


class TestPlaybooks:
    def test_options_of_a_module_of_the_vendors_collection(self):
        assert places(
            "site.yml",
            """\
            - hosts: localhost
              tasks:
                - ionoscloudsdk.ionoscloud.server:
                    name: web
                    username: "{{ cloud_user }}"
                    password: !vault |
                      $ANSIBLE_VAULT;1.1;AES256
                      6162
                    subscription_password: hunter2-hunter2
            """,
        ) == [
            (5, "vendor_module", "ionoscloudsdk.ionoscloud.server: username", "reference"),
            (6, "vendor_module", "ionoscloudsdk.ionoscloud.server: password", "vaulted"),
            (9, "vendor_module", "ionoscloudsdk.ionoscloud.server: subscription_password", "plain"),
        ]

    @pytest.mark.parametrize("group", ["ionoscloudsdk.ionoscloud.lan", "group/ionoscloudsdk.ionoscloud.all"])
    def test_module_defaults(self, group):
        text = f"- hosts: localhost\n  module_defaults:\n    {group}:\n      password: {CANARY}\n"
        assert places("site.yml", text) == [(4, "vendor_module_defaults", f"{group}: password", "plain")]

    def test_options_that_a_merge_key_brings(self):
        text = """\
            - hosts: localhost
              vars:
                auth: &auth
                  username: hunter2-hunter2
              tasks:
                - ionoscloudsdk.ionoscloud.lan: {<<: *auth, name: x}
            """
        assert kinds("site.yml", text) == [(4, "vendor_module")]

    @pytest.mark.parametrize(
        "task",
        [
            "ionoscloudsdk.ionoscloud.lan: name=x password=hunter2-hunter2",
            "local_action: ionoscloudsdk.ionoscloud.lan name=x password=hunter2-hunter2",
            "local_action: {module: ionoscloudsdk.ionoscloud.lan, password: hunter2-hunter2}",
            "{ionoscloudsdk.ionoscloud.lan: , args: {password: hunter2-hunter2}}",
        ],
    )
    def test_other_ways_to_write_a_task(self, task):
        assert places("tasks/main.yml", f"- {task}\n") == [
            (1, "vendor_module", "ionoscloudsdk.ionoscloud.lan: password", "plain")
        ]

    def test_a_bare_name_where_the_play_lists_the_collection(self):
        play = """\
            - hosts: localhost
              collections: [{collection}]
              tasks:
                - datacenter: {{name: x, username: u, password: p}}
                - user: {{name: ionos, password: p}}
            """
        assert len(places("site.yml", play.format(collection="ionoscloudsdk.ionoscloud"))) == 2
        assert places("site.yml", play.format(collection="other.ionos")) == []

    def test_a_token_is_what_it_should_be(self):
        assert places("site.yml", '- ionoscloudsdk.ionoscloud.server: {name: x, token: "{{ ionos_token }}"}\n') == []

    def test_a_password_further_down_belongs_to_something_else(self):
        text = "- ionoscloudsdk.ionoscloud.pg_cluster: {credentials: {username: a, password: b}}\n"
        assert places("site.yml", text) == []

    @pytest.mark.parametrize("module", ["uri", "ansible.builtin.uri"])
    @pytest.mark.parametrize(
        ("option", "value"),
        [("url_username", "a"), ("url_password", "b"), ("force_basic_auth", "true")],
    )
    def test_requests_by_uri_to_the_vendor_only(self, module, option, value):
        task = f"- {module}: {{url: 'https://%s/x', {option}: {value}}}\n"
        assert kinds("site.yml", task % "api.ionos.com") == [(1, "http_task")]
        assert places("site.yml", task % "api.example.com/ionos") == []

    def test_a_basic_header_of_uri(self):
        text = """\
            - uri:
                url: https://api.ionos.com/x
                headers:
                  Authorization: "Basic {{ (user ~ ':' ~ pass) | b64encode }}"
            - uri:
                url: https://api.ionos.com/x
                headers:
                  Authorization: "Bearer {{ token }}"
            """
        assert places("site.yml", text) == [(4, "http_task", "uri: Authorization", "reference")]

    def test_the_environment_of_a_play(self):
        text = """\
            - hosts: localhost
              environment:
                IONOS_USERNAME: ann@example.com
                IONOS_PASSWORD: "{{ vaulted_secret }}"
                IONOS_TOKEN: x
            """
        assert places("site.yml", text) == [
            (3, "environment_variable", "IONOS_USERNAME", "plain"),
            (4, "environment_variable", "IONOS_PASSWORD", "reference"),
        ]

    def test_a_script_in_a_task_with_the_line_of_the_command(self):
        text = """\
            - ansible.builtin.shell: |
                set -e
                # curl -u a:b https://api.ionos.com/old
                curl -s -u a:b https://example.com/
                curl -s \\
                  -u "$WHO" https://api.ionos.com/x
            - ansible.builtin.command:
                argv: [curl, --user, "a:b", "https://api.ionos.com/x"]
            """
        assert places("site.yml", text) == [
            (3, "http_command", "curl --user", "commented"),
            (5, "http_command", "curl --user", "reference"),
            (8, "http_command", "curl --user", "plain"),
        ]

    def test_a_lookup_of_the_environment(self):
        text = "- debug: {msg: \"{{ lookup('ansible.builtin.env', 'IONOS_PASSWORD') }}\"}\n"
        assert kinds("site.yml", text) == [(1, "environment_use")]

    def test_a_task_that_is_commented_out(self):
        text = """\
            - hosts: localhost
              tasks:
                # - ionoscloudsdk.ionoscloud.lan:
                #     password: hunter2-hunter2
                - ansible.builtin.debug:
            """
        assert places("site.yml", text) == [(4, "vendor_module", "ionoscloudsdk.ionoscloud.lan: password", "commented")]


class TestVariables:
    def test_variables_are_known_by_their_names(self):
        text = """\
            ionos_username: ann@example.com
            ionos_password: !vault |
              $ANSIBLE_VAULT;1.1;AES256
              6162
            vault_ionos_password: "{{ other }}"
            ionos_token: x
            ionos_password_empty: ""
            ionos_user_count: 3
            """
        assert places("group_vars/all", text) == [
            (1, "ansible_variable", "ionos_username", "plain"),
            (2, "ansible_variable", "ionos_password", "vaulted"),
            (5, "ansible_variable", "vault_ionos_password", "reference"),
        ]

    def test_names_that_other_files_use(self):
        text = "cloud_user: hunter2-hunter2\nservices:\n  web: {cloud_user: root}\n"
        assert places("group_vars/all.yml", text, ansible=["cloud_user"]) == [
            (1, "ansible_variable", "cloud_user", "plain")
        ]

    def test_names_are_learned_from_what_uses_them(self):
        text = """\
            - hosts: localhost
              vars: {ionos_user: "{{ from_variable }}"}
              environment: {IONOS_PASSWORD: "{{ from_environment }}"}
              tasks:
                - ionoscloudsdk.ionoscloud.lan: {password: "{{ from_module | default(omit) }}"}
            """
        learned = audit_text("site.yml", textwrap.dedent(text)).names.ansible
        assert learned == {"from_variable", "from_environment", "from_module"}

    def test_an_inventory_in_ini_form(self):
        text = """\
            [all:vars]
            ionos_password=hunter2-hunter2
            cloud_user=x
            web1 ansible_host=10.0.0.1 ionos_username=a
            """
        assert places("inventory", text, ansible=["cloud_user"]) == [
            (2, "ansible_variable", "ionos_password", "plain"),
            (3, "ansible_variable", "cloud_user", "plain"),
            (4, "ansible_variable", "ionos_username", "plain"),
        ]

    def test_the_settings_of_the_vendors_inventory_script(self):
        text = "[other]\npassword = x\n[ionos]\nusername = a\npassword =\n"
        assert places("inventory.ini", text) == [(4, "vendor_inventory", "username", "plain")]

    def test_a_specification_of_options_sets_nothing(self):
        text = "argument_specs: {main: {options: {ionos_password: {type: str, no_log: true}}}}\n"
        assert places("meta/argument_specs.yml", text) == []

    def test_a_prompt(self):
        text = "- hosts: localhost\n  vars_prompt:\n    - name: ionos_password\n      private: true\n"
        assert kinds("site.yml", text) == [(3, "ansible_variable")]


class TestEnvironment:
    @pytest.mark.parametrize(
        ("path", "line", "stored_as"),
        [
            (".env", "IONOS_PASSWORD=hunter2-hunter2", "plain"),
            (".env", "IONOS_PASSWORD='hunter2-hunter2' # the old one", "plain"),
            ("run.sh", "export IONOS_PASSWORD=$(pass ionos)", "reference"),
            ("run.sh", "export IONOS_PASSWORD", "reference"),
            ("run.sh", 'docker run -e IONOS_PASSWORD -e X="y" image', "reference"),
            ("run.sh", "docker run --env=IONOS_PASSWORD=hunter2-hunter2 image", "plain"),
            ("run.fish", "set -gx IONOS_PASSWORD hunter2-hunter2", "reference"),
            ("run.ps1", '$env:IONOS_PASSWORD = "hunter2-hunter2"', "plain"),
            ("Dockerfile", "ENV IONOS_PASSWORD hunter2-hunter2", "plain"),
            ("Dockerfile", "ARG IONOS_PASSWORD", "reference"),
            ("compose.yaml", "      - IONOS_PASSWORD", "reference"),
            ("compose.yaml", "      IONOS_PASSWORD:", "reference"),
            ("compose.yaml", "      - IONOS_PASSWORD=hunter2-hunter2", "plain"),
            ("ci.yml", "  IONOS_PASSWORD: ${{ secrets.IONOS_PASSWORD }}", "reference"),
            ("x.service", 'Environment="A=b" "IONOS_PASSWORD=hunter2-hunter2"', "plain"),
            ("x.service", "PassEnvironment=HOME IONOS_PASSWORD", "reference"),
            ("secret.json", '{"data": {"IONOS_PASSWORD": "aHVudGVyMg=="}}', "plain"),
        ],
    )
    def test_it_is_set_or_passed_on(self, path, line, stored_as):
        assert places(path, line + "\n") == [(1, "environment_variable", "IONOS_PASSWORD", stored_as)]

    def test_a_pod_names_it_and_gives_the_value_below(self):
        text = """\
            env:
              - name: IONOS_USERNAME
                value: ann@example.com
              - name: IONOS_PASSWORD
                valueFrom: {secretKeyRef: {name: ionos}}
            """
        assert places("pod.yaml", text) == [
            (2, "environment_variable", "IONOS_USERNAME", "plain"),
            (4, "environment_variable", "IONOS_PASSWORD", "reference"),
        ]

    @pytest.mark.parametrize(
        "line",
        [
            'p = os.environ["IONOS_PASSWORD"]',
            'test -n "$IONOS_PASSWORD"',
            "${IONOS_PASSWORD:?missing}",
            "%IONOS_PASSWORD%",
        ],
    )
    def test_it_is_used(self, line):
        assert places("x.py", line + "\n") == [(1, "environment_use", "IONOS_PASSWORD", "reference")]

    @pytest.mark.parametrize(
        "line",
        [
            "IONOS_PASSWORD=",
            'IONOS_PASSWORD=""',
            "unset IONOS_PASSWORD",
            "echo Do not use IONOS_PASSWORD any more",
            "MY_IONOS_PASSWORDS=x",
            "IONOS_TOKEN=x",
            "OTHER_PASSWORD=ionos",
        ],
    )
    def test_it_is_neither(self, line):
        assert places(".env", line + "\n") == []

    def test_comments(self):
        text = "# IONOS_PASSWORD=x\nIONOS_TOKEN=y # IONOS_USERNAME=z\nX='# IONOS_PASSWORD=not a comment'\n"
        assert [(line, stored_as) for line, _kind, _setting, stored_as in places(".env", text)] == [
            (1, "commented"),
            (2, "commented"),
            (3, "plain"),
        ]


class TestTerraform:
    def test_the_provider_block_of_the_vendor_only(self):
        text = """\
            provider "ionoscloud" {
              username = var.cloud_user
              password = "hunter2-hunter2"
            }
            provider "other" {
              username = "ionos"
            }
            provider "ionoscloud" { password = "x" }
            provider "ionoscloud" {
              # password = "x"
              token = var.ionos_token
            }
            resource "ionoscloud_pg_cluster" "x" {
              credentials {
                username = "a"
                password = "b"
              }
            }
            """
        found = audit_text("main.tf", textwrap.dedent(text))
        assert [(finding.line, finding.setting, finding.stored_as) for finding in found.findings] == [
            (2, "username", "reference"),
            (3, "password", "plain"),
            (8, "password", "plain"),
        ]
        assert found.names.terraform == {"cloud_user"}

    def test_a_block_that_is_commented_out(self):
        text = (
            '# provider "ionoscloud" {\n#   password = "x"\n# }\n/*\nprovider "ionoscloud" {\n  password = "x"\n}\n*/\n'
        )
        assert [(line, stored_as) for line, _kind, _setting, stored_as in places("main.tf", text)] == [
            (2, "commented"),
            (6, "commented"),
        ]

    def test_variables_by_name_and_by_use(self):
        text = 'variable "ionos_password" {\n  default = "x"\n}\nvariable "cloud_user" {}\nvariable "region" {}\n'
        assert places("variables.tf", text, terraform=["cloud_user"]) == [
            (1, "terraform_variable", "ionos_password", "plain"),
            (4, "terraform_variable", "cloud_user", "reference"),
        ]
        values = 'ionos_username = "x"\ncloud_user = "y"\nregion = "ionos"\nionos_password = ""\n'
        assert places("prod.auto.tfvars", values, terraform=["cloud_user"]) == [
            (1, "terraform_variable", "ionos_username", "plain"),
            (2, "terraform_variable", "cloud_user", "plain"),
        ]

    def test_a_heredoc_is_no_configuration(self):
        text = 'x = <<-EOT\n  provider "ionoscloud" {\n    password = "y"\n  }\n  EOT\nionos_password = "z"\n'
        assert [line for line, _kind in kinds("x.tfvars", text)] == [6]

    def test_the_json_syntax(self):
        text = json.dumps(
            {
                "provider": {"ionoscloud": [{"username": "${var.who}", "password": CANARY}]},
                "variable": {"ionos_password": {"type": "string"}},
            }
        )
        found = audit_text("main.tf.json", text)
        assert {(finding.kind, finding.setting) for finding in found.findings} == {
            ("terraform_provider", "username"),
            ("terraform_provider", "password"),
            ("terraform_variable", "ionos_password"),
        }
        assert found.names.terraform == {"who"}

    def test_variables_in_the_environment(self):
        text = "export TF_VAR_ionos_password=x\nTF_VAR_cloud_user=y\nTF_VAR_region=ionos\n"
        assert [line for line, *_rest in places("run.sh", text, terraform=["cloud_user"])] == [1, 2]


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "setting"),
        [
            ('curl -u "$U:$P" {url}', "curl --user"),
            ("curl -sSfu a:b {url}", "curl --user"),
            ("curl -ua:b {url}", "curl --user"),
            ("curl {url} --user=a:b", "curl --user"),
            ("curl --basic {url}", "curl --basic"),
            ("curl -n {url}", "curl --netrc"),
            ("curl -H 'Authorization: Basic abc' {url}", "curl Authorization: Basic"),
            ("/usr/bin/curl -u {{{{ user }}}}:{{{{ pass | trim }}}} {url}", "curl --user"),
            ('R="$(curl -u a:b "{url}" | jq .)"', "curl --user"),
            ("bash -c 'curl -u a:b {url}'", "curl --user"),
            ('curl -H "X: $(curl -u a:b {url})" https://example.com', "curl --user"),
            ("curl -u me:$(cat pw) {url}", "curl --user"),
            ("wget --user=a --password=b {url}", "wget --user"),
            ("http -a a:b GET {url}", "http -a"),
            ("https --auth a:b {url}", "https --auth"),
        ],
    )
    def test_username_and_password_for_the_vendors_hosts_only(self, command, setting):
        assert [place[1:3] for place in places("x.sh", command.format(url="https://api.ionos.com/x") + "\n")] == [
            ("http_command", setting)
        ]
        assert places("x.sh", "IONOS=1 " + command.format(url="https://api.example.com/x") + "\n") == []

    @pytest.mark.parametrize(
        "command",
        [
            'curl -H "Authorization: Bearer $IONOS_TOKEN" https://api.ionos.com/x',
            "curl -XPUT -ofu -d u https://api.ionos.com/x",
            "http -A bearer -a token https://api.ionos.com/x",
            "curl -u a:b https://example.com; curl https://api.ionos.com/x",
            "curl -u a:b https://api.hosting.ionos.com/dns",
            "curl -u a:b https://team.cr.de-fra.ionos.com/v2/",
            "curl -u a:b https://api.ionos.com.example.org/",
            "ionosctl login --token x",
            "ionosctl server list --user-data ionos",
        ],
    )
    def test_what_is_no_basic_authentication_of_the_vendor(self, command):
        assert places("x.sh", command + "\n") == []

    @pytest.mark.parametrize("host", ["api.ionos.com", "dns.de-fra.ionos.com", "API.IONOS.COM", "api.ionos.com:443"])
    def test_hosts_of_the_vendor(self, host):
        assert VendorHosts("").are_in(f"https://{host}/x")

    def test_an_address_in_a_variable(self):
        text = 'API="https://api.ionos.com"\ncurl -u a:b "$API/x"\ncurl -u a:b "$OTHER/x"\ncurl -u a:b $IONOS_API_URL\n'
        assert [line for line, _kind in kinds("x.sh", text)] == [2, 4]

    @pytest.mark.parametrize("command", ["ionosctl login --user a --password b", "ionosctl config login -p b --user a"])
    def test_ionosctl_login(self, command):
        assert kinds("x.sh", command + "\n") == [(1, "ionosctl_login")]

    def test_a_command_covers_the_variables_that_it_uses(self):
        text = 'curl \\\n  -u "$IONOS_USERNAME:$IONOS_PASSWORD" \\\n  https://api.ionos.com\necho $IONOS_USERNAME\n'
        assert kinds("x.sh", text) == [(1, "http_command"), (4, "environment_use")]

    def test_other_ways_to_authenticate(self):
        text = """\
            open("https://ann:hunter2@api.ionos.com/x")
            headers = {"Authorization": f"Basic {encoded}"}
            get("https://api.ionos.com", headers=headers)
            """
        assert kinds("x.py", text) == [(1, "url_userinfo"), (2, "authorization_header")]
        assert places("x.py", 'h = {"Authorization": "Basic x"}\nget("https://example.com", "ionos")\n') == []

    def test_netrc(self):
        text = "machine example.com login ionos password x\nmachine api.ionos.com\n  login a\n  password b\n"
        assert kinds(".netrc", text) == [(2, "netrc")]


class TestClients:
    PROFILES = """\
        version: 1.0
        currentProfile: user
        profiles:
          - name: user
            credentials:
              username: ann@example.com
              password: hunter2-hunter2
          - name: other
            credentials: {token: x, username: ""}
        """

    @pytest.mark.parametrize("path", ["/home/ann/.ionos/config", "elsewhere.yaml"])
    def test_profiles_of_the_configuration_file(self, path):
        assert places(path, self.PROFILES) == [
            (6, "ionos_config", "profile 1: username", "plain"),
            (7, "ionos_config", "profile 1: password", "plain"),
        ]

    def test_profiles_of_something_else(self):
        assert places("x.yml", "ionos: 1\nprofiles: [{credentials: {username: a, password: b}}]\n") == []

    def test_the_older_file_of_ionosctl(self):
        text = json.dumps({"userdata.name": "a", "userdata.password": CANARY, "userdata.token": "x"}, indent=2)
        assert places("config.json", text) == [
            (2, "ionosctl_config", "userdata.name", "plain"),
            (3, "ionosctl_config", "userdata.password", "plain"),
        ]


class TestAwx:
    def credential(self, kind, **inputs):
        return {"id": 5, "type": "credential", "name": "x", "inputs": inputs, **kind}

    OF_THE_API: ClassVar = {
        "credential_type": 32,
        "summary_fields": {"credential_type": {"id": 32, "name": "IONOS Cloud"}},
    }
    OF_AN_EXPORT: ClassVar = {"credential_type": {"name": "IONOS Cloud", "kind": "cloud", "type": "credential_type"}}
    OF_A_MODULE: ClassVar = {"credential_type": "IONOS Cloud"}
    MACHINE: ClassVar = {"credential_type": {"name": "Machine", "kind": "ssh"}}

    @pytest.mark.parametrize("kind", [OF_THE_API, OF_AN_EXPORT, OF_A_MODULE])
    def test_credentials_of_a_type_named_after_the_vendor(self, kind):
        export = {"credentials": [self.credential(kind, username="ann", password="$encrypted$", token="$encrypted$")]}
        assert [place[1:] for place in places("export.json", json.dumps(export))] == [
            ("awx_credential", "credential 1: username", "plain"),
            ("awx_credential", "credential 1: password", "encrypted"),
        ]

    def test_a_secret_that_an_export_leaves_out_is_known_by_its_name(self):
        export = {"results": [self.credential(self.OF_AN_EXPORT, password="")]}
        assert places("export.json", json.dumps(export, indent=1))[0][3] == "encrypted"

    def test_credentials_of_other_types(self):
        export = {"credentials": [self.credential(self.MACHINE, username="ionos", password="")]}
        assert places("export.json", json.dumps(export)) == []

    def test_a_type_that_injects_them_marks_its_credentials_in_every_file(self):
        kind = {"name": "Cloud login", "injectors": {"env": {"IONOS_USERNAME": "{{ user }}"}}, "inputs": {"fields": []}}
        found = audit_text("types.json", json.dumps({"credential_types": [kind]}))
        assert [(finding.kind, finding.setting) for finding in found.findings] == [
            ("awx_credential_type", "IONOS_USERNAME")
        ]
        assert found.names.credential_types == {"Cloud login"}
        credential = self.credential({"credential_type": {"name": "Cloud login"}}, user="ann")
        assert (
            places("credentials.json", json.dumps(credential), credential_types=["Cloud login"])[0][1]
            == "awx_credential"
        )

    def test_each_credential_of_a_file_that_is_one_line(self):
        export = {"credentials": [self.credential(self.OF_AN_EXPORT, password="x") for _number in range(3)]}
        assert [setting for _line, _kind, setting, _stored_as in places("x.json", json.dumps(export))] == [
            "credential 1: password",
            "credential 2: password",
            "credential 3: password",
        ]


class TestRobustness:
    def test_broken_yaml_is_read_line_by_line(self):
        text = """\
            - ionoscloudsdk.ionoscloud.server:
                name: "unbalanced
                username: x
                nested:
                  password: of something else
              oops: [
            - uri:
                url: https://api.ionos.com/x
                url_password: y
            - shell: curl -u a:b https://api.ionos.com/
            ionos_password: z
            """
        found = audit_text("site.yml", textwrap.dedent(text))
        assert [(finding.line, finding.kind) for finding in found.findings] == [
            (3, "vendor_module"),
            (9, "http_task"),
            (10, "http_command"),
            (11, "ansible_variable"),
        ]
        assert found.notes == {"broken_structure"}

    def test_without_pyyaml_it_is_read_line_by_line(self, monkeypatch):
        monkeypatch.setattr(tree, "HAS_YAML", False)
        found = audit_text("/home/ann/.ionos/config", textwrap.dedent(TestClients.PROFILES))
        assert [(finding.line, finding.kind) for finding in found.findings] == [
            (6, "ionos_config"),
            (7, "ionos_config"),
        ]
        assert found.notes == {"yaml_missing"}

    def test_a_template_is_read_line_by_line(self):
        text = "{% if x %}\n- ionoscloudsdk.ionoscloud.lan:\n    password: {{ p }}\n{% endif %}\n"
        assert kinds("site.yml.j2", text) == [(3, "vendor_module")]

    @pytest.mark.parametrize(
        ("ending", "text"),
        [
            (".yml", "ionos: " + "[" * 100_000),
            (".json", "[" * 100_000 + "ionos"),
            (".tf", "ionos " + "[" * 400_000 + 'provider "ionoscloud" {'),
            (".sh", "ionos " + "curl " * 40_000),
            (".yml", "ionos " + "curl " * 40_000),
            (".sh", "ionos\n" + "#ionos\n\n" * 3_000),
            (".yml", "ionos:\n" + "- x\n" * 250_000),
        ],
        ids=["deep yaml", "deep json", "terraform", "commands", "commands in yaml", "comments", "nodes"],
    )
    def test_what_would_take_long_is_left_and_noted(self, ending, text):
        assert audit_text("x" + ending, text).notes >= {"too_complex"}

    def test_a_mapping_that_merges_itself_ends(self):
        assert kinds("x.yml", "a: &a\n  ionos_password: x\n  <<: [*a, *a]\n") == [(2, "ansible_variable")]

    @given(
        st.text(st.sampled_from("ionos_IONOS_PASSWORD=:{}[]\"'#-\n \\$&*!|<@")),
        st.sampled_from([".yml", ".json", ".tf", ".sh", ".ini"]),
    )
    @example("IONOS \x00", ".yml")
    @settings(max_examples=150, deadline=None)
    def test_any_text_gives_findings_and_notes(self, text, ending):
        found = audit_text("x" + ending, "ionos " + text)
        assert {finding.kind for finding in found.findings} <= set(KINDS)
        assert found.notes <= set(NOTES)
        assert all(1 <= finding.line <= text.count("\n") + 1 for finding in found.findings)


class TestUnclosedQuotes:
    def test_a_comment_behind_one_is_a_comment(self):
        code, comments = separate_hcl('a = "b # c\nd = "e # f" # g\n')
        assert code == 'a = "b \nd = "e # f" \n'
        assert comments == [Comment(1, " c\n g")]

    def test_an_escaped_quotation_mark_does_not_begin_a_text(self):
        code, comments = separate_hcl('"\\" # x\n"# z" // w')
        assert code == '"\\" \n"# z" '
        assert comments == [Comment(1, " x\n w")]

    def test_it_may_go_on_behind_an_escaped_end_of_line(self):
        assert separate_hcl('"a\\\n"# b') == ('"a\\\n"', [Comment(2, " b")])

    def test_a_document_that_begins_on_the_last_line_ends_with_it(self):
        assert kinds("x.tf", 'provider "ionoscloud" {\n  password = <<EOT') == [(2, "terraform_provider")]


class TestGrowth:
    """The time that an audit takes grows with the length of a text, whatever is in it."""

    # What patterns here look for, and what they stop at.
    MARKS = "\\\"'# \na1.-_=:,;{}[]()<>&*!|%$~/?@"
    WORDS = (
        "<<a",
        "/*",
        "*/",
        "//",
        "{{",
        "}}",
        "$(",
        "&a",
        "*a",
        "<<:",
        "---",
        "curl",
        "http",
        "ionosctl",
        "https://",
    )
    CALLS = (
        "Configuration",
        "auth=(",
        "SetBasicAuth(",
        "config.username=",
        "ionosUser:",
        '"""',
        "cat <<EOF\n",
        "echo ",
    )
    NAMES = ("export", "set", "name", "provider", "ionoscloud", "variable", "var.", "uri", "credentials", "machine")
    SECRETS = ("IONOS_PASSWORD", "ionos_password", "TF_VAR_ionos_password", "Authorization", "Basic", "api.ionos.com")
    CREDENTIALS = (
        "basic_auth a, ",
        "suds.Client(password=a",
        "a = ",
        "a, b = ",
        "def a(b):\n",
        "return b\n",
        "[ionos]\n",
        '"type": "ionoscloud"\n',
        '"username": {\n',
        "a=$a\n",
        'Username string `yaml:"a"`\n',
        "[:ionos_user]",
        'discovery.ionos "a" {\n',
    )
    COMMON = ("x.tf", "x.yml", "x.sh", "x.py")
    RARER = ("x.json", "x.go", "x.rb", "x.ps1", "x.ini", ".ionos/config")
    PATHS = (*COMMON, *RARER)

    @pytest.mark.parametrize("path", [*COMMON, *(pytest.param(path, marks=pytest.mark.heavy) for path in RARER)])
    @pytest.mark.parametrize(
        "piece",
        ['\\"', '"\\', "<<a", "a", "\\\n", 'curl "\n', "# ionos\n", '"""\n', "Configuration({", "auth=("],
        ids=repr,
    )
    def test_of_what_nothing_closes(self, path, piece):
        assert grows_linearly(lambda text: audit_text(path, text), lambda size: "ionos <<" + piece * size, 4_000)

    @given(
        st.sampled_from(PATHS),
        st.sampled_from(["", "{", '"', "a: ", "a = ", 'provider "ionoscloud" {\n', "/*", "<<a", "a:\n  "]),
        st.lists(st.sampled_from([*MARKS, *WORDS, *CALLS, *NAMES, *SECRETS, *CREDENTIALS]), min_size=1, max_size=3).map(
            "".join
        ),
    )
    @settings(max_examples=100, deadline=None)
    @pytest.mark.heavy
    def test_of_any_repetition(self, path, start, piece):
        def text(size):
            return f"ionos {start}{piece * (size // len(piece))}"

        assert grows_linearly(lambda text: audit_text(path, text), text, 12_000)

    @pytest.mark.parametrize(
        "piece",
        ["a = b\nb = a\n", "def a(b):\n  return a(b)\n", "a(b=a)\n", "a = input()\n", "add_argument('--b', '--a')\n"],
        ids=repr,
    )
    def test_of_values_that_lead_nowhere(self, piece):
        def text(size):
            return f"import ionoscloud\n{piece * size}c = ionoscloud.Configuration(username=a, password=args.b)\n"

        assert grows_linearly(lambda text: audit_text("x.py", text), text, 1_000)

    @pytest.mark.parametrize("piece", ["a=$b\nb=$a\n", "read a b\n", "a=$(echo $a)\n"], ids=repr)
    def test_of_variables_of_a_script_that_lead_nowhere(self, piece):
        def text(size):
            return f"{piece * size}curl -u $a:$b https://api.ionos.com/\n"

        assert grows_linearly(lambda text: audit_text("x.sh", text), text, 1_000)

    def test_of_braces_that_nothing_opens(self):
        start = 'provider "ionoscloud" {\n'
        assert grows_linearly(lambda text: audit_text("x.tf", text), lambda size: start + "a=$a\n}\n" * size, 1_000)

    def test_of_comments_line_by_line(self):
        assert grows_linearly(separate_hcl, lambda size: "# x\n" * size, 50_000)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def plain(node):
    if isinstance(node, tree.Scalar):
        return node.value
    if isinstance(node, tree.Sequence):
        return [plain(item) for item in node.items]
    return {plain(key): plain(value) for key, value in node.pairs}


def as_texts(value):
    if isinstance(value, dict):
        return {key: as_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_texts(inner) for inner in value]
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


class TestJson:
    @given(JSON_VALUES)
    @settings(max_examples=100, deadline=None)
    def test_a_tree_has_what_the_text_has(self, value):
        read = tree.read_json(json.dumps(value, indent=1))
        assert read.problem is None
        assert [plain(document) for document in read.documents] == [as_texts(value)]

    @pytest.mark.parametrize("text", ["", "{", "]", '{"a": [}', '"', "{} {}", '{"a": 1'])
    def test_what_is_no_json_says_so(self, text):
        assert tree.read_json(text).problem == "broken_structure"


@pytest.mark.parametrize(
    ("value", "stored_as"),
    [
        ("", None),
        ('""', None),
        ("null", None),
        ("hunter2", "plain"),
        ("pa$word", "plain"),
        ("{{ x }}", "reference"),
        ('"${X}"', "reference"),
        ("$X", "reference"),
        ("me:$X", "reference"),
        ("var.x", "reference"),
        ("!vault |", "vaulted"),
        ("$encrypted$", "encrypted"),
    ],
)
def test_how_a_value_stands(value, stored_as):
    assert storage_of(value) == stored_as
