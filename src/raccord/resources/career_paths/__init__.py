"""Career paths: a person's way, who takes part in it, and the employment it led to."""
