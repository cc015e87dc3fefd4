"""A run as a new user has it: the complete Shakespeare, Quick, watched, so that it writes from its first updates on.

python -m scripts.screenshots.story --out_dir=FOLDER
"""

from __future__ import annotations

import sys

from engine.cli.main import parser_of
from engine.cli.run_options import config_from
from engine.core.jobs import Control
from engine.training.trainer import Trainer
from scripts.screenshots.recorded import STORY_MINUTES


def main() -> None:
    """Train it into a folder."""
    asked = ["train", "--recipe=quick", f"--minutes={STORY_MINUTES}", *sys.argv[1:]]
    parser, _ = parser_of(("train",))
    config = config_from(parser.parse_args(asked), lambda _: None)
    control = Control()
    control.watch()
    for _ in Trainer(config, control).run():
        pass


if __name__ == "__main__":
    main()
