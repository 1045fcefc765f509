"""France Travail: offers of its API Offres d'emploi v2."""
