"""People: minimal identity and contact, personal, known to each client under its own id."""
