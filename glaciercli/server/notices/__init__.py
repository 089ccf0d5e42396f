"""Tells whoever wants to know that a job has ended, in the background of the HTTP server."""
