"""The documents keep up with the program."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from tests.functional.proxies.all import MISTAKES
from yourl.app import create_app
from yourl.cli.explain import explained
from yourl.cli.group import cli
from yourl.errors import ERRORS
from yourl.explain import read_request
from yourl.http1.limits import Limits
from yourl.proxies import Connection
from yourl.proxies.fixes import PRODUCTS as FIXES
from yourl.settings import SETTINGS, load

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "benchmarks/README.md"])
tables = runpy.run_path(str(ROOT / "docs/tables.py"))


def links() -> list[tuple[Path, str]]:
    """Every link between the documents: the document and where it leads."""
    found = []
    for page in PAGES:
        text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        found += [(page, link) for link in sorted(set(re.findall(r"\]\(([^)\s]+)\)", text)))]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_tables_are_as_the_program_decides(page: Path) -> None:
    """Settings, limits and error codes: ``python docs/tables.py`` would change nothing."""
    text = page.read_text(encoding="utf-8")
    assert tables["filled"](text) == text, "run python docs/tables.py"


def test_every_table_is_shown() -> None:
    """Each table that the program decides stands in one document."""
    shown = re.findall(r"<!-- table: (\w+) -->", "".join(page.read_text(encoding="utf-8") for page in PAGES))
    assert sorted(shown) == sorted(tables["TABLES"])


def test_every_limit_is_documented() -> None:
    """A limit that is added is described, and none is described that is gone."""
    assert set(Limits.__dataclass_fields__) == set(tables["WORKER_LIMITS"])


# Rooms in which a request is refused, and the bounds in them that refuse none: what they cut is shown cut,
# said to be incomplete, or never sent by this server's own clients.
REFUSING = ("http1", "content", "captures", "views", "context.py", "expectations.py", "errors.py")
BOUND = "(?:MAX|MOST|LONGEST|LARGEST|DEEPEST)_[A-Z_]+"
REFUSES_NOTHING = {
    "yourl.captures.bounds:MOST_COUNT",
    "yourl.captures.exports.shell:LONGEST_ARGUMENT",
    "yourl.captures.redis.connections:MOST_IDLE",
    "yourl.captures.redis.reading:LARGEST_BATCH",
    "yourl.captures.sqlite.store:MOST_REMEMBERED",
    "yourl.captures.sqlite.store:MOST_SCANNED",
    "yourl.captures.sqlite.inserting:MOST_AT_ONCE",
    "yourl.captures.sqlite.inserting:MOST_KINDS",
    "yourl.captures.sqlite.inserting:MOST_KINDS_OF_INBOX",
    "yourl.captures.sqlite.writer:LARGEST_GROUP",
    "yourl.captures.timeline:MOST_SPANS",
    "yourl.content.body:LONGEST_TYPE",
    "yourl.content.charsets:LONGEST_LABEL",
    "yourl.content.json_values:LONGEST_FLOAT",
    "yourl.http1.head:LONGEST_PARTIAL_TARGET",
    "yourl.views.live.signing:LONGEST_NEXT",
    "yourl.views.sessions:MOST_COOKIES",
    "yourl.views.waiting:LONGEST_SLEEP",
    "yourl.views.waiting:MOST_SLEEPERS",
    "yourl.captures.access:MAX_SHARE_SECONDS",
    "yourl.captures.access:MAX_TOKEN",
    "yourl.captures.comparison:MAX_DIFFERENCES",
    "yourl.captures.comparison:MAX_EDITS",
    "yourl.captures.comparison:MAX_LINES",
    "yourl.captures.comparison:MAX_VALUE",
    "yourl.captures.exports.har:MAX_PAIRS",
    "yourl.captures.ids:MAX_SEQUENCE",
    "yourl.captures.ids:MAX_TAIL",
    "yourl.captures.search:MAX_TERMS",
    "yourl.captures.search:MAX_TEXT",
    "yourl.captures.signatures.diagnosis:MAX_CHANGED",
    "yourl.captures.signatures.diagnosis:MAX_INDENTED",
    "yourl.captures.signatures.diagnosis:MAX_JSON",
    "yourl.captures.signatures.schemes:MAX_SIGNATURES",
    "yourl.captures.signatures.verification:MAX_FIELD",
    "yourl.views.live.listing:MAX_SIZE",
}


def bounds_of_refusing_rooms() -> set[str]:
    """``module:NAME`` of each constant with the name of a bound where requests are refused."""
    found = set()
    for room in REFUSING:
        place = ROOT / "yourl" / room
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            names = re.findall(rf"^({BOUND})\b.*? = ", path.read_text(encoding="utf-8"), re.MULTILINE)
            found |= {f"{module}:{name}" for name in names}
    return found


def test_every_bound_that_refuses_is_documented() -> None:
    """Each bound of the code that reads requests is in the table of limits, or refuses nothing."""
    documented = {constant for constant, *_ in tables["OTHER_LIMITS"]}
    assert (
        bounds_of_refusing_rooms()
        == {name for name in documented if re.search(f":{BOUND}$", name)} | REFUSES_NOTHING
    )
    assert set() == documented & REFUSES_NOTHING


def test_every_refusal_by_size_time_or_number_is_documented() -> None:
    """Each error code that is about too much or too long is in the table of limits."""
    by_limit = {kind.code for kind in ERRORS.values() if kind.status in (408, 413, 414, 429, 431)}
    by_limit |= {kind.code for kind in ERRORS.values() if kind.code.startswith("too_")} | {"overloaded"}
    assert set() == {code for code in by_limit if f"`{code}`" not in tables["limits_table"]()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_setting_is_invented(page: Path) -> None:
    """The documents name no setting that the program does not have."""
    known = {setting.name for setting in SETTINGS}
    named = set(re.findall(r"(?<!_)\bYOURL_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")))
    assert set() == named - known


def test_every_endpoint_is_in_the_readme() -> None:
    """Each path that the application answers is in the README's table."""
    rules = {
        rule.rule.partition("<")[0].rstrip("/") or "/"
        for rule in create_app(load({})).flask.url_map.iter_rules()
    }
    assert [] == [rule for rule in sorted(rules) if f"`{rule}`" not in README]


def test_the_readme_is_an_introduction() -> None:
    """It stays short: everything that is looked up is in docs/."""
    assert len(README.splitlines()) <= 130


def test_the_readme_names_real_commands() -> None:
    """Commands and options of ``yourl.pyz`` in the README exist."""
    for line in re.findall(r"python3 yourl\.pyz ([^\n#|]*)", README):
        words = re.sub(r"'[^']*'", "x", line).split()
        command = words[0] if words and not words[0].startswith("-") else "serve"
        assert command in cli.commands
        options = {name for p in [*cli.params, *cli.commands[command].params] for name in p.opts}
        assert [] == [word for word in words if word.startswith("--") and word not in options]


def test_every_command_is_documented() -> None:
    """docs/command-line.md lists each command."""
    page = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    assert [] == [name for name in cli.commands if f"$ yourl {name}" not in page.replace("[serve]", "serve")]


def test_the_story_of_the_readme_is_true() -> None:
    """What nginx sends by the README's configuration has the finding, message and fix that it shows."""
    sent = b"GET /api HTTP/1.0\nHost: shop.example\nX-Forwarded-For: 203.0.113.7\nConnection: close\n"
    settings = load({"YOURL_TRUSTED_PROXIES": "loopback"})
    document = explained(read_request(sent), Connection("127.0.0.1", None, "", None), settings)
    (finding,) = document["findings"]
    assert f'"url": "{document["url"]}"' in README
    assert "\n".join([finding["code"], finding["message"], finding["fix"]]) in README


def products_after(label: str) -> set[str]:
    """The products that a list in docs/proxies names."""
    page = (ROOT / "docs/proxies/README.md").read_text(encoding="utf-8")
    (names,) = re.findall(rf"^- \*\*{label}\*\*: ([^.]+)\.$", page, re.MULTILINE)
    return {" ".join(name.split()) for name in names.split(",")}


def test_which_fixes_are_tested_is_true() -> None:
    """docs/proxies says of each product that has fixes whether they are pasted into the real program."""
    named_in_fixes = {"http-proxy": "node"}
    started = {named_in_fixes.get(name, name) for name, mistakes in MISTAKES.items() if mistakes}
    tested = {product.title for name, product in FIXES.items() if name in started}
    assert tested == products_after("Tested on the real program")
    assert {product.title for product in FIXES.values()} - tested == products_after("From documentation")


@pytest.mark.parametrize(("page", "link"), links(), ids=lambda part: getattr(part, "name", part))
def test_links_lead_somewhere(page: Path, link: str) -> None:
    """What a document links to is there, down to the heading."""
    if link.startswith("https://"):
        return
    name, _, heading = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    assert target.exists()
    if heading:
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in [re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles]


def test_the_map_of_the_rooms_is_true() -> None:
    """docs/architecture.md lists each room, in the order in which they may import each other."""
    from tests.test_imports import ORDER, room_of

    rows = re.findall(r"^\| (`[^|]*`) \|[^|]+\|[^|]*\|$", ARCHITECTURE, re.MULTILINE)
    listed = [name for row in rows for name in re.findall(r"`([\w./]+)`", row)]
    package = ROOT / "yourl"
    there = {path.name for path in package.glob("*.py") if path.name != "__init__.py"}
    there |= {f"{path.name}/" for path in package.iterdir() if (path / "__init__.py").exists()}
    assert sorted(listed) == sorted(there)
    places = [ORDER.index(room_of(f"yourl.{name.rstrip('/').removesuffix('.py')}")) for name in listed]
    assert places == sorted(places)


def test_tests_mirror_the_rooms() -> None:
    """Each room that is a folder has a folder of tests; no other folder stands for a room that is gone."""
    package = ROOT / "yourl"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    folders = {path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").exists()}
    assert folders - {"functional", "packing", "benchmarks"} == rooms


def test_the_changelog_has_a_place_for_what_comes() -> None:
    """Keep-a-Changelog form: there is an Unreleased section."""
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
