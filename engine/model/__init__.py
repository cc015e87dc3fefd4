"""The GPT: its shape, its layers, its loss, and how its products are taken.

May use machine and core.
"""
