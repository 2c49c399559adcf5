"""Text that strangers chose, as it may be shown: on a terminal, control characters could forge a line or recolour the screen."""


def visible(text: str) -> str:
    """Return the text with what is no letter, mark, digit or plain space escaped."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() else repr(letter)[1:-1]
