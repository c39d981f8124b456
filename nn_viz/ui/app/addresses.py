"""Finds a free port to listen on, and the addresses under which others reach the server."""

from __future__ import annotations

import errno
import socket

DEFAULT_PORT = 8501
SEARCHED_PORTS = 20
WILDCARDS = ("0.0.0.0", "::")


class AddressError(ValueError):
    """The server cannot listen there; the text is one sentence that says what to do."""


class PortTakenError(AddressError):
    """Another program listens on that port, or the system keeps it."""


def port_number(text: str) -> int:
    """Return the port that somebody typed, 0 for any free one. Raises `AddressError`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) < 65536):
        raise AddressError(
            f"{text[:40]!r} is not a port: choose one from 1024 to 65535, such as --port 8502 (PORT=8502 make run)"
        )
    return int(text)


def first_free_port(host: str, first: int = DEFAULT_PORT) -> int:
    """Return the first free port from `first` on. Raises `AddressError` if there is none near, or no such `host`."""
    for port in range(first, first + SEARCHED_PORTS):
        try:
            check_port(host, port)
        except PortTakenError:
            continue
        return port
    raise AddressError(f"the ports {first} to {first + SEARCHED_PORTS - 1} are all taken: choose another with --port")


def check_port(host: str, port: int) -> None:
    """Raise `AddressError` if a server cannot listen on `host`, `PortTakenError` if it cannot on this `port` of it."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise AddressError(f"{host!r} is not an address of this machine: use localhost or 0.0.0.0") from None
    free = DEFAULT_PORT + 1 if port != DEFAULT_PORT + 1 else DEFAULT_PORT + 2
    remedy = f"--port {free} (PORT={free} make run)"
    taken = f"port {port} is taken (by another nn_viz?): end that, or choose another, {remedy}"
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: a port whose last connections are still closing counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except PermissionError:
                raise PortTakenError(
                    f"port {port} is reserved for the administrator: choose another, {remedy}"
                ) from None
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise PortTakenError(taken) from None
                if family == socket.AF_INET:
                    raise AddressError(
                        f"cannot listen on {host}:{port}: {error.strerror}; use --host localhost"
                    ) from None
                continue  # without IPv6, localhost may still resolve to ::1; the IPv4 address decides
        # macOS lets localhost be bound beside a server that listens on every address, so try to connect as well.
        # Only after the bind: what could be bound is an address of this machine, and no other is ever contacted.
        with socket.socket(family, kind, protocol) as caller:
            caller.settimeout(1)  # seconds; an address of this machine answers or refuses in less than a millisecond
            if port and caller.connect_ex(address) == 0:
                raise PortTakenError(taken)


def hosts_for_others(host: str) -> tuple[str, ...]:
    """Return the names under which other machines reach a server that listens on `host`; none if they cannot."""
    if host not in WILDCARDS:
        return () if host in ("localhost", "127.0.0.1", "::1") else (host,)
    return tuple(name for name in (socket.gethostname(), _network_address()) if name)


def _network_address() -> str:
    """Return this machine's IPv4 address in its network, empty if it is in none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # TEST-NET-1 (RFC 5737): only the route there is looked up
        except OSError:
            return ""
        address: str = asking.getsockname()[0]
        return address
