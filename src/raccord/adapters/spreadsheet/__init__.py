"""Spreadsheets: CSV, XLSX and NDJSON from a folder or by SFTP, and Grist tables, by a mapping that people confirm."""
