"""The groups of commands: partners and their rights, data and its index. cli.py joins them."""
