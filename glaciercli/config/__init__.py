"""Settings: flags before environment before file before defaults.

docs/configuration.md lists what there is.  Nothing is imported here: every completion, and every
help, reads the environment, and few need the rest.
"""
