"""The help book: the guide’s chapters, the settings, and what to do when something goes wrong.

May use kit.
"""
