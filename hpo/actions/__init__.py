"""What the commands do. `commands/` has their options, and imports from here only when a command runs."""
