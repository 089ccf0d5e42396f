"""The service's catalogue: every SQL statement of the server, and the values that rows become."""
