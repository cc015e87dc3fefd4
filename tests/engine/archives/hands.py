"""What tests of archives do again and again: pack a run, take one in, look inside."""

import tarfile

from engine.archives.pack import pack_job
from engine.archives.unpack import unpack_job
from engine.core.jobs import Control, events_of
from engine.core.paths import runs_dir


def packed(run, dest, **how):
    control = Control()
    return list(events_of(pack_job(run.path, dest, control=control, **how), control))[-1]


def unpacked(archive):
    control = Control()
    return list(events_of(unpack_job(archive, control=control), control))[-1]


def members(archive):
    with tarfile.open(archive) as opened:
        return {member.name: opened.extractfile(member).read() for member in opened}


def runs_here():
    return [path for path in runs_dir().glob("*") if path.is_dir()]
