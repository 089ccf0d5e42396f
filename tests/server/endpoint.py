"""An HTTP endpoint that takes notifications, well or badly."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Endpoint:
    """What came, and how the next requests are answered."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    #: The status of each answer to come; with an empty list it is 200.
    statuses: list[int] = field(default_factory=list)
    #: While this is clear, requests are taken and not answered.
    answering: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/done?key=hidden"


@contextmanager
def listening() -> Iterator[Endpoint]:
    """Lend an endpoint on a port of its own."""
    endpoint = Endpoint()
    endpoint.answering.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            endpoint.received.append(
                Received(method=self.command, path=self.path, headers=headers, body=body)
            )
            endpoint.answering.wait(60)
            self.send_response(endpoint.statuses.pop(0) if endpoint.statuses else 200)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        # What follows a redirection would come here.
        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        endpoint.answering.set()
        server.shutdown()
        thread.join()
        server.server_close()
