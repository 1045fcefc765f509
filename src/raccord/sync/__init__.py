"""Synchronisation: connections to tools, runs, what was refused; pull, push, receive."""
