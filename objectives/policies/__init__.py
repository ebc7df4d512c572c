"""Trained policies: kept in a file, played, filmed and exported."""
