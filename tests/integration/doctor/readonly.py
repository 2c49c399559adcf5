"""An S3 server with an empty bucket that may be read, and refuses every PUT as S3 does where credentials do not allow it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

EMPTY = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
REFUSED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class _ReadOnly(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(200, EMPTY)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(403, REFUSED)

    def log_message(self, *_: object) -> None:
        return

    def _answer(self, status: int, said: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


@contextmanager
def bucket_to_read() -> Iterator[str]:
    """Run the server and give its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _ReadOnly) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
