"""Other people's implementations beside ours: how far apart they are is asserted, and shown at the end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import ArrayLike

Agree = Callable[[str, str, ArrayLike, ArrayLike, float], None]
_SEEN = pytest.StashKey[dict[tuple[str, str], float]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing has been compared yet."""
    config.stash[_SEEN] = {}


@pytest.fixture
def agree(request: pytest.FixtureRequest) -> Agree:
    """``agree(what, whose, ours, theirs, within)``: they differ by no more than ``within``."""
    seen = request.config.stash[_SEEN]

    def assert_near(what: str, whose: str, ours: ArrayLike, theirs: ArrayLike, within: float) -> None:
        one, other = np.asarray(ours, float), np.asarray(theirs, float)
        assert one.shape == other.shape
        assert np.isfinite(one).all()
        apart = float(np.abs(one - other).max())
        seen[what, whose] = max(seen.get((what, whose), 0.0), apart)
        assert apart <= within, f"{what}: {one} is not {whose}'s {other}"

    return assert_near


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of what was compared."""
    seen = config.stash.get(_SEEN, {})
    if seen:
        terminalreporter.section("agreement with other implementations")
        for (what, whose), apart in seen.items():
            terminalreporter.write_line(f"| {what} | `{whose}` | {f'{apart:.0e}' if apart else 'none'} |")
