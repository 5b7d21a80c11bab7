"""Formulas whose results are not in the file are told of, never lost."""

import io

import openpyxl
import pytest

from customer_groups.files.cells import Unclear
from files.xlsx.workbooks import read


@pytest.mark.parametrize("formula", ["=B3", "=1+1", '="C001"'])
def test_a_formula_that_openpyxl_writes(formula: str) -> None:
    """It writes an empty result beside the formula."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Customer code"])
    sheet.append([formula])
    file = io.BytesIO()
    book.save(file)
    _, (_, [cell]) = read(file.getvalue())
    assert isinstance(cell, Unclear)
    assert cell.reason == "formula"
