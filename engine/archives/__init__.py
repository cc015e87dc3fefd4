"""A run and its dataset in one file, to go on with on another machine: written, and taken in again."""
