"""The version of Understudy."""

__version__ = "0.2.0"
