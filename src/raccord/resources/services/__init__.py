"""Services: what structures do for people, in the vocabulary of data·inclusion, open to every client."""
