"""Apple's command-line tools as programs on PATH: they record how they were called, and answer as a test scripts it."""

import os
import stat

RECORD = """#!/bin/sh
here={folder}
name=${{0##*/}}
calls=$(cat "$here/$name.calls" 2>/dev/null || echo 0)
calls=$((calls + 1))
echo $calls >"$here/$name.calls"
{{ printf '%s\\037' "$name" "$@"; echo; }} >>"$here/log"
for script in "$here/$name.$calls" "$here/$name.always"; do
    [ -f "$script" ] && . "$script"
done
exit 0
"""


class Programs:
    """A folder of such programs; put it first on PATH."""

    def __init__(self, folder, *names):
        self.folder = folder
        folder.mkdir()
        for name in names:
            program = folder / name
            program.write_text(RECORD.format(folder=folder))
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    def answer(self, name, script, call="always"):
        """Let a program run these lines of shell at one of its calls, counted from 1, or always."""
        (self.folder / f"{name}.{call}").write_text(script + "\n")

    @property
    def calls(self):
        """Return each call, its name and arguments, in order."""
        log = self.folder / "log"
        lines = log.read_text("utf-8").split("\x1f\n") if log.exists() else []
        return [line.split("\x1f") for line in lines if line]

    def of(self, *start):
        """Return the calls that begin so."""
        return [call for call in self.calls if call[: len(start)] == list(start)]
