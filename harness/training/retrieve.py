"""Retrieval: the second baseline beside every model that writes."""

from __future__ import annotations

import numpy as np

from harness.errors import Fault, UserError
from harness.models.retrieve import Retrieve, counts, query
from harness.tasks.task import Form
from harness.training.trainer import Emit, Job, Outcome, Trainer
from harness.training.watch import score


def fit(job: Job, emit: Emit, *, ngrams: int = 1, last: bool = False) -> Outcome:
    """Say the first reference of the training example that is nearest by its words, weighted by TF-IDF.

    Nothing is drawn at random, so that the seed does not matter.

    Args:
        job: What to learn.
        emit: Told of the outcome.
        ngrams: Compare runs of up to so many words.
        last: Compare the last text only, such as the last turn of a dialogue, instead of all.

    Raises:
        UserError: If an option is not allowed, or there is nothing to learn from.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    if ngrams < 1:
        raise UserError(Fault(f"ngrams should be at least 1, found {ngrams}", field="ngrams"))
    if not job.train:
        raise UserError(Fault("there is no training example to find again", field="data.train"))
    found = counts([query(example, last) for example in job.train], ngrams)
    weighing = TfidfTransformer()
    matrix = weighing.fit_transform(found).astype(np.float32)
    references = [example.references[0] for example in job.train]
    model = Retrieve(matrix, weighing.idf_.astype(np.float32), references, ngrams, last, job.task)
    model.save(job.where)
    emit(f"{len(references)} examples to choose from")
    return Outcome(None, score(job.task, model, job.validation), 1.0)


TRAINER = Trainer(
    name="retrieve", function=fit, load=Retrieve.load, pretrained=False, forms=frozenset({Form.TEXT})
)
