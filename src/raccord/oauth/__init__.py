"""Who a partner's software is, and how it proves it: clients, secrets, tokens. What it sees is in access."""
