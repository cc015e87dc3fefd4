"""From text to token ids and back: tokenizers, learned vocabularies, token files, batches.

May use text and core.
"""
