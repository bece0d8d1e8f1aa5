"""
HTTP on one kept connection, one packet a request.

The clients share the cores with what they measure. `http.client` takes as long for a request as a
tenth of a whole cycle, and sends head and body apart, so that the server wakes up twice.
"""

from __future__ import annotations

import socket


class Wire:
    """One connection to a server on this machine; answers have a Content-Length."""

    def __init__(self, host: str) -> None:
        name, _colon, port = host.partition(":")
        self.host = host
        self.socket = socket.create_connection((name, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body of the answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        read = b""
        while b"\r\n\r\n" not in read:
            read += self._more()
        head, _gap, content = read.partition(b"\r\n\r\n")
        [length] = [
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length:")
        ]
        while len(content) < length:
            content += self._more()
        return int(head.split(b" ", 2)[1]), content

    def _more(self) -> bytes:
        received = self.socket.recv(65536)
        if not received:
            raise SystemExit("The server hung up.")
        return received
