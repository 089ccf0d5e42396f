"""Moving bytes: files, windows over them, and the pool that runs the work."""
