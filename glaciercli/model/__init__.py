"""Frozen values that every layer shares, one module a thing."""
