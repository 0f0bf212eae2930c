"""How a key is defined: its sentence, and what its value may hold."""

from collections.abc import Callable, Mapping
from dataclasses import Field
from typing import Any

#: Takes a typed value and answers the value to keep; a ValueError says what is wrong with it, and
#: never repeats a value that could be a secret.
Check = Callable[[Any], Any]


def doc(
    sentence: str,
    *,
    check: Check | None = None,
    secret: bool = False,
    example: object = None,
    parts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What reading and writing need to know of a key; `parts` are the sentences of list items."""
    return {"doc": sentence, "check": check, "secret": secret, "example": example, "parts": parts}


def key_of(field: Field[Any]) -> str:
    """The name of a key as it is written; `from_` is `from`, which Python keeps for itself."""
    return field.name.removesuffix("_")


def one_of(*words: str) -> Check:
    """Takes one of these words, in any case."""

    def check(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(
                f"expected {', '.join(words[:-1])} or {words[-1]}, found {text[:40]!r}"
            )
        return text.lower()

    return check


def up_to(most: int) -> Check:
    """Takes a whole number from 0 to `most`."""

    def check(number: int) -> int:
        if not 0 <= number <= most:
            raise ValueError(f"this is a whole number from 0 to {most}")
        return number

    return check
