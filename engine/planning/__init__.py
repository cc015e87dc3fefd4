"""Before a run: its memory, its time, presets, recipes, and what is recommended.

May use runs and the rooms below.
"""
