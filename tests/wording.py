"""What a text says, however it is worded: its numbers, and what it names in which order."""

import re


def numbers(text: str) -> list[float]:
    """The numbers of a text in their order; those within a name, such as `C7`, are none."""
    found = re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?!\w)", text)
    return [float(number.replace(",", "")) for number in found]


def named(text: str, *names: str) -> list[str]:
    """Those of some names that a text holds, in the order in which it first does."""
    return sorted((name for name in names if name in text), key=text.index)
