"""A kind that no release has: what the test of adding one adds."""
