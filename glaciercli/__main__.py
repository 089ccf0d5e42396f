"""``python -m glaciercli``."""

import sys

from glaciercli.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
