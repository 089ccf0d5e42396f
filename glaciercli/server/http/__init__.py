"""The HTTP side: connections, bodies, threads; nothing here knows an operation."""
