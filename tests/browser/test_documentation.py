"""The documentation as a browser shows it: from files alone, in both schemes, at phone width."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import Chromium

pytest.importorskip("mkdocs", reason="the group docs is not installed; `nox -s docs` runs this")
pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=True)
    return folder


def show(browser: Chromium, page: Path) -> None:
    browser.problems.clear()
    browser.requests.clear()
    browser.send("Page.navigate", url=page.as_uri())
    browser.until(f"document.readyState === 'complete' && location.pathname.endsWith('{page.name}')")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_fetches_anything_reports_a_problem_or_is_wider_than_a_phone(
    browser: Chromium, site: Path, dark: bool
) -> None:
    browser.view(width=400, dark=dark)
    pages = sorted(set(site.rglob("*.html")) - {site / "404.html"})  # which a server shows at any address
    assert len(pages) > 30
    show(browser, pages[0])
    browser.run("localStorage.clear()")  # it keeps the scheme that was seen first
    for page in pages:
        show(browser, page)
        assert not browser.problems, page
        assert all(url.startswith(("file://", "about:", "data:")) for url in browser.requests), page
        assert browser.run("document.documentElement.scrollWidth") <= 400, page
        scheme = browser.run("document.body.dataset.mdColorScheme")
        assert scheme == ("slate" if dark else "default"), page


def test_on_a_phone_each_row_of_the_findings_says_from_which_version_a_path_is_safe(
    browser: Chromium, site: Path
) -> None:
    browser.view(width=400)
    show(browser, site / "findings.html")
    heads = browser.run("[...document.querySelector('table').querySelectorAll('th')].map(th => th.textContent)")
    assert heads == ["path", "safe from TensorFlow", "safe from Keras", "why not before"]
    cells = "[...document.querySelector('table').querySelectorAll('td')]"
    assert browser.run(f"{cells}.length") > 100
    assert browser.run(f"{cells}.every(td => td.getBoundingClientRect().right <= innerWidth)")


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("disk-budget", "reference/commands/run.html"),
        ("EfficientNet", "testing.html"),
        ("moving_mean", "testing.html"),
        ("val_accuracy", "testing.html"),
        ("proxy", "networks.html"),
    ],
)
def test_the_search_finds_words_where_pages_are_opened_as_files(
    browser: Chromium, site: Path, wanted: str, page: str
) -> None:
    show(browser, site / "index.html")
    browser.click("input[data-md-component='search-query']")
    browser.write(wanted)
    browser.until("document.querySelectorAll('.md-search-result__link').length > 0")
    found = browser.run("[...document.querySelectorAll('.md-search-result__link')].map(link => link.href)")
    assert any(page in address for address in found)
