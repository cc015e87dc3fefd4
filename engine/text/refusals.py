"""The errors for files that cannot be read, each with its cause and a way out."""

from __future__ import annotations

from engine.core.errors import DataError
from engine.text.sources import Source


def unreadable(source: Source, error: OSError) -> DataError:
    """Return the error for a file that the system does not let us read."""
    return DataError(
        f"{source} cannot be read.",
        cause=f"The system says: {error.strerror or error}.",
        fix="Check that the file is still there and that you may open it.",
        code="unreadable",
    )


def no_text(source: Source, cause: str, fix: str = "") -> DataError:
    """Return the error for a file that is something else than text."""
    return DataError(
        f"{source} is not plain text.",
        cause=cause,
        fix=fix or "Open it in the program it belongs to and save or export it as plain text in UTF-8.",
        code="binary_file",
    )


def unusable(source: Source, cause: str, fix: str) -> DataError:
    """Return the error for a document whose text cannot be had."""
    return DataError(f"{source} cannot be read.", cause=cause, fix=fix, code="unreadable_document")
