"""Copying: the first baseline beside every model that writes."""

from __future__ import annotations

from harness.errors import Fault, UserError
from harness.models.copy import Copy
from harness.tasks.task import Form
from harness.training.trainer import Emit, Job, Outcome, Trainer
from harness.training.watch import score


def fit(job: Job, emit: Emit, *, sentences: int = 0) -> Outcome:
    """Say the source again, its first sentences, or the last turn of a dialogue; nothing is learned.

    Args:
        job: What to answer.
        emit: Told of the outcome.
        sentences: How many sentences, from the first; 0 for all. The first one or two are a summary
            that is hard to beat where texts say first what matters most.

    Raises:
        UserError: If there are to be fewer than none.
    """
    if sentences < 0:
        raise UserError(Fault(f"sentences should be at least 0, found {sentences}", field="sentences"))
    model = Copy(sentences, job.task)
    model.save(job.where)
    emit("nothing to learn")
    return Outcome(None, score(job.task, model, job.validation), 0.0)


TRAINER = Trainer(name="copy", function=fit, load=Copy.load, pretrained=False, forms=frozenset({Form.TEXT}))
