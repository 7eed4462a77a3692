"""TLS certificates: recognise the errors of verification, and say the cure.

Certificates are verified for every host, through a proxy too, and nothing turns that off. OpenSSL reads its
authorities from the places of the system, or from what SSL_CERT_FILE and SSL_CERT_DIR name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from OpenSSL import SSL
from service_identity import CertificateError, VerificationError

_CURE = (
    "nothing turns the check off: if the certificate is of your company's own authority or proxy, "
    "name that authority's PEM file in SSL_CERT_FILE"
)


def certificate_problem(error: BaseException) -> str | None:
    """Return why a server's certificate was refused; None for any other error."""
    for cause in _causes(error):
        if isinstance(cause, VerificationError | CertificateError):
            return "it is for another host"
        if isinstance(cause, SSL.Error):
            # SSL.Error([("SSL routines", "", "certificate verify failed")]) → the last of the three
            reasons = [str(entry[-1]) for entry in (cause.args[0] if cause.args else ()) if entry]
            if any("certificate" in reason for reason in reasons):
                return reasons[-1]
    return None


def certificate_cure() -> str:
    """Return the cure; it names a variable whose file or folder is absent."""
    for variable, exists in (("SSL_CERT_FILE", Path.is_file), ("SSL_CERT_DIR", Path.is_dir)):
        value = os.environ.get(variable)
        if value and not exists(Path(value)):
            return f"{variable} names {value}, which does not exist: mend it"
    return _CURE


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it wraps, as Twisted and Scrapy do in three ways."""
    pending, seen = [error], set[int]()
    while pending:
        cause = pending.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        for inner in (cause.__cause__, cause.__context__, *cause.args, *getattr(cause, "reasons", ())):
            for item in inner if isinstance(inner, list | tuple) else (inner,):
                value = getattr(item, "value", item)  # a Failure of Twisted holds its exception
                if isinstance(value, BaseException):
                    pending.append(value)
