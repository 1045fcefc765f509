"""The lists of reference data, served: open to every client, written by none."""
