"""Faults that the embedded service is told to have."""
