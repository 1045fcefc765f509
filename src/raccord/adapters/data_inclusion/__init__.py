"""data·inclusion: structures and services of its schema v1."""
