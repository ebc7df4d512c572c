"""A study's trials: what each asks for and keeps, and those that were lost, are running, or come late."""
