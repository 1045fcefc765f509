"""Build and load the demonstration world: synthetic data only, labelled as such."""
