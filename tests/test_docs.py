"""The documents keep up with the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from yourl.app import create_app
from yourl.settings import SETTINGS, Setting, load

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_readme(setting: Setting) -> None:
    """The README's table has each setting with its option, default and meaning, as the program has them."""
    default = f"`{setting.default}`" if setting.default else ""
    meaning = setting.help[0].upper() + setting.help[1:]
    assert f"| `{setting.name}` | `{setting.option}` | {default} | {meaning} |" in README


def test_no_setting_is_invented() -> None:
    """The README names no setting that the program does not have."""
    known = {setting.name for setting in SETTINGS}
    assert set() == set(re.findall(r"\bYOURL_[A-Z_]+", README)) - known


def test_every_endpoint_is_in_the_readme() -> None:
    """Each path that the application answers is in the README's table."""
    rules = {
        rule.rule.partition("<")[0].rstrip("/") or "/" for rule in create_app(load({})).url_map.iter_rules()
    }
    assert [] == [rule for rule in sorted(rules) if f"`{rule}`" not in README]


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_links_lead_somewhere(link: str) -> None:
    """What the README links to or shows is there."""
    assert link.startswith("https://") or (ROOT / link).exists()


def test_the_changelog_has_a_place_for_what_comes() -> None:
    """Keep-a-Changelog form: there is an Unreleased section."""
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
