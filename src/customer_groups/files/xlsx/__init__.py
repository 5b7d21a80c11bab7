"""Workbooks in XLSX: our own reader, which holds only shared strings, and our own writer."""
