"""How web processes listen."""

from __future__ import annotations

import socket

import pytest

from api.serving import _Prompt


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_no_part_of_an_answer_waits_for_the_one_before(host: str) -> None:
    """The socket of several processes is handed to them, and they take it as it is."""
    try:
        bound = _Prompt("api.app:create_app", host=host, port=0, log_config=None).bind_socket()
    except SystemExit:
        pytest.skip(f"there is no {host} here")
    bound.listen()
    with bound, socket.create_connection(bound.getsockname()[:2]):
        taken, _ = bound.accept()
        with taken:
            assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
