"""HTTPS servers on loopback: a certificate authority, certificates that it signed or did not, and a CONNECT proxy."""

from __future__ import annotations

import datetime
import ipaddress
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"


def page(body: str = "<html><body>x</body></html>") -> bytes:
    """An answer with a body."""
    return OK.format(size=len(body.encode())).encode() + body.encode()


def moved_to(location: str) -> bytes:
    """A redirection."""
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    return head.encode()


NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Authority:
    """A certificate authority of a test's own; `file` is what SSL_CERT_FILE names."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self._certificate = self._build(self._name, self._key, None, is_authority=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def issue(
        self, name: str, *, self_signed: bool = False, expired: bool = False, nameless: bool = False
    ) -> ssl.SSLContext:
        """A server's context with a certificate for `name`; `nameless`: as its common name alone."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._build(
            subject, key, None if nameless else name, signer=key if self_signed else None, expired=expired
        )
        file = self._folder / f"{name.strip('*.')}-{len(list(self._folder.iterdir()))}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _build(
        self, subject: x509.Name, key: Any, name: str | None, *, signer: Any = None, is_authority: bool = False,
        expired: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        end = now - datetime.timedelta(days=1) if expired else now + datetime.timedelta(days=2)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if signer is not None or is_authority else self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=3))
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if name is not None:
            try:
                alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
            except ValueError:
                alternative = x509.DNSName(name)
            builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        return builder.sign(signer or self._key, hashes.SHA256())


@dataclass
class WireServer:
    """A server on loopback; `requests` holds the text of every request that it could read."""

    port: int
    requests: list[str] = field(default_factory=list)
    connections: int = 0

    def cookies(self) -> list[tuple[str, str]]:
        """(path, Cookie header) of each request; "" where it carried none."""
        found = []
        for request in self.requests:
            lines = request.split("\r\n")
            cookie = next((line.partition(": ")[2] for line in lines if line.lower().startswith("cookie:")), "")
            found.append((lines[0].split(" ")[1], cookie))
        return found


@contextmanager
def wire_server(
    reply: Callable[[str], bytes], context: ssl.SSLContext | Callable[[], ssl.SSLContext] | None = None
) -> Iterator[WireServer]:
    """A server whose `reply(path)` is sent as it is, over TLS where there is a `context`, or one a connection."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire.connections += 1
            try:
                chosen = context() if callable(context) else context
                stream = chosen.wrap_socket(self.request, server_side=True) if chosen else self.request
                received = _read_head(stream)
                if received:
                    wire.requests.append(received.decode("latin-1"))
                    stream.sendall(reply(wire.requests[-1].split(" ", 2)[1]))
                stream.close()
            except OSError:  # the client did not like the certificate, or has read enough
                return

    with _serving(Handler) as port:
        wire = WireServer(port)
        yield wire


@contextmanager
def connect_proxy(port_of: Callable[[str], int]) -> Iterator[WireServer]:
    """A proxy for CONNECT: `port_of(host)` is the port on loopback to which it leads."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire.connections += 1
            head = _read_head(self.request).decode("latin-1")
            if not head:
                return
            wire.requests.append(head)
            target = head.split(" ", 2)[1].partition(":")[0]
            with socket.create_connection(("127.0.0.1", port_of(target))) as upstream:
                self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                ends = {self.request: upstream, upstream: self.request}
                while True:
                    for end in select.select(list(ends), [], [], 10)[0] or [None]:
                        data = end.recv(65536) if end is not None else b""
                        if not data:
                            return
                        ends[end].sendall(data)

    with _serving(Handler) as port:
        wire = WireServer(port)
        yield wire


def _read_head(stream: Any) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = stream.recv(65536)
        if not chunk:
            return b""
        received += chunk
    return received


@contextmanager
def _serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
