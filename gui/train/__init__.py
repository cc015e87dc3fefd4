"""The Train tab: what to do on the left, what happens on the right.

May use kit.
"""
