"""Les emplois de l'inclusion: structures of its public API, and the positions nested in them."""
