"""What is claimed about speed, runnable: `make bench`. Never part of the tests."""
