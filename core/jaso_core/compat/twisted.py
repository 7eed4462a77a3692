"""Twisted 26.10: a certificate whose names cannot be read is no host's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from OpenSSL.crypto import X509
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet import _sslverify

Verify = Callable[[Any, X509, int, int, bool], bool]

_verify_callback = _sslverify._verifyCB


def verify_names() -> None:
    """Make Twisted refuse certificates without a name that it can compare.

    Its own callback refuses another host's name. But what service_identity raises for a certificate without a name (a
    printer's, with a common name alone) or with a pattern such as *.kr is logged, and the connection goes on.
    """
    setattr(_sslverify, _verify_callback.__name__, _strict_callback)


def _strict_callback(protocol: Any, is_dns: bool, host: str) -> Verify:
    own = _verify_callback(protocol, is_dns, host)
    service = DNS_ID(host) if is_dns else IPAddress_ID(host)

    def verify(connection: Any, certificate: X509, error: int, depth: int, ok: bool) -> bool:
        is_trusted = bool(own(connection, certificate, error, depth, ok))
        if not is_trusted or depth != 0:
            return is_trusted
        try:
            verify_service_identity(extract_patterns(certificate), [service], [])
        except Exception:  # whatever it is: the name was not proven
            return False
        return True

    return verify
