"""A model at the end of a wire: inputs are posted as JSON, answers come back as JSON."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

from harness.errors import BrokenPromise, Fault, UserError

SCHEMES = ("http://", "https://")
TIMEOUT, TRIES = 60.0, 4
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers of a server that may be otherwise a little later."""


def is_endpoint(reference: str) -> bool:
    """Whether a model is named by where it listens."""
    return reference.startswith(SCHEMES)


def endpoint(url: str, wait: Callable[[float], None] = time.sleep) -> Callable[[list[Any]], Sequence[Any]]:
    """A function that posts ``{"inputs": […]}`` and gives what comes back as ``{"outputs": […]}``.

    Inputs and outputs are those of any callable model, see :class:`harness.models.function.Function`. A
    server that is busy or cannot be reached is asked again, up to four times, after 1, 2 and 4 seconds.

    Args:
        url: Where to post.
        wait: Lets so many seconds pass.

    Raises:
        UserError: Of the function, if nothing answers there.
        BrokenPromise: Of the function, if the answer is not what was asked for.
    """

    def ask(inputs: list[Any]) -> Sequence[Any]:
        body = json.dumps({"inputs": inputs}, ensure_ascii=False).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        for attempt in range(TRIES):
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                    return _outputs(url, answer.read())
            except urllib.error.HTTPError as error:
                why = f"HTTP {error.code} {error.reason}"
                if error.code not in BUSY:
                    raise BrokenPromise(f"{url} answered {why}") from error
            except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
                why = str(getattr(error, "reason", error))
            if attempt < TRIES - 1:
                wait(2.0**attempt)
        raise UserError(Fault(f"no answer from {url}: {why}", hint="is the server running?"))

    return ask


def _outputs(url: str, body: bytes) -> Sequence[Any]:
    try:
        told = json.loads(body)
    except ValueError as error:
        raise BrokenPromise(f"{url} answered something that is not JSON: {body[:60]!r}") from error
    found = told.get("outputs") if isinstance(told, dict) else None
    if not isinstance(found, list):
        raise BrokenPromise(f'{url} should answer {{"outputs": […]}}, found {str(told)[:60]}')
    return found
