"""One module a command, each loaded only when it is asked for."""
