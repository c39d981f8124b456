"""port.py HOST PORT: exits with 1 and one sentence when the app cannot listen there."""

from __future__ import annotations

import errno
import socket
import sys


def trouble(host: str, port: str) -> str:
    """What keeps a server from listening on `host`:`port`, as a sentence; empty when nothing does."""
    if not (port.isdecimal() and 0 < int(port) < 65536):
        return f"PORT={port} is not a port: choose one from 1024 to 65535, such as PORT=8502 make run"
    try:
        addresses = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        return f"HOST={host} is not an address of this machine: use localhost or 0.0.0.0"
    free = 8502 if port != "8502" else 8503
    taken = f"port {port} is taken (by another nn_viz?): end that, or run PORT={free} make run"
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as probe:
            # As the server does: a port whose last connections are still closing counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except PermissionError:
                return f"port {port} is reserved for the administrator: choose another, PORT=8502 make run"
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    return taken
                if family == socket.AF_INET:
                    return f"cannot listen on {host}:{port}: {error.strerror}"
                continue  # without IPv6, localhost may still resolve to ::1; the IPv4 address decides
        # macOS lets localhost be bound beside a server that listens on every address, so knock as well.
        # Only now: what could be bound is an address of this machine, and no other is ever called.
        with socket.socket(family, kind, protocol) as caller:
            caller.settimeout(1)
            if caller.connect_ex(address) == 0:
                return taken
    return ""


if __name__ == "__main__":
    sentence = trouble(*sys.argv[1:3])
    print(sentence)
    sys.exit(bool(sentence))
