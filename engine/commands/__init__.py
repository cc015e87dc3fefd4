"""The commands of `python -m engine`, a module each; each has `add_to(parser)` and `run(arguments) -> exit code`."""
