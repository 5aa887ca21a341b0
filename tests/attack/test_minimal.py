"""What a success needs: edits that can be taken back are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.attack.minimal import shrink
from harness.text import Edit

SCRIPT = tuple(Edit(at, at + 1, "x") for at in range(12))


def shrunk(script, holds):
    """The result, and how many scripts were tried."""
    running, tried = shrink(script), 0
    try:
        tries = next(running)
        while True:
            tried += len(tries)
            tries = running.send([holds(set(one)) for one in tries])
    except StopIteration as end:
        return end.value, tried


@given(st.sets(st.sampled_from(SCRIPT), min_size=1))
def test_exactly_the_edits_that_are_needed_are_kept(needed):
    """Where success needs certain edits, they and no others are left, in order."""
    found, _ = shrunk(SCRIPT, lambda kept: needed <= kept)
    assert found == tuple(sorted(needed))


@given(st.frozensets(st.frozensets(st.sampled_from(SCRIPT[:6]), min_size=1), max_size=20))
def test_no_single_edit_can_be_taken_back_from_the_result(working):
    """Whatever the model does: one-minimal, still a success, and never empty."""
    script = SCRIPT[:6]

    def holds(kept):
        return kept == set(script) or frozenset(kept) in working

    found, _ = shrunk(script, holds)
    assert found
    assert holds(set(found))
    smaller = [found[:at] + found[at + 1 :] for at in range(len(found))]
    assert not any(one and holds(set(one)) for one in smaller)


def test_a_single_edit_is_minimal_already():
    """Nothing is asked for it."""
    assert shrunk(SCRIPT[:1], lambda kept: True) == (SCRIPT[:1], 0)


def test_needless_edits_are_taken_back_many_at_a_time():
    """One needed edit of twelve is found with fewer texts than edits squared."""
    found, tried = shrunk(SCRIPT, lambda kept: SCRIPT[7] in kept)
    assert found == (SCRIPT[7],)
    assert tried <= 12
