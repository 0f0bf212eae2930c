"""What completion goes by: every command, what it takes, and the words that never change."""

import json
from typing import Any

from papertrack.cli.completion import table


def text(program: Any) -> str:
    """The words of the live program, as papertrack/completing/words.json keeps them."""
    return json.dumps(table(program), indent=1, ensure_ascii=True) + "\n"
