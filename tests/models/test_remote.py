"""A model at the end of a wire is asked like any other."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.errors import BrokenPromise, UserError
from harness.inference import predict
from harness.models.function import Function, digest, resolve
from harness.models.remote import endpoint
from harness.tasks.classification import TASK
from harness.text import example


@contextmanager
def listening(*answers):
    """A server that gives these answers in turn: a status and a function of the inputs; then the last again."""
    given = list(answers)
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            inputs = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["inputs"]
            asked.append(inputs)
            status, answer = given[0] if len(given) == 1 else given.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer(inputs).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/predict", asked
    finally:
        server.shutdown()
        server.server_close()


def outputs(inputs):
    """A classifier by one word."""
    return json.dumps({"outputs": ["pos" if "good" in text else "neg" for text in inputs]})


def test_an_endpoint_is_a_callable_like_any_other():
    """Inputs are posted in batches; equal ones once; answers come back in order."""
    texts = [example("a", "a good film"), example("b", "a film"), example("c", "a good film")]
    with listening((200, outputs)) as (url, asked):
        model = Function(resolve(url), ("neg", "pos"), TASK)
        assert [said.label for said in predict(model, texts)] == ["pos", "neg", "pos"]
    assert sorted(asked[0]) == ["a film", "a good film"]
    assert digest(url) == digest(url) != digest(url + "2")


def test_a_busy_server_is_asked_again_after_a_while():
    """Twice the wait each time, and the answer is the same."""
    waited = []
    with listening((503, outputs), (429, outputs), (200, outputs)) as (url, asked):
        assert endpoint(url, waited.append)(["good"]) == ["pos"]
    assert waited == [1.0, 2.0]
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, outputs), "HTTP 404"),
        ((200, lambda inputs: "<html>"), "not JSON"),
        ((200, lambda inputs: '{"labels": []}'), "should answer"),
        ((200, lambda inputs: "[1]"), "should answer"),
    ],
)
def test_an_answer_that_is_none_says_what_came_instead(answer, message):
    """The address and the beginning of what was found."""
    with listening(answer) as (url, _), pytest.raises(BrokenPromise, match=message):
        endpoint(url, lambda seconds: None)(["good"])


def test_a_server_that_is_not_there_is_the_users_fault():
    """After four tries; the hint is the likeliest reason."""
    with listening((200, outputs)) as (url, _):
        pass
    waited = []
    with pytest.raises(UserError, match="no answer from") as caught:
        endpoint(url, waited.append)(["good"])
    assert "is the server running" in caught.value.faults[0].hint
    assert waited == [1.0, 2.0, 4.0]
