"""Prescriptions: a person sent to a structure, and the structure's answer."""
