"""data·inclusion: its API v1, with its paths, parameters, shapes and errors, over our structures and services."""
