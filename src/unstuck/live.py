"""The page of a run that is still going on, from this machine to this machine: `unstuck live TRACE`, or `unstuck run --live`.

It listens on the loopback address only, on a port that is free, under a path that nobody can guess, and answers no other host name
(so that no web page can reach it by renaming this machine). The page asks for what is new once a second.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
import webbrowser
from collections.abc import Collection
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

from unstuck.following import Follower
from unstuck.language import _
from unstuck.records import Facts, Report
from unstuck.renderers import as_html
from unstuck.renderers.as_json import plain

#: Seconds without a reader after which the server of a finished run ends: where nobody came, and where a hidden tab asks once a minute.
NOBODY, GONE = 10.0, 90.0


class Page(ThreadingHTTPServer):
    """Serves one trace."""

    daemon_threads = True

    def __init__(self, follower: Follower, lang: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.follower, self.lang, self.token = follower, lang, secrets.token_urlsafe(16)
        self.asked: float | None = None
        self._lock = threading.Lock()
        self._made: tuple[int, bytes] = (-1, b"")

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_address[1]}/{self.token}/"

    def page(self) -> bytes:
        """The whole page as of now."""
        with self._lock:
            self.follower.look()
            return as_html.page(self._report(), self.lang, self.follower.trace, live=True).encode()

    def state(self, seen: str) -> bytes | None:
        """What changes on the page; None where the reader has it already."""
        with self._lock:
            self.follower.look()
            version = self.follower.version
            if seen == str(version) or not version:
                return None
            if self._made[0] != version:
                made = as_html.state(self._report(), self.follower.trace, live=True)
                text = json.dumps({"seen": str(version), "body": made["body"], "data": plain(made["data"])}, allow_nan=False)
                self._made = version, text.encode()
            return self._made[1]

    def _report(self) -> Report:
        return self.follower.report or Report(facts=Facts(script=self.follower.path.name))


class _Handler(BaseHTTPRequestHandler):
    server: Page
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        if self.headers.get("Host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            return self._answer(HTTPStatus.FORBIDDEN)
        parts = urlsplit(self.path)
        empty, token, *rest = parts.path.split("/")
        if empty or not secrets.compare_digest(token.encode(), self.server.token.encode()) or rest not in ([""], ["state"]):
            return self._answer(HTTPStatus.NOT_FOUND)
        self.server.asked = monotonic()
        if rest == [""]:
            return self._answer(HTTPStatus.OK, self.server.page(), "text/html; charset=utf-8")
        fresh = self.server.state(parse_qs(parts.query).get("seen", [""])[0])
        return self._answer(HTTPStatus.NO_CONTENT) if fresh is None else self._answer(HTTPStatus.OK, fresh, "application/json")

    def _answer(self, code: HTTPStatus, content: bytes = b"", kind: str = "text/plain") -> None:
        self.send_response(code)
        if code is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        for name, value in (
            ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: standard error belongs to the training."""


def serve(
    path: Path,
    *,
    lang: str,
    port: int = 0,
    until_closed: bool = False,
    since: int = 0,
    select: Collection[str] = (),
    preview: bool = False,
) -> int:
    """Serve a trace until Ctrl-C; with `until_closed` until the run has ended and nobody reads any more."""
    if not until_closed and not path.is_file():
        from unstuck.store import peek

        peek(path)  # raises TraceError with what is wrong
    page = Page(Follower(path, select=select, preview=preview, since=since), lang, port)
    threading.Thread(target=page.serve_forever, name="unstuck-live", daemon=True).start()
    said = _("follow the run at {url}").format(url=page.url)
    print(f"unstuck: {said}", file=sys.stderr, flush=True)
    _open(page.url)
    try:
        if until_closed:
            os.nice(10)
            _until_nobody(page)
        else:
            threading.Event().wait()
    except KeyboardInterrupt:
        pass
    page.shutdown()
    return 0


def _until_nobody(page: Page) -> None:
    parent, ended = os.getppid(), None
    while True:
        sleep(0.5)
        page.follower.ended or page.state("")  # nobody may be asking
        if ended is None and (page.follower.ended or os.getppid() != parent):
            ended = monotonic()
        if ended is not None and monotonic() - max(ended, page.asked or 0.0) > (NOBODY if page.asked is None else GONE):
            return


def _open(url: str) -> None:
    """In a browser with windows, where a person sits before this terminal."""
    graphical = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if graphical and sys.stderr.isatty():
        webbrowser.open(url)
