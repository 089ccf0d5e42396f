"""``python -m glaciercli``."""

from glaciercli.cli.process import run

if __name__ == "__main__":
    run()
