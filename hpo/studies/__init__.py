"""A study: its definition, how workers come to it, and what all of them are told."""
