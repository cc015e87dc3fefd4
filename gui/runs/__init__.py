"""The Runs tab: every run, its curve and its settings.

May use train and kit.
"""
