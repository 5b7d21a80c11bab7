"""Whole groups, with their customers, imported from files."""
