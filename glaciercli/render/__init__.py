"""How results and events are said: text, tables, JSON, progress."""
