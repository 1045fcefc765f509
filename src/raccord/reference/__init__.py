"""Hold the sector's code lists and territories, as shipped data with provenance; no rule of any resource."""
