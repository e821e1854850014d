"""The pages for users say what the files say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from bnregress.action.inputs import COMMANDS, INPUTS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / name for name in ("action.md", "security.md", "sharding.md")]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
CALL = yaml.safe_load((ROOT / ".github/workflows/regress.yml").read_text(encoding="utf-8"))[True]["workflow_call"]


def rows(entries: Mapping[str, Any], *, default: bool = False, commands: bool = False) -> str:
    """Return the rows of the table that the page must have."""
    lines = []
    for name, entry in entries.items():
        cells = [f"`{name}`", entry["description"]]
        if commands:
            taken = INPUTS[name].commands
            cells.insert(1, "all" if taken == COMMANDS else ", ".join(taken))
        if default:
            value = str(entry["default"])
            cells.append(f"`{value.lower() if entry.get('type') == 'boolean' else value}`" if value else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "expected",
    [
        rows(ACTION["inputs"], default=True, commands=True),
        rows(ACTION["outputs"]),
        rows(CALL["inputs"], default=True),
        rows(CALL["outputs"]),
    ],
    ids=["inputs of the action", "outputs of the action", "inputs of the workflow", "outputs of the workflow"],
)
def test_the_page_has_every_input_and_output_as_the_files_have_them(expected: str) -> None:
    page = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")
    assert expected in page, f"docs/action.md should have these rows:\n{expected}"


@pytest.mark.parametrize("script", ["shards.sh", "shards.slurm"])
def test_the_page_shows_the_scripts_as_they_are(script: str) -> None:
    page = (ROOT / "docs" / "sharding.md").read_text(encoding="utf-8")
    assert f"```bash\n{(ROOT / 'examples' / script).read_text(encoding='utf-8')}```" in page


def links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in link:
                yield page.name, link


@pytest.mark.parametrize(("page", "link"), list(links()))
def test_links_lead_somewhere(page: str, link: str) -> None:
    path, _, heading = link.partition("#")
    target = ROOT / "docs" / (path or page)
    assert target.exists()
    if heading:
        titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in [re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:tests|bnregress)/[a-z_./]+)`", PAGES[1].read_text("utf-8"))))
)
def test_the_threat_model_names_tests_that_are_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_example_of_ten_lines_has_ten_and_names_inputs_that_exist() -> None:
    page = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")
    first, second = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    job = first["jobs"]["tensorflow"]
    assert len(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0].splitlines()) == 10
    assert set(job["with"]) <= set(CALL["inputs"])
    assert set(second[0]["with"]) <= set(INPUTS)


def examples() -> Iterator[Path]:
    """Every page, workflow and script that users read or copy."""
    yield ROOT / "README.md"
    for folder, pattern in (("docs", "*.md"), ("examples", "*"), (".github", "**/*.yml"), ("tests/action", "**/*.yml")):
        yield from (path for path in sorted((ROOT / folder).glob(pattern)) if path.is_file())


def test_our_own_actions_stand_everywhere_with_the_same_words_to_replace_and_one_page_says_by_what() -> None:
    found = 0
    for path in examples():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"@(0{7,}|1234567)", text), path
        for line in text.splitlines():
            if "uses: " in line and "bnregress" in line and "uses: ./" not in line:
                assert re.search(r"uses: OWNER/bnregress(/[a-z./]+)?@DIGEST # VERSION$", line), f"{path}: {line}"
                found += 1
    assert found >= 6
    page = (ROOT / "docs" / "action.md").read_text(encoding="utf-8")
    for word in ("OWNER", "DIGEST", "VERSION"):
        assert f"\n- `{word}` is the " in page
