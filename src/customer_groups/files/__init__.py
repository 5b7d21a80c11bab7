"""Lists of customers as files: one module for each format, and what they share."""
