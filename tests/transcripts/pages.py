"""The documents whose sessions are run."""

from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGES = (
    "README.md",
    "docs/tutorial.md",
    "docs/how-to/back-up-a-folder.md",
    "docs/how-to/find-and-fetch.md",
    "docs/how-to/take-over.md",
    "docs/how-to/see-what-it-costs.md",
    "docs/how-to/get-rid-of-a-vault.md",
)
