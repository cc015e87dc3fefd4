"""Understudy's headless engine: prepare text, train a small GPT on it, sample from it.

Knows nothing of Qt or of any window. Importing it loads no torch; the modules that need torch
(model, trainer, checkpoint, sampler) import it themselves.
"""

__version__ = "0.1.0"
