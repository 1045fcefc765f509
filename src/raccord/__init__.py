"""Raccord: the common interoperability layer of French social and professional insertion."""
