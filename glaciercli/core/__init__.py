"""Pure decisions and formats: no clock, no input or output, no threads."""
