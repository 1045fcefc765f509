"""Job offers: what employers of insertion and their partners propose, open to every client."""
