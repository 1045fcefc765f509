"""Tools that Raccord connects, as their publishers document them: stand-ins for the demo and for tests."""
