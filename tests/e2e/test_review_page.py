"""The sheet on which people judge perturbed texts, in a real browser."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from harness.data.verdicts import read

from .test_browser import browser  # noqa: F401

pytestmark = pytest.mark.browser


def test_a_sheet_is_judged_by_keyboard_and_saved(project: Any, browser: Any) -> None:  # noqa: F811
    """Three keys, a name, a file that the suite can read; and nothing is lost on reload."""
    assert project("review", "suite.yaml", "-o", "sheet.html", "--each", "3").code == 0
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.goto((project.folder / "sheet.html").as_uri())
    page.bring_to_front()  # keys go to the page that has the focus
    page.fill("#reviewer", "Ann B.")
    page.keyboard.press("Tab")
    for key in ("y", "n", "u"):
        page.keyboard.press(key)
    assert page.inner_text("#progress") == "3 of 6 judged"
    with page.expect_download() as saved:
        page.click("text=Save verdicts")
    assert saved.value.suggested_filename == "review-Ann-B-.csv"
    path = project.folder / "saved.csv"
    saved.value.save_as(path)
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert [row["verdict"] for row in rows] == ["yes", "no", "unsure", "", "", ""]
    assert all(row["reviewer"] == "Ann B." and row["clean"] != row["perturbed"] for row in rows)
    found = read([str(path)], ["keyboard", "upper"])["keyboard"]
    assert (found.valid, found.judged) == (1, 3)
    page.reload()
    assert page.inner_text("#progress") == "3 of 6 judged"
    assert faults == []
    page.close()
