"""Search: what of each record is looked for, how it is kept in step with the log, and how a question is answered."""
