"""What a shell asks when somebody presses the tab key.

A shell starts a whole program for each key, so this takes neither Click nor the commands: what
may stand on a line is read from ``commands.json``, which is generated from them.
"""

#: What a completion script sets, to its shell and ``_complete``.
VARIABLE = "_GLACIERCLI_COMPLETE"
