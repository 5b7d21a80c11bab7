"""Whole numbers as a file writes them: in digits, and nothing else."""

__all__ = ["to_number"]


def to_number(text: str) -> int:
    """Return the number that these digits are.

    Raises:
        ValueError: there is anything else but the digits from 0 to 9, or nothing, or there
            are thousands of them.
    """
    if not (text.isascii() and text.isdecimal()):
        raise ValueError
    return int(text)
