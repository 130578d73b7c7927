"""Serve the built site on this machine only.

python -m tools.serve 8000        (from the project's folder; make serve calls it)
"""

import functools
import os
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and says nothing about each of them."""

    def log_message(self, format, *args):
        """A line per request would bury the address."""


def server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of `folder` bound to the loopback address; port 0 takes any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(QuietHandler, directory=folder))


def main(port: int) -> int:
    """Serve until Ctrl-C."""
    folder = Path(os.environ.get("FTC_BUILD", "_build")) / "html"
    if not (folder / "index.html").is_file():
        print(f"{folder} holds no site yet; run make book first", file=sys.stderr)
        return 1
    try:
        httpd = server(folder, port)
    except OSError as error:
        print(f"port {port}: {error.strerror}; choose another one with make serve PORT=...", file=sys.stderr)
        return 1
    print(f"http://127.0.0.1:{httpd.server_port}/  (Ctrl-C stops)", flush=True)
    try:
        httpd.serve_forever()
    except KeyboardInterrupt:
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
