"""The resources exchanged. A new kind is one folder here and one line in registry.py."""
