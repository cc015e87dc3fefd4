import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.runs.run_summary import RunSummary

WHEN = datetime(2026, 3, 1, 12, 30, 0, 250, tzinfo=UTC)
RUN = RunSummary(
    name="Ünï", path=Path("/a/b"), status="paused", iter_num=3, val_loss=0.1, created=WHEN, modified=WHEN, note="“x”\n"
)


def test_a_summary_comes_back_from_json_as_it_was():
    assert RunSummary.of_json(json.loads(json.dumps(RUN.as_json()))) == RUN


@pytest.mark.parametrize("change", [{"created": "yesterday"}, {"path": 3}, {"more": 1}, {"modified": None}])
def test_what_is_no_summary_is_refused(change):
    with pytest.raises((ValueError, TypeError)):
        RunSummary.of_json(RUN.as_json() | change)
    with pytest.raises(KeyError):
        RunSummary.of_json({})
