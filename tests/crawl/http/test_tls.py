"""TLS and the session: certificates are verified, and the cookie goes to the site that it is of, nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from fetch_support import SmallSite
from tls_support import NO_ROBOTS, Authority, connect_proxy, moved_to, page, wire_server

from jaso_core.errors import WorkError
from jaso_crawl.http.client import Client, Freshness, RefusedError
from jaso_crawl.http.page_store import PageStore
from jaso_crawl.http.politeness import Politeness, user_agent
from jaso_crawl.types import Link

COOKIE = "session=secret"


@dataclass(frozen=True)
class SecureSite(SmallSite):
    """A site whose lists begin at `base`."""

    host: str = "localhost"
    base: str = ""

    def start(self) -> list[Link]:
        """One list."""
        return [Link(f"{self.base}/list")]


@contextmanager
def visit(base: str, folder: Path, host: str = "localhost", **manners: Any) -> Iterator[Client]:
    """A client of the site at `base`, with a session."""
    chosen = {"user_agent": user_agent("test@example.com"), "delay": 0.0, "initial_backoff": 0.01, "cookie": COOKIE}
    with (
        PageStore(folder / "pages.sqlite") as store,
        Client(
            SecureSite(host=host, base=base), Politeness(**{**chosen, **manners}), store, folder / "log", Freshness()
        ) as client,
    ):
        yield client


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that SSL_CERT_FILE names, as a company's own does."""
    made = Authority(tmp_path / "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    for name in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return made


def answer(path: str) -> bytes:
    return NO_ROBOTS if path == "/robots.txt" else page()


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("localhost", {"self_signed": True}),
        ("localhost", {"expired": True}),
        ("other.invalid", {}),
        ("other.invalid", {"self_signed": True}),
        # What service_identity cannot compare, Twisted takes.
        ("localhost", {"nameless": True}),
        ("printer-17.invalid", {"nameless": True}),
        ("*.invalid", {}),
        ("*", {}),
    ],
)
def test_a_certificate_that_is_not_the_hosts_ends_the_crawl_before_anything_is_sent(
    name: str, how: dict[str, bool], authority: Authority, tmp_path: Path
) -> None:
    with wire_server(answer, authority.issue(name, **how)) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client, pytest.raises(WorkError) as refused:
            client.get(f"{base}/list", "list")
    assert server.requests == []
    assert server.connections == 1, "a certificate gets no better by asking again"
    assert refused.value.what.startswith(f"{base}/list: the certificate of its server is not accepted (")
    assert "SSL_CERT_FILE" in refused.value.cure


def test_a_certificate_that_changes_behind_robots_txt_ends_the_crawl(authority: Authority, tmp_path: Path) -> None:
    contexts = [authority.issue("localhost"), authority.issue("localhost", self_signed=True)]
    with wire_server(answer, lambda: contexts.pop(0)) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client, pytest.raises(WorkError, match="certificate of its server"):
            client.get(f"{base}/1", "page")
    assert server.cookies() == [("/robots.txt", "")]


def test_a_missing_ssl_cert_file_is_named(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with wire_server(answer, authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client, pytest.raises(WorkError, match=r"SSL_CERT_FILE names .*gone\.pem"):
            client.get(f"{base}/1", "page")


def test_the_authority_of_ssl_cert_file_is_accepted(authority: Authority, tmp_path: Path) -> None:
    with wire_server(answer, authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client:
            assert client.get(f"{base}/list", "list").status == 200
    assert server.cookies() == [("/robots.txt", ""), ("/list", COOKIE)]


@pytest.mark.parametrize("is_trusted", [True, False])
def test_a_proxy_of_the_environment_tunnels_and_does_not_vouch(
    is_trusted: bool, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = authority.issue("secure.invalid", self_signed=not is_trusted)
    with wire_server(answer, context) as server, connect_proxy(lambda host: server.port) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        base = "https://secure.invalid"
        with visit(base, tmp_path, host="secure.invalid") as client:
            if is_trusted:
                assert client.get(f"{base}/list", "list").status == 200
            else:
                with pytest.raises(WorkError, match="certificate of its server"):
                    client.get(f"{base}/list", "list")
    assert [request.split("\r\n")[0] for request in proxy.requests][:1] == ["CONNECT secure.invalid:443 HTTP/1.1"]
    assert not any(COOKIE in request for request in proxy.requests)
    assert server.cookies() == ([("/robots.txt", ""), ("/list", COOKIE)] if is_trusted else [])


def test_no_proxy_leaves_the_proxy_out(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wire_server(answer, authority.issue("localhost")) as server, connect_proxy(lambda host: server.port) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "localhost")
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client:
            assert client.get(f"{base}/list", "list").status == 200
    assert proxy.connections == 0


def test_a_redirect_from_https_to_http_is_refused(authority: Authority, tmp_path: Path) -> None:
    with wire_server(answer) as plain:

        def reply(path: str) -> bytes:
            return moved_to(f"http://localhost:{plain.port}/1") if path == "/1" else answer(path)

        with wire_server(reply, authority.issue("localhost")) as server:
            base = f"https://localhost:{server.port}"
            with visit(base, tmp_path) as client, pytest.raises(RefusedError, match="from https to http") as refused:
                client.get(f"{base}/1", "page")
    assert refused.value.rejection.reason == "redirected"
    assert plain.requests == []


def test_a_redirect_to_another_port_is_refused(authority: Authority, tmp_path: Path) -> None:
    context = authority.issue("localhost")
    with wire_server(answer, context) as other:

        def reply(path: str) -> bytes:
            return moved_to(f"https://localhost:{other.port}/1") if path == "/1" else answer(path)

        with wire_server(reply, context) as server:
            base = f"https://localhost:{server.port}"
            with visit(base, tmp_path) as client, pytest.raises(RefusedError, match="redirects to another port"):
                client.get(f"{base}/1", "page")
    assert other.requests == []


@pytest.mark.parametrize("place", ["https://a:b@localhost:{port}/x", "https://localhost:0/x"])
def test_a_redirect_to_a_users_name_or_to_port_0_is_refused(place: str, authority: Authority, tmp_path: Path) -> None:
    def reply(path: str) -> bytes:
        return NO_ROBOTS if path == "/robots.txt" else moved_to(place.format(port=server.port))

    with wire_server(reply, authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client, pytest.raises(RefusedError, match=r"redirects to (an address|another)"):
            client.get(f"{base}/list", "list")
    assert [path for path, _ in server.cookies()] == ["/robots.txt", "/list"]


def test_robots_txt_gets_no_cookie_from_a_redirect_either(authority: Authority, tmp_path: Path) -> None:
    def reply(path: str) -> bytes:
        return NO_ROBOTS if path == "/robots.txt" else moved_to("/robots.txt")

    with wire_server(reply, authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client, pytest.raises(RefusedError, match="answered 404"):
            client.get(f"{base}/list", "list")
    assert server.cookies() == [("/robots.txt", ""), ("/list", COOKIE), ("/robots.txt", "")]


def test_a_robots_txt_without_an_end_allows_nothing(authority: Authority, tmp_path: Path) -> None:
    rules = "User-agent: *\n" + "Disallow: /*a*b*c\n" * 40_000
    with wire_server(lambda path: page(rules), authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client, pytest.raises(WorkError, match=r"robots\.txt"):
            client.get(f"{base}/list", "list")
    assert [path for path, _ in server.cookies()] == ["/robots.txt"]


def test_a_crawl_opens_no_port(authority: Authority, tmp_path: Path) -> None:
    def listening() -> set[int]:
        return {link.laddr.port for link in psutil.Process().net_connections("tcp") if link.status == "LISTEN"}

    with wire_server(answer, authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        before = listening()
        with visit(base, tmp_path) as client:
            client.get(f"{base}/list", "list")
            assert listening() == before, "Scrapy's remote control runs what is sent to it"


def test_links_to_another_port_or_without_tls_get_no_cookie(authority: Authority, tmp_path: Path) -> None:
    with wire_server(answer) as plain, wire_server(answer, authority.issue("localhost")) as server:
        base = f"https://localhost:{server.port}"
        with visit(base, tmp_path) as client:
            client.get(f"http://localhost:{plain.port}/1", "page")
            client.get(f"{base}/1", "page")
    assert plain.cookies() == [("/robots.txt", ""), ("/1", "")]
    assert server.cookies() == [("/robots.txt", ""), ("/1", COOKIE)]
