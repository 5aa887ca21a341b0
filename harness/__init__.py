"""Is a fine-tuned NLP model continuous, stable, robust, general and explainable?

The command line is ``harness``; the same from Python is :func:`harness.run.run`.
"""

__version__ = "0.1.0"
