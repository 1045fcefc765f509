"""Imports of open kinds, many records at a time, from NDJSON and CSV."""
