"""A run on disk: its folder, owner and checkpoints, the list of all runs, and models from elsewhere.

May use datasets, model and the rooms below them.
"""
