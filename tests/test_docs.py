"""The documentation says what the code does: generated parts, commands, suites, links, measures."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import sys
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from harness import catalog, spec, suite
from harness.catalog import BUILTIN
from harness.cli import app

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def _tool() -> ModuleType:
    """The module behind ``make docs``, which is not part of the package."""
    spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


docs = _tool()
PAGES = docs.pages()
COMMANDS = docs.commands()


def blocks(language: str, page: Path) -> list[str]:
    """The fenced blocks of a language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def shown_commands() -> list[str]:
    """Every ``harness`` command that a page tells the reader to type."""
    lines = [
        line
        for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
        for block in [*blocks("sh", page), *blocks("yaml", page)]
        for line in block.splitlines()
    ]
    found = (re.match(r"(?:\s*- run: )?(harness .*)", line) for line in lines)
    return sorted({shlex.join(shlex.split(match[1], comments=True)) for match in found if match})


def command_of(words: list[str]) -> str:
    """The full name of the command that a line begins with, or nothing."""
    return max((name for name in COMMANDS if words[: len(name.split())] == name.split()), key=len, default="")


SOURCES = re.findall(r"`(\{\w+: [^`]*\})`", (ROOT / "docs" / "suite.md").read_text("utf-8"))
READERS = catalog.every("reader")


@pytest.mark.parametrize(
    "shown",
    [one for one in SOURCES if re.match(r"\{(\w+)", one)[1] in READERS],  # type: ignore[index]
)
def test_a_data_set_that_is_shown_names_a_reader_and_its_options(shown: str) -> None:
    """What the table of one's own data says can be copied into a suite."""
    use, *options = YAML(typ="safe").load(shown).items()
    READERS[use[0]].bind({name: value for name, value in options if name not in ("shuffle", "skip", "limit")})


# -- generated parts -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_are_what_the_code_says(page: Path) -> None:
    """A part that has drifted from the code fails here; ``make docs`` puts it right."""
    written = page.read_text("utf-8")
    assert docs.filled(written) == written, f"{page.name} has drifted: run `make docs`"


def test_a_part_that_has_drifted_is_found_and_put_right() -> None:
    """What stands between the markers is replaced, what stands around them is kept."""
    page = "above\n<!-- generated: exit-codes -->\nnonsense\n<!-- /generated -->\nbelow\n"
    filled = docs.filled(page)
    assert "nonsense" not in filled
    assert "| 4 | inconclusive |" in filled
    assert (filled.startswith("above\n"), filled.endswith("below\n")) == (True, True)


def test_every_marker_is_understood() -> None:
    """A misspelt marker does not silently leave a part as it was."""
    for page in PAGES:
        text = page.read_text("utf-8")
        assert text.count("<!-- generated") == len(docs.PART.findall(text)), page.name


# -- commands --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    """The page of commands has a section for each."""
    assert f"\n## {name}\n" in (ROOT / "docs" / "cli.md").read_text("utf-8")


@pytest.mark.parametrize("line", shown_commands())
def test_every_command_that_is_shown_exists_with_its_arguments(line: str) -> None:
    """What a reader copies is accepted by the command line."""
    words = shlex.split(line)
    name = command_of(words)
    left_over = COMMANDS[name].make_context(name, words[len(name.split()) :]).args
    assert left_over == []


def test_every_command_that_is_mentioned_exists() -> None:
    """A command named within a sentence is there, with the options it is named with."""
    mentioned = re.findall(r"`(harness [^`]+)`", "\n".join(docs.PART.sub("", text) for text in _texts()))
    for line in mentioned:
        name = command_of(line.split())
        assert name, line
        known = {word for option in COMMANDS[name].params for word in option.opts}
        assert set(re.findall(r"--\w+", line)) <= known, line


def test_the_quick_commands_of_the_readme_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an empty folder, the README's commands that compute nothing succeed one after the other."""
    monkeypatch.chdir(tmp_path)
    quick = ("init", "validate", "perturb", "list")
    lines = [line for block in blocks("sh", README) for line in block.splitlines()]
    typed = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("harness ")]
    typed = [words for words in typed if words[0] in quick]
    assert sorted({words[0] for words in typed}) == sorted(quick)
    for words in typed:
        answer = CliRunner().invoke(app, words)
        assert answer.exit_code == 0, f"harness {' '.join(words)}: {answer.output}"


@pytest.mark.parametrize("what", ["suite", "results"])
def test_schemas_are_printed(what: str) -> None:
    """``harness schema`` prints a JSON Schema of either kind."""
    answer = CliRunner().invoke(app, ["schema", what])
    assert answer.exit_code == 0
    assert '"$schema"' in answer.output


# -- suites ----------------------------------------------------------------------------------------


def test_the_suite_of_the_readme_is_valid(tmp_path: Path) -> None:
    """The example can be copied into a file and run."""
    text = README.read_text("utf-8").partition("<!-- suite -->")[2]
    match = re.match(r"\s*```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert match is not None
    path = tmp_path / "suite.yaml"
    path.write_text(match[1], "utf-8")
    loaded = suite.load(path)
    assert len(loaded.gates) == 3
    assert len(match[1].splitlines()) <= 30


def test_every_key_of_a_suite_is_explained() -> None:
    """Each key has a line of its own by hand, besides its row in the generated table."""
    page = docs.PART.sub("", (ROOT / "docs" / "suite.md").read_text("utf-8"))
    explained = {
        key
        for line in re.findall(r"^- ((?:`\w+`,? ?)+)", page, re.MULTILINE)
        for key in re.findall(r"`(\w+)`", line)
    }
    schema = spec.schema()
    keys = {key for part in [schema, *schema["$defs"].values()] for key in part["properties"]}
    assert keys - explained == set()
    apart = {"AugmentSpec"}  # a part of `training`, which is a mapping for the schema
    assert set(schema["$defs"]) | apart == set(re.findall(r"generated: suite\.(\w+)", "".join(_texts())))


def _texts() -> list[str]:
    return [page.read_text("utf-8") for page in PAGES]


# -- measures --------------------------------------------------------------------------------------


def emitted(module: str) -> set[str]:
    """Names of the rows that a measure's source makes by a literal name."""
    found = importlib.util.find_spec(module)
    assert found is not None
    assert found.origin is not None
    calls = [n for n in ast.walk(ast.parse(Path(found.origin).read_text("utf-8"))) if isinstance(n, ast.Call)]
    named = {"row", "absent"}
    first = (c.args[0] for c in calls if c.args and _called(c) in named)
    keywords = (k.value for c in calls for k in c.keywords if k.arg == "measure")
    return {a.value for a in [*first, *keywords] if isinstance(a, ast.Constant) and isinstance(a.value, str)}


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@pytest.mark.parametrize("module", BUILTIN["measure"])
def test_every_row_of_a_measure_is_explained(module: str) -> None:
    """The section of a property names the rows that its source makes."""
    page = (ROOT / "docs" / "measures.md").read_text("utf-8")
    title = module.rpartition(".")[2].capitalize()
    section = page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = emitted(module)
    assert "score" in rows or module.endswith("robustness")
    assert {row for row in rows if f"`{row}`" not in section} == set()


def test_every_row_of_a_probe_is_explained() -> None:
    """The section of probes names all that is read off the findings of those that are built in."""
    page = (ROOT / "docs" / "measures.md").read_text("utf-8")
    section = page.partition("\n### Probes\n")[2].partition("\n## ")[0]
    records = catalog.every("probe").values()
    found = {reading.measure for one in records for reading in one.read(one.options)}  # type: ignore[attr-defined]
    assert "smoothness" in found
    assert {row for row in found if f"`{row}`" not in section} == set()


@pytest.mark.parametrize("module", ["slices", "label_shift", "partitions", "contrast", "partial"])
def test_every_row_of_a_part_of_generalization_is_explained(module: str) -> None:
    """What is measured in modules of its own is told in the same section."""
    page = (ROOT / "docs" / "measures.md").read_text("utf-8")
    section = page.partition("\n## Generalization\n")[2].partition("\n## ")[0]
    rows = emitted(f"harness.measure.{module}")
    assert rows or module == "label_shift"
    assert {row for row in rows if f"`{row}`" not in section} == set()


# -- links -----------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CONTRIBUTING.md"], ids=lambda page: page.name)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    """Relative links name a file that is there, and a heading that it has."""
    links = re.findall(r"(?<!!)\[[^\]]+\]\((?!https?:)([^)]+)\)", page.read_text("utf-8"))
    for link in links:
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.is_file(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}"


def test_the_readme_keeps_a_place_for_measured_results() -> None:
    """The block that a run fills in is marked, and there is one."""
    text = README.read_text("utf-8")
    assert (text.count("<!-- results -->"), text.count("<!-- /results -->")) == (1, 1)
