"""Adapters: what tools say, translated to our kinds and back; no database, no settings, no web here."""
