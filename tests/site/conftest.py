"""The built site, a server for it and a real browser."""

import os
import shutil
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tools.check import BROWSERS
from tools.serve import server

ROOT = Path(__file__).parent.parent.parent


def built() -> Path:
    """The folder of the site under test."""
    return (ROOT / os.environ.get("FTC_BUILD", "_build") / "html").resolve()


def pages() -> list[str]:
    """Every page of the site, relative to its root."""
    return sorted(path.relative_to(built()).as_posix() for path in built().rglob("*.html"))


@pytest.fixture(scope="session")
def site() -> Path:
    assert (built() / "index.html").is_file(), f"{built()} holds no site; run make book first"
    return built()


@pytest.fixture(scope="session")
def address(site):
    """The site's address, served by the code of `make serve`."""
    httpd = server(site, 0)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium. Without one these tests fail: a site that nobody looked at is not tested."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail("no Chromium found; on Debian: apt-get install --no-install-recommends chromium", pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path)
        yield started
        started.close()
