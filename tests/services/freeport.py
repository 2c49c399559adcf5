"""A port that nobody listens at."""

from socket import create_server


def free_port() -> int:
    """Return one that was free a moment ago."""
    with create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
