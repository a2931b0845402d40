# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changing one variable of a YAML file and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from yaml.parser import Parser

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultCorrupt
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.yaml_mapping import (
    MAXIMUM_EVENTS,
    Scalar,
    YamlMapping,
)
from support.growth import grows_linearly

VAULT_TEXT = "$ANSIBLE_VAULT;1.2;AES256;prod\n6162633132\n6465\n"
VAULTED = Scalar(VAULT_TEXT, is_vaulted=True)
VAULTED_LINES = "!vault |\n          $ANSIBLE_VAULT;1.2;AES256;prod\n          6162633132\n          6465"

COMMENTS = st.sampled_from(
    ("", "# a comment", "  # indented", "              # deep", "", "   ", "                    ")
)
TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters=" #:'\"{}[]"), max_size=12
)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def block(style: str, lines: list[str]) -> str:
    return "\n".join([style, *(f"  {line}" if line.strip() else "" for line in ["first", *lines])])


VALUES = st.one_of(
    TEXTS.map(quoted),
    st.sampled_from(
        (
            "plain",
            "plain # with comment",
            "several\n  plain\n  words",
            "",
            "~",
            "42",
            "[1, {a: b}]",
            "{a: 1,\n  b: 2}",
            "\n  - 1\n  - x: y",
            "\n  nested:\n    deeper: 1 # c",
            "\n# odd place\n  late",
            "&anchor x",
            "!unsafe 'x'",
            '"two\n\n  lines # not a comment"',
            "!vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      3132",
            "!vault | # dev\n  $ANSIBLE_VAULT;1.2;AES256;dev\n  3132",
        )
    ),
    st.builds(
        block, st.sampled_from(("|", "|-", "|+", ">", ">-", ">+", "|2")), st.lists(TEXTS.map(str.strip), max_size=3)
    ),
)
OWN_VALUES = st.sampled_from(
    (
        "old",
        "old # keep me",
        "",
        "  # keep me",
        "~",
        "'quo''ted'   # keep me",
        '"dou\n  ble"',
        "!vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          3132",
        "!vault |  # keep me\n  $ANSIBLE_VAULT;1.1;AES256\n  3132",
        "!vault |+\n  $ANSIBLE_VAULT;1.1;AES256\n  3132\n\n",
        "\n  !vault |\n    $ANSIBLE_VAULT;1.1;AES256\n    3132",
        ">-\n  folded\n  words",
    )
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Files with or without the variable ``ours``, between other variables of all kinds."""
    lines = [draw(st.sampled_from(("---", "--- # vars", "# first", "", "\ufeff# bom", "%YAML 1.1\n---")))]
    names = draw(st.lists(st.sampled_from(("a", "b_b", "'c c'", '"d"', "größe", "9")), unique=True, max_size=4))
    has_ours = draw(st.booleans())
    position = draw(st.integers(0, len(names))) if has_ours else -1
    for number, name in enumerate([*names, None]):
        lines += draw(st.lists(COMMENTS, max_size=2))
        if number == position:
            lines.append(f"ours: {draw(OWN_VALUES)}")
            lines += draw(st.lists(COMMENTS, max_size=2))
        if name is not None:
            lines.append(f"{name}: {draw(VALUES)}")
    if draw(st.booleans()):
        lines.append("...")
    text = "\n".join(lines) + ("\n" if draw(st.booleans()) else "")
    return text.replace("\n", draw(st.sampled_from(("\n", "\n", "\r\n"))))


def readable(text: str) -> bool:
    """Tell whether PyYAML itself takes the generated text; some combinations are no YAML."""
    try:
        yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError):
        return False
    return True


def without_own_lines(text: str, name: str) -> str:
    """Return a file without a variable's lines, by a way that has nothing to do with the code under test.

    A variable's lines are the one that begins with its name and all that are indented behind it.
    """
    kept, inside = [], False
    for line in text.splitlines(keepends=True):
        inside = line.startswith(f"{name}:") or (inside and line[:1] in " \t\r\n")
        if not inside:
            kept.append(line)
    return "".join(kept)


def meaning(text: str, name: str) -> list[tuple[str, str]]:
    """Return every other variable as PyYAML's own composer and serializer show it."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None or isinstance(root, yaml.ScalarNode):
        return []
    return [(key.value, yaml.serialize(value)) for key, value in root.value if key.value != name]


@settings(deadline=None)
@given(files().filter(readable))
@example("a: |\n  x")
@example("# only\nours: 1\na: |+\n  x\n\n\n")
@example("a: |+\n  x\nours: 1\n\n\n")
def test_a_variable_that_was_set_reads_back_and_all_else_keeps_its_meaning(text: str) -> None:
    changed = YamlMapping(text, "the file").with_scalar("ours", VAULTED)

    actual = changed.scalar("ours")
    assert actual is not None
    assert (actual.text.split(), actual.is_vaulted) == (VAULT_TEXT.split(), True)
    assert meaning(changed.text, "ours") == meaning(text, "ours")


@settings(deadline=None)
@given(files().filter(readable))
def test_every_line_outside_of_a_set_variable_stays_byte_for_byte(text: str) -> None:
    changed = YamlMapping(text, "the file").with_scalar("ours", VAULTED)

    before, after = without_own_lines(text, "ours"), without_own_lines(changed.text, "ours")
    assert after.rstrip("\r\n") == before.rstrip("\r\n")


@settings(deadline=None)
@given(files().filter(readable))
def test_a_comment_on_the_line_of_a_variable_survives(text: str) -> None:
    changed = YamlMapping(text, "the file").with_scalar("ours", VAULTED)

    assert changed.text.count("# keep me") == text.count("# keep me")


@settings(deadline=None)
@given(files().filter(readable))
@example("a: |+\n  x\nours: 1\n\n\n")
def test_a_removed_variable_is_gone_and_all_else_keeps_its_meaning(text: str) -> None:
    changed = YamlMapping(text, "the file").without("ours")

    assert changed.scalar("ours") is None
    assert meaning(changed.text, "ours") == meaning(text, "ours")


@settings(deadline=None)
@given(files().filter(readable))
def test_setting_a_new_variable_and_removing_it_gives_the_same_file_back(text: str) -> None:
    file = YamlMapping(text, "the file")

    back = file.with_scalar("another", VAULTED).without("another").text

    assert back.rstrip("\r\n") == text.rstrip("\r\n")


@settings(deadline=None)
@given(files().filter(readable))
def test_new_lines_end_as_the_lines_of_the_file_do(text: str) -> None:
    changed = YamlMapping(text, "the file").with_scalar("ours", VAULTED).text

    if "\r\n" in text:
        assert "\n" not in changed.replace("\r\n", "")
    else:
        assert "\r" not in changed


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8")) | files(), TEXTS)
@example("[" * 5000, "ours")
@example('"\\UFFFFFFFF"', "ours")
@example("%YAML 1." + "9" * 5000 + "\n---\na: 1", "ours")
@example("a: &x [*x]\nours: *x", "ours")
@example("? ours\n: 1\n", "ours")
@example("{ours: 1}", "ours")
def test_any_text_at_all_is_read_and_changed_or_refused_with_an_error_of_ours(text: str, name: str) -> None:
    with suppress(VaultCorrupt):
        file = YamlMapping(text, "the file")
        file.scalar(name)
        file.with_scalar("ours", VAULTED).without("ours")


def test_a_new_file_gets_the_variable_in_the_form_of_ansible_vault() -> None:
    changed = YamlMapping("---\n", "the file").with_scalar("ours", VAULTED)

    assert changed.text == f"---\nours: {VAULTED_LINES}\n"


def test_a_second_variable_is_put_behind_the_one_that_it_belongs_to() -> None:
    file = YamlMapping("ours: x\nother: y\n", "the file")

    assert file.with_scalar("ours_record", Scalar("z"), after="ours").text == "ours: x\nours_record: 'z'\nother: y\n"


def test_a_last_text_without_line_break_does_not_gain_one() -> None:
    changed = YamlMapping("a: 1\n# of b\nb: |\n  text", "the file").with_scalar("ours", Scalar("x"))

    assert changed.text == "a: 1\nours: 'x'\n# of b\nb: |\n  text"


def test_a_deeply_indented_comment_does_not_become_a_part_of_the_vaulted_text() -> None:
    changed = YamlMapping("ours: x\n               # deep\nb: 1\n", "the file").with_scalar("ours", VAULTED)

    assert "\n               # deep\nb: 1\n" in changed.text
    assert changed.scalar("ours") == VAULTED


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: 1\n b: 2\n",
        "a: b: c\n",
        "\ta: 1\n",
        "a: \x00\n",
        "a: " + "[" * 200,
    ],
    ids=["open bracket", "indentation", "two colons", "tab", "control character", "too deep"],
)
def test_what_is_not_yaml_is_refused(text: str) -> None:
    with pytest.raises(VaultCorrupt, match=r"the file is in a file that is not YAML in UTF-8\. Correct the file"):
        YamlMapping(text, "the file")


@pytest.mark.parametrize(
    "text",
    ["- a\n", "just words\n", "{a: 1}\n", "a: 1\n---\nb: 2\n", "null\n"],
    ids=["list", "text", "flow mapping", "two documents", "null"],
)
def test_what_is_not_one_mapping_of_variables_is_refused(text: str) -> None:
    with pytest.raises(VaultCorrupt, match=r"not one mapping of variables\. Write one document"):
        YamlMapping(text, "the file")


def test_a_variable_that_is_there_twice_is_refused() -> None:
    with pytest.raises(VaultCorrupt, match=r"sets ours more than once\. Remove all but one"):
        YamlMapping("ours: 1\nours: 2\n", "the file").scalar("ours")


@pytest.mark.parametrize(
    "text",
    ["ours: &x 1\nb: *x\n", "a: &x 1\nours: *x\n", "base: &base\n  ours: 1\n<<: *base\n"],
    ids=["anchor", "alias", "merge key"],
)
def test_a_value_that_is_shared_with_other_variables_is_refused(text: str) -> None:
    with pytest.raises(VaultCorrupt, match=r"shares ours with other variables .* Give it a value of its own"):
        YamlMapping(text, "the file").with_scalar("ours", VAULTED)


@pytest.mark.parametrize("text", ["ours: [1]\n", "ours:\n  a: 1\n"], ids=["list", "mapping"])
def test_a_value_that_is_no_text_is_left_as_it_is(text: str) -> None:
    with pytest.raises(VaultCorrupt, match=r"not an IONOS Cloud API token; it was left as it is"):
        YamlMapping(text, "the file").with_scalar("ours", VAULTED)


@pytest.mark.parametrize("text", ["? ours\n: 1\n", "ours: !vault # why\n  |\n  x\n"], ids=["explicit key", "split tag"])
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    with pytest.raises(VaultCorrupt, match="does not allow to change it without touching other lines"):
        YamlMapping(text, "the file").with_scalar("ours", VAULTED)


# Time


@pytest.mark.parametrize("line", ["key: value\n", "- &anchor a\n", "- *anchor\n", "- {a: [b]}\n"])
def test_a_file_of_very_many_values_is_not_read_to_its_end(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever of PyYAML reads a document, each event of it comes from the parser of the loader."""
    read: list[object] = []
    get_event = Parser.get_event

    def counted(parser: Parser) -> Any:
        read.append(get_event(parser))
        return read[-1]

    monkeypatch.setattr(Parser, "get_event", counted)

    with pytest.raises(VaultCorrupt, match="is in a file of more than 50000 keys and values"):
        YamlMapping("list:\n" + line * MAXIMUM_EVENTS, "the file")

    assert len(read) == MAXIMUM_EVENTS + 1


def test_a_file_of_many_variables_is_changed() -> None:
    text = "".join(f"key_{number}: value\n" for number in range(5_000))

    assert YamlMapping(text, "the file").with_scalar("ours", Scalar("x")).scalar("ours") == Scalar("x")


def change(text: str) -> None:
    with suppress(VaultCorrupt):
        YamlMapping(text, "the file").with_scalar("ours", VAULTED).without("ours")


@given(
    st.sampled_from(("", "ours: ", "a:\n", "a: [", 'a: "', "a: |\n  ", "a:\n  ", "ours: &a b\na: ")),
    st.lists(
        st.sampled_from((*" \n\t\\\"'#|>&*!%?-:,[]{}a1~", "a: b\n", "- ", "? ", "&a ", "*a ", "<<: ", "---\n", "\r")),
        min_size=1,
        max_size=3,
    ).map("".join),
)
@settings(max_examples=60, deadline=None)
def test_time_grows_with_the_length_whatever_is_in_a_file(start: str, piece: str) -> None:
    assert grows_linearly(change, lambda size: start + piece * (size // len(piece)), 4_000)
