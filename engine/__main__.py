"""`python -m engine COMMAND`."""

import sys

from engine.cli.main import main

sys.exit(main())
