"""Adapters: each translates between one third-party tool and the shapes; contract.py says what it may do."""
