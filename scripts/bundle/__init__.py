"""Understudy.app: what is in it, how it is built and signed on a Mac, and what Linux can check of it."""
