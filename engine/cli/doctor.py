"""`doctor`: checks that everything is there that training needs."""

from __future__ import annotations

import argparse

from engine.cli.output import print_json, tell
from engine.support.diagnosis import diagnose


def add_to(parser: argparse.ArgumentParser) -> None:
    """Nothing but --json."""


def run(arguments: argparse.Namespace) -> int:
    """Print each check with "ok" or its fix; exit code 1 when something is missing."""
    findings = diagnose()
    for finding in findings:
        if arguments.json:
            print_json({"check": finding.check, "ok": finding.ok, "found": finding.found, "fix": finding.fix})
        else:
            tell(f"{'ok ' if finding.ok else '!! '} {finding.check:<12} {finding.found}")
            if finding.fix:
                tell(f"    {'':<12} {finding.fix}")
    return 0 if all(finding.ok for finding in findings) else 1
