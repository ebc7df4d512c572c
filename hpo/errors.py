"""The error for a user's mistake, printed by the command line as one line."""


class UserError(Exception):
    """Something the user asked for cannot be done: says what, where, and what to do."""
