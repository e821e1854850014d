"""report.html as a browser shows it and a keyboard moves over it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.judging.known.drift import hold_against
from bnregress.judging.known.entries import load_known
from bnregress.results.model import Results
from bnregress.suite.paths import PATHS
from tests.browser.chromium import Chromium
from tests.reports.test_page import HOSTILE, hostile

Page = Callable[[Results], Path]

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.getAttribute('aria-label')"
TITLE = "document.getElementById('cell-title')?.textContent ?? null"


def shown(browser: Chromium) -> int:
    found: int = browser.run("document.querySelectorAll('#grid td[data-cell]:not(.off)').length")
    return found


def test_every_cell_is_in_the_table_with_a_letter_and_words(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real))
    labels = browser.run("[...document.querySelectorAll('#grid td[data-cell]')].map(td => td.ariaLabel)")
    assert sorted(labels) == sorted(
        f"{cell.id.release}, {cell.id.subject}: {words}"
        for cell in real.cells
        for words in [{"regress": "regress, known", "not-applicable": "not applicable"}.get(cell.status, cell.status)]
    )
    glyphs = browser.run(
        "[...new Set([...document.querySelectorAll('#grid td[data-cell]')].map(td => td.textContent))]"
    )
    assert sorted(glyphs) == ["R", "–", "✓"]
    roles = ("grid", "row", "gridcell", "columnheader", "rowheader")
    counts = [browser.run(f"document.querySelectorAll('[role={role}]').length") for role in roles]
    # Two columns say from which version on a path is safe.
    assert counts == [1, 4, 9 + 3 * 2, 6, 3]


def test_a_click_opens_a_cell_with_all_that_is_known_of_it(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real))
    browser.click('#grid td[aria-label^="tf2.1.0, tf-keras-applications:"]')
    browser.until(f"{TITLE} === 'tf2.1.0 / tf-keras-applications'")
    text = browser.run("document.getElementById('cell').innerText")
    assert "normalises with the batch's own statistics" in text
    # One remedy, that which is listed: the one that was measured might say otherwise.
    assert text.count("Remedy:") == 1
    assert "import tensorflow as tf" in text
    assert "2 packages of 50 differ." in text
    assert browser.run("document.querySelectorAll('#cell figure')[0].querySelectorAll('.over').length") == 53
    assert browser.run("location.hash") == "#tf2.1.0/tf-keras-applications"


def test_what_must_be_bit_equal_and_is_not_is_drawn_above_its_tolerance_of_zero(
    browser: Chromium, page: Page, real: Results
) -> None:
    id = "tf2.1.0/tf-keras-applications"
    cells = tuple(
        replace(
            cell, checks=tuple(replace(check, evidence={**check.evidence, "tolerance": 0.0}) for check in cell.checks)
        )
        if str(cell.id) == id
        else cell
        for cell in real.cells
    )
    browser.open(page(real.with_cells(cells)), f"#{id}")
    browser.until(f"{TITLE} !== null")
    figure = "document.querySelector('#cell figure')"
    assert browser.run(f"{figure}.querySelectorAll('.over').length") == 53
    titles = browser.run(f"[...{figure}.querySelectorAll('.title')].map(title => title.textContent)")
    assert titles == ["relative to the output's scale", "BatchNorm layer, from the input to the output"]
    assert "training=True against training=False" in browser.run(f"{figure}.querySelector('figcaption').innerText")
    assert browser.run(f"{figure}.querySelectorAll('line.limit').length") == 0
    assert "tolerance 0" in browser.run(f"{figure}.querySelector('figcaption').innerText")


def test_a_regression_that_is_known_says_why_and_where_it_was_reported(
    browser: Chromium, page: Page, real: Results
) -> None:
    held = hold_against(real, load_known())
    known = next(cell.known for cell in held.cells if str(cell.id) == "tf2.1.0/tf-keras-applications")
    assert known is not None
    browser.open(page(held), "#tf2.1.0/tf-keras-applications")
    browser.until(f"{TITLE} !== null")
    said = browser.run("document.querySelector('#cell .expected').innerText")
    assert f"Known: {known.reason}".replace("`", "") in said
    assert known.remedy.replace("`", "") in said
    assert browser.run("document.querySelector('#cell .expected a').href") == known.source


@pytest.mark.parametrize("id", ["tf2.1.1/h5", "tf2.21.0/tf-keras-applications-layers"])
def test_a_cell_without_remedy_or_layers_shows_nothing_in_their_place(
    browser: Chromium, page: Page, real: Results, id: str
) -> None:
    browser.open(page(real), f"#{id}")
    browser.until(f"{TITLE} !== null")
    browser.run("document.querySelectorAll('#cell details').forEach(d => { d.open = true; })")
    lines = browser.run("document.getElementById('cell').innerText").splitlines()
    assert not {"null", "undefined", "false", "NaN"} & set(lines)


def test_the_keyboard_alone_reaches_opens_and_closes_a_cell(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real))
    for _ in range(40):
        browser.press("Tab")
        if browser.run("document.activeElement.matches('#grid td')"):
            break
    assert browser.run(FOCUSED).startswith("tf2.21.0, tf-keras-applications:")
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("ArrowDown")
    browser.press("ArrowRight")
    assert browser.run(FOCUSED) == "tf2.1.1, tf-keras-applications-layers: pass"
    browser.press("End")
    browser.press("End", ctrl=True)
    assert browser.run(FOCUSED) == "tf2.1.0, h5: regress, known"
    assert browser.run("document.querySelectorAll('#grid td[tabindex=\"0\"]').length") == 1
    browser.press("ArrowDown")
    browser.press("Home", ctrl=True)
    assert browser.run(FOCUSED) == "tf2.21.0, tf-keras-applications: pass"
    browser.press("Enter")
    browser.until(f"{TITLE} === 'tf2.21.0 / tf-keras-applications'")
    browser.until("document.activeElement.id === 'cell-title'")
    browser.press("Escape")
    browser.until("document.getElementById('cell').hidden")
    assert browser.run(FOCUSED) == "tf2.21.0, tf-keras-applications: pass"


def test_the_address_opens_a_cell_and_the_way_back_leads_through_those_that_were_open(
    browser: Chromium, page: Page, real: Results
) -> None:
    browser.open(page(real), "#tf2.1.0/h5")
    browser.until(f"{TITLE} === 'tf2.1.0 / h5'")
    browser.click("#cell [data-go=newer]")
    browser.until(f"{TITLE} === 'tf2.1.1 / h5'")
    browser.run("history.back()")
    browser.until(f"{TITLE} === 'tf2.1.0 / h5'")


def test_a_cell_that_an_interrupt_left_is_shown_and_says_how_to_go_on(
    browser: Chromium, page: Page, real: Results
) -> None:
    left = replace(real, complete=False, undecided=(CellId(release="tf2.1.0", path="json"),))
    browser.open(page(left), "#tf2.1.0/json")
    assert "bnregress run --resume decides it" in browser.run("document.getElementById('cell').innerText")
    assert browser.run("document.querySelector('#grid td[aria-selected]').textContent") == "…"


def test_an_address_without_a_cell_says_so(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real), "#tf9.9.9/%E0%A4%A")
    assert browser.run("document.getElementById('shown').textContent") == "This report has no cell tf9.9.9/%E0%A4%A."
    assert browser.run("document.getElementById('cell').hidden")


def test_filters_leave_what_fits_and_are_undone(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real))
    browser.run("document.getElementById('filter-fold').open = true")
    browser.click('[data-filter="status:regress"]')
    assert shown(browser) == 2
    assert "2 of 9 cells" in browser.run("document.getElementById('shown').textContent")
    browser.click('[data-filter="family:saved"]')
    assert shown(browser) == 1
    browser.click("#reset")
    assert shown(browser) == 9
    assert browser.run("location.hash") == ""
    browser.click("#query")
    browser.write("own statistics H5")
    assert shown(browser) == 1
    browser.click("#reset")
    browser.click('[data-filter="drift:known"]')
    assert shown(browser) == 2


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("path:h5 status:regress", 1),
        ("path:h5", 3),
        ("-path:h5", 6),
        ("was:regress now:pass", 2),
        ("was:pass now:regress", 0),
        ("check:mode-parity", 2),
        ("check:oracle", 0),
        ("release:2.1", 6),
        ("tensorflow:2.1.*", 6),
        ("keras:3", 3),
        ("status:regress,pass release:tf2.21.0", 2),
        ("drift:known own statistics", 2),
    ],
)
def test_a_query_asks_for_paths_statuses_and_what_changed(
    browser: Chromium, page: Page, real: Results, query: str, number: int
) -> None:
    browser.open(page(real))
    browser.click("#query")
    browser.write(query)
    told = browser.run("document.getElementById('shown').textContent")
    assert told.startswith(f"{number} of 9 cells" if number < 9 else "9 cells")


def test_the_address_keeps_the_query_and_the_readers_version(browser: Chromium, page: Page, real: Results) -> None:
    file = page(real)
    browser.open(file)
    browser.click("#query")
    browser.write("path:h5 status:regress")
    browser.run("(s => { s.value = '1'; s.dispatchEvent(new Event('change')); })(document.getElementById('mine'))")
    kept = browser.run("location.hash")
    assert kept == "#?q=path%3Ah5+status%3Aregress&mine=tf2.1.1"
    browser.open(file, kept)
    assert browser.run("document.getElementById('query').value") == "path:h5 status:regress"
    assert shown(browser) == 1
    browser.open(file, f"#tf2.1.0/h5{kept[1:]}")
    browser.until(f"{TITLE} === 'tf2.1.0 / h5'")
    assert shown(browser) == 1
    browser.press("Escape")
    browser.until("document.getElementById('cell').hidden")
    assert browser.run("location.hash") == kept
    browser.click("#reset")
    assert browser.run("document.querySelectorAll('#grid tbody .mine').length") == 3


def test_an_unknown_key_of_a_query_is_named(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real))
    browser.click("#query")
    browser.write("pth:h5")
    assert "There is no key pth; the keys are path, variant" in browser.run(
        "document.getElementById('shown').textContent"
    )


READ = """[...document.querySelectorAll('#grid tbody tr')].map(row => {
  const seen = [...row.querySelectorAll('th, td.safe')].map(each => {
    const box = each.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + 8, box.y + box.height / 2);
    return box.bottom <= innerHeight && box.right <= innerWidth && each.contains(top) ? each.innerText.trim() : null;
  });
  const cells = [...row.querySelectorAll('td[data-row]')];
  return [row.dataset.path, ...seen.slice(1), cells.every(td => td.getBoundingClientRect().right <= innerWidth)];
})"""


@pytest.mark.parametrize("dark", [False, True])
def test_one_screen_says_for_each_path_from_which_version_it_is_safe(
    browser: Chromium, page: Page, real: Results, dark: bool
) -> None:
    """42 releases and every path of a plain run, at 1400 by 900, unscrolled."""
    results = wide(real)
    browser.view(width=1400, height=900, dark=dark)
    browser.open(page(results))
    assert browser.run("scrollY") == 0
    read = browser.run(READ)
    paths = [path.id for path in PATHS.values() if path.group == "default"]
    assert sorted(path for path, *_ in read) == sorted(paths)
    assert all(tensorflow is not None and keras is not None and fits for _, tensorflow, keras, fits in read)
    said = {path: (tensorflow, keras) for path, tensorflow, keras, _ in read}
    assert said["h5"] == ("2.5.0", "3.4.0")
    assert said["savedmodel"] == ("2.0.0 – 2.15.0", "–")
    assert said["tfsm-layer"] == ("none", "none")
    assert said["small"] == ("2.0.0", "3.0.0")
    columns = browser.run("[...document.querySelectorAll('#grid .label')].map(each => each.textContent)")
    assert columns == [f"2.{minor}.0" for minor in reversed(range(26))] + [
        f"3.{minor}.0" for minor in reversed(range(16))
    ]
    small = browser.run("document.querySelector('#grid tr[data-path=small] td[data-cell]').textContent")
    assert small == "63/63"


def wide(real: Results) -> Results:
    """26 releases of TensorFlow and 16 of Keras, each with every path of a plain run, `small` in 63 variants."""
    model, release = real.cells[0], next(iter(real.releases.values()))
    releases = {
        f"tf2.{minor}.0": replace(release, tensorflow=f"2.{minor}.0", keras="2.9.0" if minor < 16 else "3.15.0")
        for minor in range(26)
    } | {
        f"tf2.19.1-keras3.{minor}.0": replace(release, tensorflow="2.19.1", keras=f"3.{minor}.0") for minor in range(16)
    }
    cells = []
    for id, facts in releases.items():
        keras3 = facts.keras.startswith("3")
        old = int(facts.keras.split(".")[1]) < 4 if "-keras" in id else not keras3 and int(id.split(".")[1]) < 5
        for path in PATHS.values():
            if path.group != "default":
                continue
            status = "pass"
            if path.id == "tfsm-layer" or (path.id == "h5" and old):
                status = "regress"
            elif path.id == "savedmodel" and keras3:
                status = "not-applicable"
            for variant in ["default", *(f"freeze=v{n}" for n in range(62))] if path.id == "small" else ["default"]:
                cell_id = CellId(release=id, path=path.id, variant=variant)
                cells.append(replace(model, id=cell_id, status=status, checks=(), drift=None, known=None))
    return replace(real, releases=releases, cells=tuple(cells))


def test_variants_stand_under_their_path_and_fold(browser: Chromium, page: Page, real: Results) -> None:
    extra = [
        replace(cell, id=CellId(release=cell.id.release, path="h5", variant=variant), status="error", kind="oom")
        for cell in real.cells
        if cell.id.path == "h5"
        for variant in ("freeze=model", "wrap=nested")
    ]
    browser.open(page(real.with_cells([*real.cells, *extra])))
    assert shown(browser) == 15
    browser.click('.toggle[aria-label^="h5:"]')
    assert shown(browser) == 9
    folded = "document.querySelector('#grid td[aria-label^=\"tf2.1.0, h5:\"]').ariaLabel"
    assert browser.run(folded) == "tf2.1.0, h5: 1 of 3 variants regress, known"
    assert browser.run("document.querySelector('#grid td[aria-label^=\"tf2.1.0, h5:\"]').textContent") == "1/3"
    assert browser.run("document.activeElement.getAttribute('aria-expanded')") == "false"
    browser.press("Enter")
    assert shown(browser) == 15


@pytest.mark.parametrize("release", ["tf2.1.1", "tf2.21.0"])
def test_packages_are_held_against_the_nearest_release_with_another_verdict(
    browser: Chromium, page: Page, real: Results, release: str
) -> None:
    browser.open(page(real), f"#{release}/h5")
    assert browser.run("document.querySelector('.choose [aria-pressed=true]').textContent").startswith("tf2.1.0, older")
    rows = "[...document.querySelectorAll('.differs')][0].innerText"
    assert "tensorflow" in browser.run(rows)
    assert "2.1.0" in browser.run(rows)


def test_a_fine_tune_is_drawn_beside_its_reference(browser: Chromium, page: Page, tuned: Results) -> None:
    browser.open(page(tuned), "#tf2.1.0/tf-keras-applications")
    assert browser.run("document.querySelector('.curves svg').getAttribute('aria-label')") == (
        "fine-tuned as this path loads it: accuracy ends at 0.8 in training and 0.1 in validation; "
        "head on inference features: accuracy ends at 0.8 in training and 0.79 in validation"
    )
    titles = browser.run("[...document.querySelectorAll('.curves svg .title')].map(title => title.textContent)")
    assert {*titles} == {"accuracy (share of images)", "epoch"}
    assert browser.run("document.querySelectorAll('.curves .subject-dot').length") == 3
    assert browser.run("document.querySelectorAll('.curves .reference.hollow').length") == 3


def test_the_script_is_copied(browser: Chromium, page: Page, real: Results) -> None:
    browser.open(page(real), "#tf2.1.0/h5")
    browser.run("navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); }")
    browser.click("#cell .code-head .act")
    browser.until("window.copied !== undefined")
    repro = next(
        check.repro for cell in real.cells if str(cell.id) == "tf2.1.0/h5" for check in cell.checks if check.repro
    )
    assert browser.run("window.copied") == repro


def test_hostile_text_is_shown_and_does_nothing(browser: Chromium, page: Page) -> None:
    browser.open(page(hostile()), "#tf2.1.0/h5")
    browser.until(f"{TITLE} !== null")
    browser.run("document.querySelectorAll('#cell details').forEach(d => { d.open = true; })")
    text = browser.run("document.getElementById('cell').textContent")
    assert text.count("</script><script>alert(1)</script>") >= 5
    assert browser.run("document.querySelectorAll('script').length") == 5
    assert HOSTILE[:30] in browser.run("document.querySelector('.reason').textContent")


def test_on_a_phone_text_without_a_space_is_broken(browser: Chromium, page: Page, real: Results) -> None:
    endless = [replace(cell, reason="x" * 900, remedy="y" * 900) for cell in real.cells]
    browser.view(width=400, height=800)
    browser.open(page(real.with_cells(endless)), "#tf2.1.0/h5")
    assert browser.run("document.documentElement.scrollWidth") <= 400
    assert browser.run("document.getElementById('cell').scrollWidth") <= 400


def test_on_a_phone_nothing_is_cut_off_and_a_cell_covers_the_page(browser: Chromium, page: Page, real: Results) -> None:
    browser.view(width=400, height=800)
    browser.open(page(real))
    assert browser.run("document.documentElement.scrollWidth") <= 400
    browser.click('#grid td[aria-label^="tf2.1.0, h5:"]')
    browser.until(f"{TITLE} === 'tf2.1.0 / h5'")
    assert browser.run("document.getElementById('cell').getBoundingClientRect().width") == 400
    assert browser.run("document.getElementById('cell').scrollWidth") <= 400
    assert browser.run("document.getElementById('main').inert")
    browser.press("Escape")
    browser.until("!document.getElementById('main').inert")


def test_on_a_phone_paths_whose_names_differ_at_the_end_can_be_told_apart(
    browser: Chromium, page: Page, real: Results
) -> None:
    browser.view(width=400, height=800)
    browser.open(page(wide(real)))
    # The last letter of each name is within what is seen of it.
    seen = """[...document.querySelectorAll('#grid tbody th')].map(each => {
      const [box, name, letter] = [each.getBoundingClientRect(), each.querySelector('bdi').lastChild, new Range()];
      letter.setStart(name, name.length - 1);
      letter.setEnd(name, name.length);
      const place = letter.getBoundingClientRect();
      return place.left >= box.left && place.right <= box.right + 1;
    })"""
    assert all(browser.run(seen))


def test_the_terms_of_a_query_are_told_where_the_filters_are(browser: Chromium, page: Page, real: Results) -> None:
    browser.view(width=400, height=800)
    browser.open(page(real))
    browser.click("#filter-fold > summary")
    told = browser.run("document.getElementById('filter-fold').innerText")
    assert "was:pass now:regress is what broke since the next older release" in told
    assert "path variant family release tensorflow keras python status now was drift check;" in told
    assert browser.run("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize(("dark", "ground"), [(False, "rgb(252, 252, 250)"), (True, "rgb(23, 24, 27)")])
def test_the_scheme_is_that_of_the_reader(
    browser: Chromium, page: Page, real: Results, dark: bool, ground: str
) -> None:
    browser.view(dark=dark)
    browser.open(page(real))
    assert browser.run("getComputedStyle(document.body).backgroundColor") == ground


def test_print_leaves_the_controls_out(browser: Chromium, page: Page, real: Results) -> None:
    browser.view(media="print")
    browser.open(page(real), "#tf2.1.0/h5")
    assert browser.run("document.getElementById('filters').getBoundingClientRect().height") == 0
    assert browser.run("getComputedStyle(document.getElementById('cell')).position") == "static"


def test_five_thousand_cells_are_all_there_and_only_what_is_opened_is_read(
    browser: Chromium, page: Page, many: Results
) -> None:
    browser.open(page(many))
    assert "5000 cells in 25 releases" in browser.run("document.getElementById('shown').textContent")
    assert shown(browser) == 25 * 8
    browser.click("#fold-all")
    assert shown(browser) == 5_000
    assert browser.run("document.querySelectorAll('#cell *').length") == 0
    browser.run("location.hash = 'tf2.24.0/path-7@freeze=v24'")
    browser.until(f"{TITLE} === 'tf2.24.0 / path-7@freeze=v24'")
    selected = "document.querySelector('#grid td[aria-selected=true]').getBoundingClientRect()"
    assert browser.run(f"(b => b.top >= 0 && b.bottom <= innerHeight)({selected})")
