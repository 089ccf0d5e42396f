"""One module for each kind of result: the document, the items, and the lines for people."""
