"""Connections to PostgreSQL that end when nothing comes back.

TCP notices a peer that is gone, but not one that takes what it is sent and never answers: a frozen server, or a proxy
whose other side broke. psycopg2 would wait for it forever, and a worker's heartbeats with it.
"""

import select

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_READ, STATUS_SETUP, set_wait_callback
from psycopg2.extensions import connection as Connection  # noqa: N812  (psycopg2's name of its class)

ANSWER_WITHIN_S = 60.0
"""No statement of ours takes seconds; less than the grace period, so that the next heartbeat is in time."""
CONNECT_WITHIN_S = 10.0


def give_up_on_silence() -> None:
    """Bounds every wait of this process for PostgreSQL; with psycopg2's way to wait for anything at all."""
    set_wait_callback(_wait)


def _wait(connection: Connection) -> None:
    """Waits until `connection` has what it waits for.

    Raises:
        psycopg2.OperationalError: Nothing came for too long; psycopg2 closes the connection.
    """
    limit_s = CONNECT_WITHIN_S if connection.status == STATUS_SETUP else ANSWER_WITHIN_S
    while (state := connection.poll()) != POLL_OK:
        waits_for = ([connection], []) if state == POLL_READ else ([], [connection])
        if not any(select.select(*waits_for, [], limit_s)):
            raise psycopg2.OperationalError(f"no answer for {limit_s:.0f} s")
