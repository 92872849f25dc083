"""The real server in a process of its own, for clients that speak HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port", "0"]
_ADDRESS = re.compile(r"is at (http://127\.0\.0\.1:\d+)")


@contextmanager
def live_server(**settings: str) -> Iterator[str]:
    """Run ``point21 serve`` on a free port; yield its address, without a slash at the end."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("POINT21_")}
    process = subprocess.Popen(
        _COMMAND,
        stderr=subprocess.PIPE,
        text=True,
        env={**kept, "POINT21_WARM_UP": "0", "POINT21_WHAT_IF_SECONDS": "300", **settings},
    )
    assert process.stderr is not None
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            found = _ADDRESS.search(line)
            if found:
                break
        else:
            raise AssertionError("the server did not start:\n" + "".join(said))
        yield found[1]
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:  # somebody has left a question open
            process.kill()
            process.wait()
        process.stderr.close()
