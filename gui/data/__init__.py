"""The Data tab: the texts to train on, and how the model sees them.

May use runs, train and kit.
"""
