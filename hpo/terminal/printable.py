"""Text that somebody else wrote, made fit for a terminal."""

import re

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line feed, what turns the direction of writing, and halves of characters."""


def printable(text: str) -> str:
    r"""`text` with whatever would steer a terminal written out, an escape as `\x1b`.

    Whoever may write to a study could otherwise hide lines, or rename the window, of those who look at it.
    """
    return _STEERING.sub(lambda character: ascii(character[0])[1:-1], text)
