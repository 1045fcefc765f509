"""Work done later by a worker, enqueued in the transaction that causes it."""
