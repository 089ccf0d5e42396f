"""Use cases, one a module: gather, plan, run, and give back a result value."""
