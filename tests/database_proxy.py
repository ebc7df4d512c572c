"""A TCP proxy in front of a PostgreSQL server, which breaks connections the way networks and servers do."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


class DatabaseProxy:
    """Listens on a port of 127.0.0.1 and passes what it gets on to the server's socket.

    Args:
        server_socket: The server's Unix socket.
    """

    def __init__(self, server_socket: Path) -> None:
        self._server_socket = server_socket
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[_Connection] = []
        self._moment: tuple[bytes, Callable[[], None], bool] | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """The database `postgres` through this proxy."""
        return f"postgresql://postgres@127.0.0.1:{self._listener.getsockname()[1]}/postgres"

    def freeze(self) -> int:
        """The connections there are take what they are sent and never answer; new ones work. Gives their number."""
        for connection in self._connections:
            connection.frozen.set()
        return len(self._connections)

    def once_committing(self, statement: bytes, then: Callable[[], None], committed: bool) -> None:
        """Calls `then` at the commit of the first transaction with `statement`, and cuts its connection.

        Args:
            statement: Part of the SQL text.
            then: What happens at that moment.
            committed: Whether the commit reaches the server, so that only its answer is lost.
        """
        self._moment = (statement, then, committed)

    def close(self) -> None:
        """Ends all connections."""
        _end(self._listener)
        for connection in self._connections:
            _end(connection.client, connection.server)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self._server_socket))
                except OSError:
                    _end(client, server)
                    continue
                connection = _Connection(client, server)
                self._connections.append(connection)
                for work in (self._pass_on_requests, self._pass_on_answers):
                    threading.Thread(target=work, args=(connection,), daemon=True).start()

    def _pass_on_requests(self, connection: "_Connection") -> None:
        writes_it = False
        for data in _received(connection.client):
            if connection.frozen.is_set():
                continue
            if self._moment is not None:
                statement, then, committed = self._moment
                writes_it = writes_it or statement in data
                if writes_it and b"COMMIT" in data:
                    self._moment = None
                    connection.frozen.set()
                    if committed:
                        connection.answered.clear()
                        connection.server.sendall(data)
                        assert connection.answered.wait(10)
                    then()
                    break
            with contextlib.suppress(OSError):
                connection.server.sendall(data)
        _end(connection.client, connection.server)

    def _pass_on_answers(self, connection: "_Connection") -> None:
        for data in _received(connection.server):
            connection.answered.set()
            if not connection.frozen.is_set():
                with contextlib.suppress(OSError):
                    connection.client.sendall(data)
        if not connection.frozen.is_set():
            _end(connection.client, connection.server)


@dataclass
class _Connection:
    client: socket.socket
    server: socket.socket
    frozen: threading.Event = field(default_factory=threading.Event)
    """Nothing is passed on any more, and nobody is told."""
    answered: threading.Event = field(default_factory=threading.Event)


def _received(end: socket.socket) -> Iterator[bytes]:
    with contextlib.suppress(OSError):
        while data := end.recv(65536):
            yield data


def _end(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
