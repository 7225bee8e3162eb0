"""Which web pages may use the server, as a real browser sees it.

A page of any site can send requests to a loopback port, and a site whose name is made to point at 127.0.0.1 even
has them sent as its own. The pages here are real, and so is the browser; only the names are mapped to this machine.
"""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

# The page writes what happened into its title, which the dumped document shows.
PAGE = """<!doctype html><title>waiting</title><script>
const call = {method: 'POST', headers: {'authorization': 'Bearer sk-any', 'content-type': 'application/json',
  'x-stainless-lang': 'js', 'x-stainless-retry-count': '0'},
  body: JSON.stringify({model: 'antiphon-scripted', messages: [{role: 'user', content: 'Hi'}]})};
fetch('API/v1/chat/completions', call)
  .then(async answer => { document.title = 'answered ' + answer.status + ' ' + answer.headers.get('x-request-id'); })
  .catch(error => { document.title = 'refused ' + error.name; });
</script>"""


@pytest.fixture
def page(served: str) -> Iterator[int]:
    """The port of a site of its own whose page calls the server."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api = served if "rebound" not in self.path else ""
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.replace("API", api).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site.server_address[1]
        site.shutdown()


def document_of(chromium: str, url: str, profile: Path, *flags: str) -> str:
    """Open a page, let it finish, and return its document."""
    ran = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=8000",
            *flags,
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    return ran.stdout


def title_of(chromium: str, url: str, profile: Path, *flags: str) -> str:
    """Open a page, let it finish, and return its title."""
    return document_of(chromium, url, profile, *flags).partition("<title>")[2].partition("</title>")[0]


def test_a_page_on_another_loopback_port_may_call_and_reads_the_request_id(chromium: str, page: int, tmp_path: Path):
    title = title_of(chromium, f"http://localhost:{page}/", tmp_path)

    assert title.startswith("answered 200 req_")


def test_a_page_of_another_site_is_refused(chromium: str, page: int, tmp_path: Path):
    title = title_of(
        chromium, f"http://elsewhere.example:{page}/", tmp_path, "--host-resolver-rules=MAP elsewhere.example 127.0.0.1"
    )

    assert title.startswith("refused")


def test_a_site_that_points_its_name_at_this_machine_is_refused(chromium: str, served: str, tmp_path: Path):
    """The browser takes the server for the site itself, and the server does not answer to that name."""
    port = served.rpartition(":")[2]
    document = document_of(
        chromium,
        f"http://rebound.example:{port}/health",
        tmp_path,
        "--host-resolver-rules=MAP rebound.example 127.0.0.1",
    )

    assert "rebound.example" in document
    assert '"invalid_request_error"' in document
    assert "ok" not in document
