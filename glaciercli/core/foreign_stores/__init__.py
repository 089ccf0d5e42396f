"""What other tools keep of their archives, read as streams of records."""
