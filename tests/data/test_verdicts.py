"""What people said of perturbed texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.data.verdicts import kappa, read
from harness.errors import UserError

HEAD = "operator,severity,id,clean,perturbed,gold,verdict,reviewer\n"


def sheet(folder: Path, name: str, *rows: str) -> str:
    path = folder / name
    path.write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
    return str(path)


def test_texts_count_as_valid_if_everybody_said_yes(tmp_path: Path) -> None:
    """One no is enough against, unsure is no yes, and what nobody judged does not count."""
    ann = sheet(
        tmp_path,
        "ann.csv",
        *(f"ocr,5,{at},,,,{v},Ann" for at, v in enumerate(("yes", "yes", "no", "unsure", ""))),
    )
    bob = sheet(tmp_path, "bob.csv", *(f"ocr,5,{at},,,,{v},Bob" for at, v in enumerate(("yes", "no", "no"))))
    found = read([ann, bob], ["ocr", "keyboard"])["ocr"]
    assert (found.valid, found.judged, found.reviewers) == (1, 4, 2)
    assert found.kappa == pytest.approx(0.4)  # 2 of 3 agree; 2/3 * 1/3 + 1/3 * 2/3 by chance


def test_kappa_is_cohens() -> None:
    """Twenty of fifty agreed yes, fifteen no: kappa .4 of a textbook example; none where it says nothing."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([]) is None
    assert kappa([(True, True)] * 5) is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ocr,5,1,,,,maybe,Ann", "should be yes, no, unsure or empty, found"),
        ("orc,5,1,,,,yes,Ann", "did you mean 'ocr'"),
    ],
)
def test_a_wrong_verdict_is_told_with_its_line(row: str, said: str, tmp_path: Path) -> None:
    """File, line, and what would be right."""
    path = sheet(tmp_path, "x.csv", "ocr,5,0,,,,yes,Ann", row)
    with pytest.raises(UserError) as caught:
        read([path], ["ocr"])
    assert f"{path}:3" in str(caught.value)
    assert said in str(caught.value)


def test_a_sheet_without_verdicts_is_no_sheet(tmp_path: Path) -> None:
    """The missing column is named."""
    path = tmp_path / "x.csv"
    path.write_text("operator,severity,id\nocr,5,1\n", "utf-8")
    with pytest.raises(UserError, match="no column 'verdict'"):
        read([str(path)], ["ocr"])
