"""The Generate tab: a checkpoint continues what a person wrote.

May use runs and kit.
"""
