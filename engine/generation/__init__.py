"""A trained model at work: writing, scoring, and looking for what it learned by heart.

May use planning and the rooms below.
"""
