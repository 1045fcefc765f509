"""Structures: employers of insertion and prescribers, open to every client."""
