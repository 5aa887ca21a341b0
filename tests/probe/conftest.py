"""Tiny transformers with random heads, as those whose explanations are tested."""

from __future__ import annotations

from tests.explain.conftest import tiny  # noqa: F401
