"""What a vault may be called ("Naming Vaults" in the Amazon Glacier developer guide)."""

import re

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,255}")


def is_vault_name(text: str) -> bool:
    """Tell whether a text is a legal vault name; ``.`` and ``..`` are."""
    return _NAME.fullmatch(text) is not None
