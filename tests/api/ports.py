"""A port for a process that a test starts."""

from __future__ import annotations

import random
import socket

_BELOW_EPHEMERAL = range(20_000, 32_000)
"""From here the kernel gives none to outgoing connections, which many tests make at once."""
_DICE = random.SystemRandom()
"""Workers of the tests that are seeded alike must not choose alike."""


def free_port() -> int:
    """Return a port of this machine that nobody has: it is free until the process listens, some seconds later."""
    while True:
        port = _DICE.choice(_BELOW_EPHEMERAL)
        with socket.socket() as found:
            try:
                found.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
