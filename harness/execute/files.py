"""What the files of payloads are called."""

EXAMPLES, VARIANTS, PREDICTIONS, SCORES = (
    "examples.parquet",
    "variants.parquet",
    "predictions.parquet",
    "scores.parquet",
)
TRIALS, OUTCOME, CHECKPOINT, AGREEMENT, ATTACK, TRANSFER, EXPLANATIONS, CHECKS = (
    "trials.json",
    "outcome.json",
    "checkpoint",
    "agreement.json",
    "attack.json",
    "transfer.json",
    "explanations.json",
    "checks.json",
)
PROBE = "probe.json"
REPEAT = "repeat.json"
FAMILIAR = "familiar.parquet"
PROFILE = "profile.parquet"
SOURCES = "sources.json"
"""Which example each of those that augmentation adds was made from."""
