"""What an error of PostgreSQL means for whoever asked: wait and ask again, or give up.

The server says what went wrong in five characters, its SQLSTATE, of which the first two are a class
(https://www.postgresql.org/docs/current/errcodes-appendix.html).
"""

WAIT: dict[str, str] = {
    "08": "the connection broke",
    "25": "the transaction's state: the server is read-only during a failover (25006), or ended what was idle",
    "40": "rolled back: a deadlock, or others changed the same rows",
    "53": "no room: disk, memory, connections",
    "55": "locked, or used by others",
    "57": "an operator, or a timeout, ended it; the server stops or starts",
    "58": "an error of the server's operating system",
}
"""Classes of errors that pass, and why: the same statement succeeds later."""

GIVE_UP: dict[str, str] = {
    "00": "success",
    "01": "a warning",
    "02": "no data",
    "03": "the statement is not complete",
    "09": "a trigger's action",
    "0A": "the server cannot do that",
    "0B": "how a transaction begins",
    "0F": "a locator",
    "0L": "who grants",
    "0P": "a role's name",
    "0Z": "diagnostics",
    "10": "XQuery",
    "20": "a case that is missing",
    "21": "how many rows there are",
    "22": "the data: too long, out of range, not in the server's encoding",
    "23": "a constraint",
    "24": "a cursor's state",
    "26": "a prepared statement's name",
    "27": "data that a trigger changed",
    "28": "who may log in",
    "2B": "privileges that others depend on",
    "2D": "how a transaction ends",
    "2F": "a routine of SQL",
    "34": "a cursor's name",
    "38": "an outside routine",
    "39": "how an outside routine was called",
    "3B": "a savepoint",
    "3D": "there is no such database",
    "3F": "there is no such schema",
    "42": "the statement: no privilege, no such table",
    "44": "a view's check",
    "54": "a limit of PostgreSQL",
    "72": "an old snapshot",
    "F0": "the server's configuration file",
    "HV": "a foreign table",
    "P0": "a routine or trigger of the server's owner",
    "XX": "the server is broken inside, or its data are",
}
"""Classes of errors that stay, and what they are about."""

_EXCEPTIONS = {
    "25001": False,  # what is done must not be done in a transaction
    "25007": False,  # as that
    "55000": False,  # the object has to be made ready by somebody first
    "57P04": False,  # the database was dropped
    "72000": True,  # the snapshot is too old: a new transaction has a new one
}
"""Codes that pass (True) or stay (False) against the rule of their class."""


def passes(sqlstate: str) -> bool:
    """Whether an error with this code goes away by itself; one of a class that PostgreSQL does not know stays."""
    return _EXCEPTIONS.get(sqlstate, sqlstate[:2] in WAIT)
