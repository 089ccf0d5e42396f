"""Console sessions of the documents: run from an empty home, and compared or written down."""
