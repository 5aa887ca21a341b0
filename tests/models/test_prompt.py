"""What a model that writes is given to read, and what it loses when that is too long."""

from __future__ import annotations

import pytest
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.models.prompt import prompts, sources
from harness.tasks.dialogue import TASK as DIALOGUE
from harness.tasks.summarization import TASK as SUMMARIZATION
from harness.text import Example

NO = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
TALK = {"01 customer": "hello", "02 agent": "yes?", "03 customer": "my bill", "04 customer": "is wrong"}


@pytest.fixture(scope="module")
def reader(tiny_seq2seq):
    """The tokenizer of the encoder-decoder: the end comes after each text."""
    return transformers.AutoTokenizer.from_pretrained(tiny_seq2seq)


@pytest.fixture(scope="module")
def writer(tiny_decoder):
    """The tokenizer of the decoder, with its chat template."""
    return transformers.AutoTokenizer.from_pretrained(tiny_decoder)


@pytest.fixture
def plain(tiny_decoder):
    """The same without a template."""
    found = transformers.AutoTokenizer.from_pretrained(tiny_decoder)
    found.chat_template = None
    return found


def document(text):
    """A text to be summarised."""
    return Example("a", {"source": text}, ("short",))


def talk(**meta):
    """A conversation in which the agent is to reply, unless told otherwise."""
    return Example("a", TALK, ("sorry",), meta={"speaker": "agent"} | meta)


def told(tokenizer, task, example, limit=500):
    """The prompt as text, and how many tokens it lacks."""
    (found,) = prompts(tokenizer, task, [example], limit)
    return tokenizer.decode(found.ids), found.lost


def read(tokenizer, task, example, limit=500):
    """The source as text, and how many tokens it lacks."""
    (found,) = sources(tokenizer, [task.inputs(example)[0]], limit)
    return tokenizer.decode(found.ids), found.lost


def test_the_user_says_instruction_and_text_and_the_assistant_is_about_to_speak(writer):
    """As the tokenizer's own template has it."""
    said, lost = told(writer, SUMMARIZATION, document("a long story"))
    assert said == f"<user>{SUMMARIZATION.instruction}\na long story<end><assistant>"
    assert lost == 0


def test_turns_are_the_assistants_if_the_speaker_is_who_replies(writer):
    """Turns of the same side that follow each other become one, the instruction opens the user's first."""
    said, _ = told(writer, DIALOGUE, talk())
    asked = DIALOGUE.instruction
    assert said == f"<user>{asked}\nhello<end><assistant>yes?<end><user>my bill\nis wrong<end><assistant>"
    said, _ = told(writer, DIALOGUE, talk(speaker="customer"))
    assert said == (
        f"<user>{asked}<end><assistant>hello<end><user>yes?<end><assistant>my bill\nis wrong<end><assistant>"
    )


def test_without_a_template_instruction_and_text_stand_one_below_the_other(plain):
    """Nothing else is known of such models."""
    said, _ = told(plain, SUMMARIZATION, document("a long story"))
    assert said == f"{SUMMARIZATION.instruction}\na long story\n"


def test_an_encoder_reads_the_text_without_any_instruction(reader):
    """It is trained for its task and nothing else."""
    assert read(reader, SUMMARIZATION, document("a long story")) == ("a long story<end>", 0)


def test_documents_lose_their_end_and_dialogues_their_beginning(reader, writer, plain):
    """What is gone is counted, in tokens, whoever reads."""
    assert read(reader, SUMMARIZATION, document("0123456789"), 9) == ("01234567<end>", 2)
    whole, _ = read(reader, DIALOGUE, talk())
    said, lost = read(reader, DIALOGUE, talk(), 30)
    assert (said, lost) == (whole[-len(said) :], len(whole) - len(said))
    assert said.endswith("customer: is wrong\nagent:<end>")

    whole, _ = told(plain, SUMMARIZATION, document("0123456789"))
    assert told(plain, SUMMARIZATION, document("0123456789"), len(whole) - 3) == (
        f"{SUMMARIZATION.instruction}\n0123456\n",
        3,
    )
    size = len(writer(told(writer, DIALOGUE, talk())[0])["input_ids"])
    said, lost = told(writer, DIALOGUE, talk(), size - 6)
    assert said == (
        f"<user>{DIALOGUE.instruction}<end><assistant>es?<end><user>my bill\nis wrong<end><assistant>"
    )
    assert lost == 6


@NO
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=4), limit=st.integers(8, 60))
def test_nothing_is_longer_than_the_limit_and_nothing_is_lost_that_fits(reader, writer, texts, limit):
    """Whatever the turns are, however small the room."""
    names = [f"{at:02} {'ab'[at % 2]}" for at in range(len(texts))]
    example = Example("a", dict(zip(names, texts, strict=True)), ("x",), meta={"speaker": "b"})
    (source,) = sources(reader, [DIALOGUE.inputs(example)[0]], limit)
    (whole,) = sources(reader, [DIALOGUE.inputs(example)[0]], 10**6)
    assert len(source.ids) <= limit
    assert (source.lost == 0) == (len(whole.ids) <= limit)
    assert len(source.ids) + source.lost >= min(len(whole.ids), limit)
    (prompt,) = prompts(writer, DIALOGUE, [example], limit)
    assert len(prompt.ids) <= limit


def test_both_texts_of_a_pair_get_their_share(reader):
    """What one does not need is the other's."""
    from dataclasses import replace

    from harness.tasks.reading import field

    task = replace(
        SUMMARIZATION, inputs=lambda example: [tuple(field(example, name) for name in example.fields)]
    )
    pair = Example("a", {"one": "aaaa", "two": "b" * 20}, ("x",))
    assert read(reader, task, pair, 16) == ("aaaa<end>" + "b" * 10 + "<end>", 10)
    pair = Example("a", {"one": "a" * 20, "two": "b" * 20}, ("x",))
    assert read(reader, task, pair, 16) == ("a" * 7 + "<end>" + "b" * 7 + "<end>", 26)
