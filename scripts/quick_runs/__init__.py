"""Runs of the quick recipe over many texts, recorded: what its promise is made from, and its forecast held against."""
