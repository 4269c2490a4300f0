"""The frames that cross the socket between a worker and an analysis process: a length, and a MessagePack content."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from streams.records.outcomes import Dead, Done, Outcome

# The first four bytes of a frame are the length of its content, big-endian.
LENGTH_BYTES = 4
# The most bytes that one call takes from the socket. Most frames fit.
READ_BYTES = 256 * 1024


class Load(Struct, frozen=True, tag=True):
    """Asks a process to load the models of these languages. The reply is `Ready`."""

    languages: list[str]


class Fork(Struct, frozen=True, tag=True):
    """Asks a process for a copy of itself, which serves the socket sent with this frame. The reply is `Forked`."""


class End(Struct, frozen=True, tag=True):
    """Asks a process to end a copy of itself. The reply is `Ended`.

    Attributes:
        pid: the number of the copy.
        patience_s: the seconds that the copy has to end by itself, before it is killed.
    """

    pid: int
    patience_s: float


class Ready(Struct, frozen=True, tag=True):
    """The models are loaded.

    Attributes:
        error: why they could not be loaded.
        can_fork: whether the process can make copies of itself. It cannot when a library runs threads in it.
    """

    error: str | None = None
    can_fork: bool = False


class Missing(Struct, frozen=True, tag=True):
    """The reply to a batch that was not analysed, because the models of these languages are not loaded."""

    languages: list[str]


class Forked(Struct, frozen=True, tag=True):
    """The copy exists, with this number."""

    pid: int


class Ended(Struct, frozen=True, tag=True):
    """The copy has ended, with the code of `exit`, or the negative number of a signal."""

    code: int


Values = Sequence[bytes | None]
Request = Values | Load | Fork | End
Reply = list[Outcome] | Ready | Missing | Forked | Ended

_encoder = msgspec.msgpack.Encoder()
_request = msgspec.msgpack.Decoder(list[bytes | None] | Load | Fork | End)
_reply = msgspec.msgpack.Decoder(list[Done | Dead] | Ready | Missing | Forked | Ended)


class Server:
    """The end of an analysis process: it reads requests and writes replies, and waits for both."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def read(self) -> tuple[Request | None, list[int]]:
        """The next request and the file descriptors sent with it. The request is None when the worker has gone."""
        head, descriptors, *_ = socket.recv_fds(self._connection, LENGTH_BYTES, 1)
        if not head:
            return None, descriptors
        head += self._read_exactly(LENGTH_BYTES - len(head))
        return _request.decode(self._read_exactly(int.from_bytes(head))), descriptors

    def write(self, reply: Reply) -> None:
        """Send a reply."""
        self._connection.sendall(_frame(_encoder.encode(reply)))

    def close(self) -> None:
        """Close the connection in this process."""
        self._connection.close()

    def _read_exactly(self, count: int) -> bytes:
        content = bytearray(count)
        view = memoryview(content)
        while view:
            read = self._connection.recv_into(view)
            if not read:
                raise EOFError("the worker ended in the middle of a frame")
            view = view[read:]
        return bytes(content)


class Client:
    """The end of a worker: one request at a time, each with its reply.

    Raises:
        ConnectionError: the process has gone.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection

    @property
    def gone(self) -> bool:
        """Whether the process has closed its end. Between two requests nothing else can be there to read."""
        try:
            return not self._connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    async def ask(self, request: Request) -> Reply:
        """Send a request and wait for its reply."""
        await asyncio.get_running_loop().sock_sendall(self._connection, _frame(_encoder.encode(request)))
        return await self.reply()

    async def hand_over(self, request: Request, descriptor: int) -> Reply:
        """Send a request with a file descriptor and wait for the reply."""
        # So few bytes always fit the empty buffer of the socket.
        socket.send_fds(self._connection, [_frame(_encoder.encode(request))], [descriptor])
        return await self.reply()

    async def reply(self) -> Reply:
        """The next reply."""
        content = bytearray()
        while len(content) < LENGTH_BYTES or len(content) < LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES]):
            read = await asyncio.get_running_loop().sock_recv(self._connection, READ_BYTES)
            if not read:
                raise ConnectionResetError("the process closed its connection")
            content += read
        reply: Reply = _reply.decode(memoryview(content)[LENGTH_BYTES:])
        return reply

    def close(self) -> None:
        """Close the connection in the worker."""
        self._connection.close()


def _frame(content: bytes) -> bytes:
    return len(content).to_bytes(LENGTH_BYTES) + content
