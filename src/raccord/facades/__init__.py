"""Facades: Raccord answering in the dialect of an API that tools already speak."""
