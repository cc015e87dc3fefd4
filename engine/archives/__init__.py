"""A run and its dataset in one file, and out of it again.

May use training and exports, and the rooms below.
"""
