"""A trained model in the forms that other programs open.

May use generation and the rooms below; not training.
"""
