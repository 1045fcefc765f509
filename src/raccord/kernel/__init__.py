"""What knows nothing of the domain: database, web plumbing, errors, shapes, identifiers, clock, logs, secrets."""
