"""Structures: employers of insertion, prescribers and providers of services, open to every client."""
