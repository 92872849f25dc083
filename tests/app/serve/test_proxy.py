"""The documented recipe for a proxy: links lead back through the proxy, on its own port."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError

import pytest

from live import live_server

_HELD = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def recipe(repository: Path, upstream: str) -> str:
    """Return the nginx recipe of docs/serving.md, led to a server of ours."""
    page = (repository / "docs" / "serving.md").read_text("utf-8")
    (found,) = re.findall(r"```text\n(location .*?)```", page, re.DOTALL)
    assert "http://127.0.0.1:8000/;" in found
    return str(found).replace("http://127.0.0.1:8000/", f"{upstream}/")


@pytest.fixture
def proxy(nginx: str, repository: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the program behind nginx, under /maps."""
    with live_server(POINT21_ROOT_PATH="/maps") as upstream:
        port = free_port()  # only now: the server has taken one as well
        folders = " ".join(f"{name}_temp_path {tmp_path / name};" for name in _HELD)
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {tmp_path / 'pid'}; error_log stderr;\n"
            f"events {{}}\nhttp {{ access_log off; {folders}\n"
            f"server {{ listen 127.0.0.1:{port};\n{recipe(repository, upstream)} }} }}\n"
        )
        command = [nginx, "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "errors")]
        process = subprocess.Popen(command)
        address = f"http://127.0.0.1:{port}/maps"
        try:
            wait_for(f"{address}/healthz", process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert process.poll() is None, "nginx did not start"
        with suppress(URLError, ConnectionError):
            urllib.request.urlopen(address).close()
            return
        time.sleep(0.05)
    raise AssertionError("nginx did not answer")


def ask(address: str) -> bytes:
    with urllib.request.urlopen(address) as answer:
        return bytes(answer.read())


def test_links_lead_back_through_the_documented_proxy(proxy: str) -> None:
    landing = json.loads(ask(f"{proxy}/ogc?f=json"))
    addresses = [link["href"] for link in landing["links"]]
    addresses += json.loads(ask(f"{proxy}/tiles/tiles.json"))["tiles"]
    style = json.loads(ask(f"{proxy}/tiles/style.json"))
    addresses += [source["url"] for source in style["sources"].values() if "url" in source]
    assert len(addresses) > 5
    assert [address for address in addresses if not address.startswith(f"{proxy}/")] == []
    with urllib.request.urlopen(f"{proxy}/ogc/collections/") as answer:  # follows the redirect
        assert answer.url == f"{proxy}/ogc/collections"
    part = urllib.request.Request(f"{proxy}/api/downloads/geojson", headers={"Range": "bytes=0-9"})
    with urllib.request.urlopen(part) as answer:
        assert (answer.status, len(answer.read())) == (206, 10)
