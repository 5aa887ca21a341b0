"""Results as a real run makes them: two models, three seeds, ten operators, every verdict."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np

from harness.measure.attacked import costs
from harness.measure.basis import plain
from harness.measure.partial import UNUSED
from harness.measure.robustness import measure
from harness.measure.tables import ModelTable, TransferTable
from harness.report import diff
from harness.rows import (
    PROPERTIES,
    Answered,
    Attacked,
    Explained,
    Failure,
    GateResult,
    Histogram,
    LabelLine,
    LabelReport,
    Passage,
    Results,
    Row,
    Run,
    Scored,
    Searched,
    Shown,
    SliceSearch,
    Status,
    SuiteInfo,
    Trained,
    Transition,
    Verdict,
    WeakSlice,
    Work,
)
from tests.measure import build

from . import hostile

MODELS = {"minilm": 0.912, "bag-of-words": 0.781}
OPERATORS = {
    "keyboard": ("character", 0.30),
    "ocr": ("character", 0.24),
    "misspell": ("character", 0.16),
    "nlpaug:keyboard": ("character", 0.33),
    "synonym": ("word", 0.12),
    "delete-word": ("word", 0.22),
    "swap-words": ("word", 0.09),
    "distractor": ("sentence", 0.07),
    "whitespace": ("format", 0.02),
    "entity-swap": ("entity", 0.15),
}
FORMULAS = {
    "continuity": "1 − normalised area under the severity–distance curve",
    "robustness": "mean share of the score above chance that is left",
    "stability": "agreement of training runs, corrected for chance (Krippendorff's α)",
    "generalization": "mean share of the score above chance that carries over to shifts",
    "interpretability": "normalised faithfulness of attributions",
}
SIGNATURE = "span-f1|exact|B=2000|95|bca|v1"
TEXT = "Maria Keller joined Northwind Labs in Zurich on Monday."


def results() -> Results:
    """A failed run with everything that a report can hold."""
    return Results(
        run=_run(),
        suite=_suite(),
        exit_code=1,
        scorecard=_scorecard(),
        rows=(
            *_scores(),
            *_grid(),
            *_shifts(),
            *attacked()[0],
            *_strange(),
            *_beside(),
            *_sliced("length", "1-12"),
            *_parts("entities"),
        ),
        gates=_gates(),
        models=_trained(),
        searches=SEARCHES,
        attacks=attacked()[1],
        transitions=TRANSITIONS,
        outliers=HISTOGRAMS,
        units=(
            Work(kind="train", total=6, cached=2, done=3, failed=1, skipped=0, seconds=74.2),
            Work(kind="predict", total=186, cached=62, done=124, failed=0, skipped=0, seconds=31.05),
        ),
        failures=(Failure(unit="explain bag-of-words seed 2", error="OutOfMemoryError: 2.1 GiB wanted"),),
        labels=_labels(),
        examples=_examples(),
        explanations=_explanations(),
        slices=(_found("minilm", "length", "1-12"), replace(_found("bag-of-words", "", ""), found=())),
    )


def empty() -> Results:
    """A run that measured nothing."""
    whole = results()
    return Results(
        run=replace(whole.run, warnings=(), seeds=()),
        suite=replace(whole.suite, data={}, resolved={}),
        exit_code=0,
        scorecard=(),
        rows=(),
        gates=(),
        models=(),
        units=(),
    )


def hostile_results(texts: tuple[str, ...] = hostile.ALL) -> Results:
    """The same with hostile texts wherever data, models, plug-ins or users put any."""
    whole = results()
    everything = " ".join(texts)
    rows = tuple(
        Row(
            property="robustness",
            measure="retained_score",
            model=everything,
            condition={"operator": text, "family": text, "severity": severity},
            value=0.5,
            low=0.4,
            high=0.6,
            signature=text,
            note=text,
        )
        for text in texts
        for severity in (1, 3)
    )
    under = (
        {"measure": "attack_success_rate", "condition": {}},
        {"measure": "attack_truncated", "condition": {}},
        {"measure": "attack_success_within", "condition": {"budget": 20}},
        {"measure": "attack_refused", "condition": {"constraint": everything}, "value": 0.0},
        {"measure": "transfer_rate", "condition": {"from": everything, "from_seed": 0}},
    )
    rows += tuple(
        replace(rows[0], **one | {"condition": {"attack": text} | one["condition"]})
        for text in texts
        for one in under
    )
    around = (
        {"measure": "smoothness", "condition": {}},
        {"measure": "answer_survival", "condition": {"step": 1, everything: everything}},
    )
    rows += tuple(
        replace(
            rows[0], property="continuity", measure=one["measure"], condition={**place, **one["condition"]}
        )
        for place in (
            {"probe": everything, "operator": everything},
            {"probe": texts[0], "operator": texts[-1]},
        )
        for one in around
    )
    rows += (replace(rows[-1], value=None, condition={"probe": texts[1]}),)
    rows += tuple(
        replace(
            rows[0],
            model=texts[0],
            signature="",
            note=text,
            measure=measure,
            condition={"outliers": text, "by": text},
        )
        for text in texts
        for measure in ("outlier_auroc", "outlier_aupr", "outlier_fpr95")
    )
    rows += tuple(
        replace(
            rows[0],
            model=texts[0],
            signature="",
            note="",
            measure="corruption_error",
            condition={"operator": text},
        )
        for text in texts
    )
    shown = tuple(
        replace(
            whole.examples[0],
            id=text,
            model=everything,
            condition={"operator": text, "severity": 1},
            edits=((0, len(text) // 2, text),),
            gold=Passage(text=text, label=text),
            before=Passage(text=text, label=text, written=at % 2 > 0, marks=((0, len(text), text, 0.9),)),
            after=Passage(
                text=diff_after(text),
                label=text[::-1],
                confidence=0.5,
                written=at % 2 > 0,
                choices=((text, 0.5), (everything, 0.4)),
            ),
            note=text,
        )
        for at, text in enumerate(texts)
    )
    shown += tuple(
        replace(one, kind="probe", condition={"probe": everything, "operator": one.note}) for one in shown[:3]
    )
    told = tuple(
        Explained(
            model=text,
            id=text,
            method=text,
            target=text,
            clean=Passage(text=text, marks=((0, max(1, len(text) // 2), text, 0.8),)),
            edited=None,
            faithfulness=None,
            stability=None,
        )
        for text in texts
    )
    shown += tuple(replace(one, kind="partial", condition={"partial": one.note}) for one in shown[:3])
    rows += tuple(row for text in texts for row in (*_sliced(text, text), *_parts(text)))
    lines = tuple(replace(whole.labels[0].lines[0], name=text) for text in texts)
    gates = tuple(replace(whole.gates[0], expression=text, model=text, reason=text) for text in texts)
    return replace(
        whole,
        run=replace(
            whole.run, command=everything, versions={everything: everything}, warnings=texts, id=texts[0]
        ),
        suite=replace(
            whole.suite,
            name=everything,
            file=texts[0],
            description=everything,
            metric=texts[-1],
            resolved={everything: list(texts)},
        ),
        scorecard=tuple(replace(one, model=everything, note=everything) for one in whole.scorecard[:5]),
        rows=rows,
        gates=gates,
        models=tuple(replace(whole.models[0], model=text, note=text) for text in texts),
        failures=tuple(Failure(unit=text, error=text) for text in texts),
        labels=(replace(whole.labels[0], model=everything, lines=lines),),
        transitions=tuple(replace(TRANSITIONS[0], model=text, operator=text) for text in texts),
        outliers=tuple(replace(HISTOGRAMS[0], outliers=text, model=text, by=text) for text in texts),
        examples=shown,
        explanations=told,
        slices=tuple(_found(text, text, text) for text in texts),
    )


def diff_after(text: str) -> str:
    """The hostile text after its edit."""
    parts = diff.pieces(text, ((0, len(text) // 2, text),))
    return "".join(part.text for part in parts if part.change != "deleted")


TRANSITIONS = tuple(
    Transition(
        model=model,
        operator="keyboard",
        family="character",
        severity=severity,
        runs=3,
        kept=400 - 30 * severity,
        broken=40 * severity,
        mended=5,
        wrong=55,
        same_right=398 - 30 * severity,
        other_right=7,
        same_wrong=30,
        other_wrong=25 + 40 * severity,
        p=0.0001,
        q=0.0003,
    )
    for model in MODELS
    for severity in (1, 5)
)
HISTOGRAMS = tuple(
    Histogram(
        outliers=name,
        model=model,
        by="energy",
        low=-2.0,
        high=9.0,
        known=tuple(np.array([0, 1, 2, 4, 6, 8, 9, 6]) / 36),
        strange=tuple(np.array([6, 9, 8, 6, 4, 2, 1, 0]) / 36),
    )
    for name in ("reviews", "garbage")
    for model in MODELS
)


def _strange() -> tuple[Row, ...]:
    """Two sets of outliers that one model tells by three scores, and the other not at all."""
    said = {"property": "robustness", "n": 300, "runs": 3, "signature": SIGNATURE}
    figures = {"outlier_auroc": "higher", "outlier_aupr": "higher", "outlier_fpr95": "lower"}
    known = tuple(
        Row(
            **said,
            measure=measure,
            model="minilm",
            condition={"outliers": name, "by": by},
            value=value,
            low=value - 0.03,
            high=value + 0.02,
            direction=direction,
        )
        for name in ("reviews", "garbage")
        for by, value in (("probability", 0.81), ("energy", 0.88), ("entropy", 0.79))
        for measure, direction in figures.items()
    )
    bare = tuple(
        Row(
            **said,
            measure="outlier_auroc",
            model="bag-of-words",
            condition={"outliers": name},
            value=None,
            low=None,
            high=None,
            status=Status.NOT_APPLICABLE,
            note="the model does not tell how sure it is",
        )
        for name in ("reviews", "garbage")
    )
    return known + bare


def _beside() -> tuple[Row, ...]:
    """Errors of one model beside those of the other."""
    about = {"property": "robustness", "model": "minilm", "n": 300, "runs": 3, "direction": "lower"}
    value = {"value": 0.62, "low": 0.55, "high": 0.70, "signature": SIGNATURE, "note": "beside bag-of-words"}
    place = {"operator": "keyboard", "family": "character"}
    return (
        Row(**about, **value, measure="corruption_error", condition=place),
        Row(**about, **value, measure="mean_corruption_error"),
    )


def _labels() -> tuple[LabelReport, ...]:
    """Entities and words of one model; the other has no runs."""

    def line(name: str, f1: float, support: int, average: bool = False) -> LabelLine:
        ends = {"low": f1 - 0.05, "high": f1 + 0.04}
        return LabelLine(
            name=name, precision=f1 + 0.01, recall=f1 - 0.01, f1=f1, support=support, average=average, **ends
        )

    types = {"LOC": (0.93, 120), "ORG": (0.81, 1180), "PER": (0.95, 140)}
    entities = [line(name, *of) for name, of in types.items()]
    words = [line(f"{part}-{name}", *of) for name, of in types.items() for part in "BI"]
    averages = [line(f"{kind} average", 0.9, 1440, True) for kind in ("micro", "macro", "weighted")]
    return (
        LabelReport(model="minilm", level="entity", runs=2, lines=(*entities, *averages)),
        LabelReport(model="minilm", level="token", runs=2, lines=(line("O", 0.99, 9000), *words)),
    )


def _run() -> Run:
    return Run(
        id="ner-7f3a9c",
        started="2026-11-20T09:30:00+00:00",
        seconds=131.4,
        command="harness run suites/ner.yaml --workers 2",
        harness="0.1.0",
        versions={"python": "3.11.2", "torch": "2.13.0", "transformers": "4.57.6", "numpy": "2.3.4"},
        machine={"system": "Linux x86_64", "cores": 2, "memory": "8 GiB", "device": "cpu"},
        seeds=(0, 1, 2),
        warnings=("Seed 2 of minilm diverged and counts as a failed run.",),
    )


def _suite() -> SuiteInfo:
    return SuiteInfo(
        name="ner",
        file="suites/ner.yaml",
        digest="b3c1f0a97d52e846",
        task="ner",
        metric="span-f1",
        description="Does a small encoder find people, organisations and places when typing gets careless?",
        baseline="reports/baselines/ner.json",
        resolved={
            "suite": "ner",
            "models": [{"name": "minilm", "training": {"epochs": 3, "learning_rate": 0.0005}}],
            "perturb": {"severities": [1, 3, 5], "operators": list(OPERATORS)},
        },
        data={"train": 2400, "validation": 300, "test": 300, "unseen-entities": 300},
    )


def _scorecard() -> tuple[Scored, ...]:
    values = {
        "minilm": (0.874, 0.803, 0.861, 0.742, 0.312),
        "bag-of-words": (0.921, 0.655, 0.968, None, None),
    }
    cards = []
    for index, name in enumerate(PROPERTIES):
        for model, of in values.items():
            value = of[index]
            status = Status.OK
            note = {"stability": "companion: SD 0.9 points"}.get(name, "")
            if value is None:
                status = Status.DEGENERATE if name == "generalization" else Status.NOT_APPLICABLE
                note = (
                    "not above chance on shifted data"
                    if name == "generalization"
                    else "the model offers no gradients"
                )
            elif name == "stability":
                status = Status.UNDERPOWERED
            cards.append(
                Scored(
                    property=name,
                    model=model,
                    value=value,
                    low=None if value is None else value - 0.04,
                    high=None if value is None else value + 0.03,
                    n=300,
                    runs=3 if model == "bag-of-words" else 2,
                    direction="higher",
                    status=status,
                    formula=FORMULAS[name],
                    note=note,
                )
            )
    return tuple(cards)


def _scores() -> tuple[Row, ...]:
    return tuple(
        Row(
            property="score",
            measure="score",
            model=model,
            condition={"split": "test"} | ({} if seed is None else {"seed": seed}),
            value=value + (seed or 0) * 0.004,
            low=value - 0.02,
            high=value + 0.02,
            n=300,
            runs=3 if seed is None else 1,
            signature=SIGNATURE,
        )
        for model, value in MODELS.items()
        for seed in (None, 0, 1)
    )


def _grid() -> tuple[Row, ...]:
    rows = []
    for model, clean in MODELS.items():
        weakness = 1.0 if model == "minilm" else 0.6
        for operator, (family, cost) in OPERATORS.items():
            for severity in (1, 3, 5):
                drop = weakness * cost * math.sqrt(severity / 5)
                condition = {"operator": operator, "family": family, "severity": severity}
                broken = operator == "delete-word" and severity == 5 and model == "bag-of-words"
                common = {
                    "model": model,
                    "condition": condition,
                    "n": 300 - severity,
                    "runs": 3,
                    "signature": SIGNATURE,
                    "status": Status.DEGENERATE if broken else Status.OK,
                    "note": "every prediction is the same class" if broken else "",
                }
                score = None if broken else clean - drop
                rows.append(
                    Row(
                        property="robustness",
                        measure="retained_score",
                        value=score,
                        low=None if score is None else score - 0.03,
                        high=None if score is None else score + 0.03,
                        **common,
                    )
                )
                rows.append(
                    Row(
                        property="continuity",
                        measure="distance",
                        value=0.7 * drop,
                        low=0.6 * drop,
                        high=0.8 * drop,
                        direction="lower",
                        **common | {"status": Status.OK, "note": ""},
                    )
                )
    return tuple(rows)


def _sliced(feature: str, bucket: str) -> tuple[Row, ...]:
    """A bucket, its difference to the rest, and the parts of a gap."""
    row = Row(
        property="generalization",
        measure="slice_score",
        model="minilm",
        condition={"slice": feature, "bucket": bucket},
        value=0.81,
        low=0.74,
        high=0.87,
        n=120,
        runs=3,
        signature=SIGNATURE,
        note=bucket,
    )
    spread = {"measure": "slice_spread", "condition": {"slice": feature}}
    shifted = [{"measure": name, "condition": {"shift": bucket}} for name in ("gap", "label_shift")]
    entities = {"measure": "partition_recall", "condition": {"split": bucket, "partition": "new"}}
    gap = {"measure": "slice_gap", "value": -0.1, "low": -0.17, "high": -0.02}
    far = {"condition": {"shift": bucket, "slice": feature, "bucket": bucket}}
    told = (gap, spread, *shifted, entities, far, gap | far)
    return (row, *(replace(row, **one) for one in told))  # type: ignore[arg-type]


def _parts(kind: str) -> tuple[Row, ...]:
    """A part of the input alone: of a model that keeps some skill, and of one that had none."""
    row = Row(
        property="generalization",
        measure="artefact",
        model="minilm",
        condition={"partial": kind, "version": "light"},
        value=0.52,
        low=0.44,
        high=0.61,
        n=250,
        runs=3,
        direction="lower",
        signature=SIGNATURE,
        note=f"{UNUSED}; chance 0.340; {kind}",
    )
    scores = [
        replace(row, measure=name, value=value, direction="higher", note=kind)
        for name, value in (("partial_score", 0.62), ("partial_whole", 0.88))
    ]
    silent = {"value": None, "low": None, "high": None, "status": Status.DEGENERATE, "note": f"why; {UNUSED}"}
    others = [replace(one, model="bag-of-words") for one in scores]
    return (*scores, row, *others, replace(row, model="bag-of-words", **silent))  # type: ignore[arg-type]


def _found(model: str, feature: str, bucket: str) -> SliceSearch:
    """One weak slice with an example of each kind of answer."""
    label = Passage(text=bucket or TEXT, label=bucket, confidence=0.7)
    marks = Passage(text=TEXT, marks=((0, 12, bucket, 0.9),))
    examples = tuple(Answered(id=bucket, gold=one, said=one) for one in (label, marks))
    weak = WeakSlice(
        parts=((feature, bucket), ("label", bucket)),
        n=42,
        score=0.61,
        shrunken=0.66,
        rest=0.92,
        p=0.004,
        examples=examples,
    )
    return SliceSearch(model=model, looked=118, alpha=0.05, found=(weak,))


def _shifts() -> tuple[Row, ...]:
    return tuple(
        Row(
            property="generalization",
            measure="score",
            model=model,
            condition={"shift": "unseen-entities"},
            value=value - 0.17,
            low=value - 0.2,
            high=value - 0.13,
            n=300,
            runs=3,
            signature=SIGNATURE,
        )
        for model, value in MODELS.items()
    )


@cache
def attacked() -> tuple[tuple[Row, ...], tuple[Attacked, ...]]:
    """Rows and costs of two attacks on both models and of what carries over, measured on made-up outcomes."""
    data = build.tables(*(_attacked_model(name, at) for at, name in enumerate(MODELS)), n=100, resamples=200)
    rows = [plain(row) for row in measure(data) if "attack" in row.condition]
    return tuple(rows), costs(data)


def _attacked_model(name: str, brittle: int) -> ModelTable:
    """A model under a strong attack, and under one that chance does as well as."""
    order = np.arange(60)
    strong = "".join("-" if at % 10 == 9 else "S" if at % 10 < 5 + 2 * brittle else "f" for at in order)
    weak = "".join("e" if at == 7 else "S" if at % 10 < 2 else "f" for at in order)
    entities = np.column_stack([order % 3 + 1, order % 2, order % 5 == 0, order % 3 == 0, order % 4 == 0])
    first = build.assault(
        strong,
        attack="greedy-character",
        queries=6.0 + (order * 37) % 400,
        control=(order % 7 == 0).astype(float),
        entities=np.column_stack([entities, np.full(60, 9.0)]).astype(float),
        refused={"gold": order % 2.0, "spelling": order % 3.0, "similarity": np.zeros(60)},
        seconds=0.04 + order / 500,
    )
    second = build.assault(
        weak,
        attack="synonyms",
        queries=2.0 + (order * 17) % 90,
        control=(order % 10 < 3).astype(float),
        truncated=order % 3 == 0,
        seconds=1.2 + order / 50,
    )
    found, other = np.flatnonzero(first.success), list(MODELS)[1 - brittle]
    carried = tuple(
        TransferTable(
            "greedy-character", source, by, seed, found, found % 9 > 0, found % (3 + seed + by) == 0
        )
        for source in (name, other)
        for by in (0, 1)
        for seed in (0, 1)
        if (source, by) != (name, seed)
    )
    run = build.run(build.right(90, 100))
    return ModelTable(name, False, (run,), attacks=(first, second), transfers=carried)


def _gates() -> tuple[GateResult, ...]:
    return (
        GateResult(
            expression="robustness.score >= 0.80",
            verdict=Verdict.INCONCLUSIVE,
            model="minilm",
            value=0.803,
            low=0.763,
            high=0.833,
            limit=0.8,
            line=31,
            reason="The interval holds the limit; about 900 examples would decide it.",
        ),
        GateResult(
            expression="continuity.flip_rate{operator=keyboard, severity=1} <= 0.05",
            verdict=Verdict.FAIL,
            model="minilm",
            value=0.094,
            low=0.071,
            high=0.118,
            limit=0.05,
            line=32,
            reason="Even the lower end of the interval is above the limit.",
        ),
        GateResult(
            expression="stability.score no worse than baseline by 0.02",
            verdict=Verdict.PASS,
            model="minilm",
            value=0.861,
            low=0.84,
            high=0.88,
            limit=0.83,
            baseline=0.85,
            line=33,
            reason="The loss against the baseline is smaller than the margin.",
        ),
        GateResult(
            expression="interpretability.score >= 0.2",
            verdict=Verdict.ERROR,
            model="bag-of-words",
            limit=0.2,
            line=34,
            reason="There is no such number: the model offers no gradients.",
        ),
    )


def _trained() -> tuple[Trained, ...]:
    return tuple(
        Trained(
            model=model,
            seed=seed,
            fraction=1.0,
            before=0.11,
            after=None if (model, seed) == ("minilm", 2) else value + 0.01,
            test=None if (model, seed) == ("minilm", 2) else value,
            epochs=3.0,
            seconds=22.5 if model == "minilm" else 0.41,
            status="diverged" if (model, seed) == ("minilm", 2) else "ok",
            note="the loss was not finite at step 41" if (model, seed) == ("minilm", 2) else "",
        )
        for model, value in MODELS.items()
        for seed in (0, 1, 2)
    )


SEARCHES = (
    Searched(
        model="minilm",
        sampler="tpe",
        complete=14,
        pruned=5,
        diverged=1,
        score=0.91,
        chosen={"learning_rate": 0.00042, "freeze": "embeddings"},
        seconds=812.4,
    ),
)


def _examples() -> tuple[Shown, ...]:
    gold = Passage(text=TEXT, marks=((0, 12, "PER", 1.0), (20, 34, "ORG", 1.0), (38, 44, "LOC", 1.0)))
    before = replace(gold, marks=((0, 12, "PER", 0.99), (20, 34, "ORG", 0.93), (38, 44, "LOC", 0.97)))
    edits = {
        "keyboard": ((2, 3, "t"), (22, 23, "f")),
        "whitespace": ((12, 13, "\u00a0\u200b"),),
        "delete-word": ((45, 48, ""),),
        "greedy-character": ((40, 41, "l"),),
    }
    shown = []
    for index, (name, script) in enumerate(edits.items()):
        parts = diff.pieces(TEXT, script)
        after = "".join(part.text for part in parts if part.change != "deleted")
        attack = name == "greedy-character"
        shown.append(
            Shown(
                kind="attack" if attack else "perturbation",
                model="minilm",
                seed=0,
                condition={"attack": name} if attack else {"operator": name, "severity": 5},
                id=f"test-{index:04d}",
                edits=script,
                gold=gold,
                before=before,
                after=Passage(text=after, marks=((0, 5, "PER", 0.61), (20, 29, "LOC", 0.44))),
                distance=0.9 - 0.15 * index,
                rate=0.22,
                note="success after 34 queries; 2 of 3 edits taken back" if attack else "",
            )
        )
    sentence = "The plot is thin but the acting carries it to a moving end."
    answer = Passage(text=sentence, label="positive")
    shown.append(
        Shown(
            kind="perturbation",
            model="bag-of-words",
            seed=1,
            condition={"operator": "synonym", "severity": 3},
            id="review-17",
            edits=((48, 54, "touching"),),
            gold=answer,
            before=replace(answer, confidence=0.88),
            after=Passage(text=sentence.replace("moving", "touching"), label="negative", confidence=0.57),
            distance=0.45,
            rate=0.08,
            note="the synonym never occurred in training",
        )
    )
    return tuple(shown)


def _explanations() -> tuple[Explained, ...]:
    weights = (
        (0, 5, "", 0.42),
        (6, 12, "", 0.91),
        (13, 19, "", 0.31),
        (20, 29, "", -0.62),
        (38, 44, "", -0.18),
    )
    return (
        Explained(
            model="minilm",
            id="test-0000",
            method="integrated-gradients",
            target="PER at 0–12",
            clean=Passage(text=TEXT, marks=weights),
            edited=Passage(text=TEXT.replace("Maria", "Matia"), marks=((0, 5, "", -0.3), *weights[1:])),
            faithfulness=0.41,
            stability=0.66,
        ),
    )
