"""What the window is put together from: theme, parts, plots, words, and the one thread that owns the device.

May use the engine; no other room of the window.
"""
