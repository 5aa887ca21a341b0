"""Explanations, and what they are worth."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from harness import catalog
from harness.errors import BrokenPromise
from harness.explain.explain import explain
from harness.explain.explainer import Attribution, explainer
from harness.explain.gradients import integrated_gradients
from harness.explain.occlusion import occlusion
from harness.tasks import classification
from harness.text import Edit, example, vary

TEXT = "An awful film, great actors, poor sound, a bad and dull end."


def run(model, texts, record=occlusion, edited=None, seed=0, **rest):
    """Explanations of texts with ids 0, 1, ..."""
    examples = [example(str(at), text) for at, text in enumerate(texts)]
    return explain(model, model.task, examples, edited or {}, record, record.bind(None), seed=seed, **rest)


def test_every_built_in_explainer_can_be_found_by_name():
    """The catalog knows them, with their options."""
    assert catalog.find("explainer", "integrated-gradients").options == {"steps": 20, "limit": 40}
    assert catalog.find("explainer", "gradient-x-input").name == "gradient-x-input"
    assert catalog.find("explainer", "occlusion") is occlusion


def test_occlusion_finds_what_each_word_adds_to_the_probability(additive):
    """An additive model gives its own points back."""
    one = run(additive, [TEXT])[0]
    found = {
        TEXT[a:b].strip(",."): round(w, 6) for (a, b, _), w in zip(one.words, one.weights, strict=True) if w
    }
    assert found == {"awful": 0.4, "great": -0.1, "poor": 0.1, "bad": 0.2, "dull": 0.05}
    assert (one.target, one.method) == ("negative", "occlusion")
    assert one.completeness is None
    assert one.note == "words replaced by …"


def test_the_true_order_of_an_additive_model_is_perfectly_faithful(additive):
    """Faithfulness is 1 for the truth and -1 for its opposite."""

    @explainer("opposite")
    def opposite(model, task, goals):
        """The truth with its sign turned."""
        return [Attribution(-one.weights) for one in occlusion.function(model, task, goals)]

    assert run(additive, [TEXT])[0].faithfulness == pytest.approx(1)
    assert run(additive, [TEXT], opposite)[0].faithfulness == pytest.approx(-1)


def test_random_orders_are_not_faithful_on_average(additive):
    """The control's mean over many texts is near 0, where the explanation's is 1."""
    found = run(additive, [f"{TEXT} {at}" for at in range(120)], segments=4)
    control = [one.control for one in found]
    assert abs(np.mean(control)) < 4 * np.std(control) / np.sqrt(len(control))
    assert np.std(control) > 0.2


def test_equal_seeds_draw_equal_controls_whatever_the_company(additive):
    """A control depends on the seed and the example's id alone."""
    texts = [TEXT, "Bad, awful, poor and dull it was."]
    both, again = run(additive, texts), run(additive, texts)
    assert both == again
    assert run(additive, texts[:1]) == both[:1]
    assert run(additive, ["", texts[1]]) == both[1:]
    assert any(run(additive, texts, seed=seed)[0].control != both[0].control for seed in range(1, 5))


def test_a_model_without_gradients_is_explained_by_occlusion_which_is_said(additive):
    """Asking for integrated gradients of a callable gives an answer, not an error."""
    one = run(additive, [TEXT], integrated_gradients)[0]
    assert one.method == "occlusion (no gradients)"
    assert one.weights == run(additive, [TEXT])[0].weights


def test_texts_without_words_are_left_out_and_single_words_have_no_order(additive):
    """Empty texts are no rows; one word can be explained but not ranked."""
    found = run(additive, ["", " \n ", "awful"])
    assert [one.id for one in found] == ["2"]
    assert found[0].weights == pytest.approx([0.4])
    assert found[0].faithfulness is None
    assert found[0].control is None
    assert run(additive, []) == []
    assert run(additive, [""]) == []


def test_an_edit_that_leaves_the_prediction_alone_is_judged_by_shared_words(additive):
    """A typing error in a word without weight changes nothing: rho is 1."""
    variant = vary(example("0", TEXT), [Edit(9, 9, "i")])
    one = run(additive, [TEXT], edited={"0": variant})[0]
    assert one.edited_fields == dict(variant.example.fields)
    assert one.stability == pytest.approx(1)
    assert len(one.edited_words) == len(one.edited_weights) == len(one.words)


def test_an_edit_that_moves_the_prediction_is_not_compared(additive):
    """Losing ``awful`` costs .4 of probability: attributions may change then."""
    variant = vary(example("0", TEXT), [Edit(3, 8, "awfool")])
    one = run(additive, [TEXT], edited={"0": variant})[0]
    assert one.edited_fields is one.edited_words is one.edited_weights is one.stability is None
    assert one.note.endswith("the edit moved the prediction")


def test_a_variant_without_edits_is_no_evidence(additive):
    """Equal texts would be perfectly stable for no reason."""
    one = run(additive, [TEXT], edited={"0": vary(example("0", TEXT), [])})[0]
    assert one.edited_fields is None
    assert one.stability is None


@pytest.mark.parametrize("task", ["classification", "ner"])
@pytest.mark.parametrize("name", ["integrated-gradients", "gradient-x-input", "occlusion"])
def test_explanations_of_a_transformer_are_finite_json(tiny, task, name):
    """Each method explains labels and entities; its record survives strict JSON."""
    model, texts = (
        tiny(task),
        ["alice went to paris , said bob .", "the food was good .", "", "x", "[MASK] …"],
    )
    source = example("0", texts[0])
    record = catalog.find("explainer", name)
    found = run(model, texts, record, {"0": vary(source, [Edit(11, 13, "ot")])})
    assert found
    assert {one.id for one in found} <= {"0", "1", "3", "4"}
    for one in found:
        assert json.loads(json.dumps(asdict(one), allow_nan=False))["id"] == one.id
        assert len(one.weights) == len(one.words) == len(texts[int(one.id)].split())
        assert one.faithfulness is None or -1 <= one.faithfulness <= 1
        assert "words replaced by [MASK]" in one.note
        assert (":" in one.target) == (task == "ner")


def test_occlusion_of_a_transformer_is_as_faithful_as_its_words_are_chunks(tiny):
    """With one word a chunk, the word whose loss is greatest comes first in both."""
    one = run(tiny("classification"), ["bob was sad today"])[0]
    assert one.faithfulness is not None
    assert one.faithfulness > 0


def test_an_explainer_that_breaks_its_promise_is_named(additive):
    """Too few answers, too few weights, and weights that are not finite."""

    def saying(weights):
        def liar(model, task, goals):
            """Says what it is told."""
            return weights

        return explainer("liar")(liar)

    one = [np.zeros(2)]
    for said in ([], [Attribution(np.zeros(3))], [Attribution(np.array([0, np.nan]))]):
        with pytest.raises(BrokenPromise, match="explainer liar"):
            run(additive, ["so bad"], saying(said))
    assert run(additive, ["so bad"], saying([Attribution(one[0])]))[0].weights == [0, 0]


def test_the_task_reaches_the_explainer(additive):
    """A third party's explainer is told what the model predicts."""
    heard = []

    @explainer("curious")
    def curious(model, task, goals):
        """Listens."""
        heard.append(task.name)
        return [Attribution(np.zeros(len(goal.words))) for goal in goals]

    run(additive, [TEXT], curious)
    assert heard == [classification.TASK.name]
