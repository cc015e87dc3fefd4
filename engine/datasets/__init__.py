"""From a text to a prepared dataset, and what can be said of it.

May use tokens, text and core.
"""
