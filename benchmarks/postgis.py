"""A PostgreSQL with PostGIS of our own: started in a temporary directory, gone afterwards.

Tests and benchmarks import :func:`temporary_postgis`. ``python -m benchmarks.postgis`` starts one
for a reader who has no database at hand, and stops it on Ctrl-C.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers import HOST, free_port

__all__ = ["Postgis", "PostgisAbsentError", "find_binaries", "temporary_postgis"]

USER = "point21"
DATABASE = "point21"
PACKAGES = "postgresql postgresql-NN-postgis-3"
# Nobody relies on these bytes after a power cut, so nothing waits for the disk.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
}
PATIENCE_S = 60


class PostgisAbsentError(RuntimeError):
    """PostgreSQL or PostGIS is not installed on this machine."""


@dataclass(frozen=True)
class Postgis:
    """A running server and its one database, in which PostGIS is installed."""

    port: int
    password: str
    directory: Path
    pid: int

    @property
    def url(self) -> str:
        """The address of the database, password included: ``postgresql://user:…@host/name``."""
        return self.url_of(USER, self.password)

    def url_of(self, user: str, password: str, *, database: str = DATABASE) -> str:
        """Return the address as another user, or of another database."""
        return f"postgresql://{user}:{password}@{HOST}:{self.port}/{database}"


def find_binaries() -> Path:
    """Return the directory of the newest PostgreSQL for which PostGIS is installed.

    Raises
    ------
    PostgisAbsentError
        When there is none.
    """
    named = os.environ.get("POINT21_POSTGRESQL_BIN")
    if named:
        return Path(named)
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = [
        path.parent
        for path in versions
        if Path("/usr/share/postgresql", path.parts[-3], "extension", "postgis.control").is_file()
    ]
    if not found:
        raise PostgisAbsentError(
            f"no PostgreSQL with PostGIS found; apt-get install {PACKAGES}, or set "
            "POINT21_POSTGRESQL_BIN to the directory of initdb"
        )
    return max(found, key=lambda path: float(path.parts[-2]))


@contextmanager
def temporary_postgis() -> Iterator[Postgis]:
    """Start PostgreSQL with PostGIS on a free port of the loopback interface; stop it at the end.

    Raises
    ------
    PostgisAbsentError
        When PostgreSQL or PostGIS is not installed.
    RuntimeError
        When the server doesn't start; its log is in the message.
    """
    binaries = find_binaries()
    with tempfile.TemporaryDirectory(prefix="point21-pg-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        account = _account()
        if account is not None:
            shutil.chown(directory, account.pw_uid, account.pw_gid)
        password = secrets.token_urlsafe(16)
        _initialise(binaries, directory, password)
        process, port = _start(binaries, directory)
        try:
            server = Postgis(port, password, directory, process.pid)
            _create_database(binaries, server)
            yield server
        finally:
            _stop(process)


def _account() -> pwd.struct_passwd | None:
    """Return whom to become: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _as_account() -> dict[str, object]:
    account = _account()
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _run(command: list[str | Path], **extra: str) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
        **_as_account(),  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _initialise(binaries: Path, directory: Path, password: str) -> None:
    secret = directory / "password"
    secret.write_text(password, encoding="ascii")
    account = _account()
    if account is not None:
        shutil.chown(secret, account.pw_uid, account.pw_gid)
    cluster = ["--pgdata", directory / "data", "--username", USER, "--pwfile", secret]
    how = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    _run([binaries / "initdb", *cluster, *how])
    secret.unlink()


def _start(binaries: Path, directory: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server; a port that was taken meanwhile is given up for another."""
    log = directory / "log"
    for _ in range(3):
        port = free_port()
        values = {
            "listen_addresses": HOST,
            "unix_socket_directories": str(directory),
            "port": str(port),
            **SETTINGS,
        }
        options = [part for pair in values.items() for part in ("-c", "=".join(pair))]
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", directory / "data", *options],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,  # Ctrl-C is for us, who then stop it in good order
                **_as_account(),  # type: ignore[call-overload]
            )
        if _answers(binaries, process, port):
            return process, port
        _stop(process)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def _answers(binaries: Path, process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    knock = [binaries / "pg_isready", "--quiet", "--host", HOST, "--port", str(port)]
    while process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(knock, check=False, timeout=PATIENCE_S).returncode == 0:
            return True
        time.sleep(0.05)
    return False


def _create_database(binaries: Path, server: Postgis) -> None:
    psql = [binaries / "psql", "--no-psqlrc", "--quiet", "--host", HOST, "--port", str(server.port)]
    for database, statement in (
        ("postgres", f"CREATE DATABASE {DATABASE}"),
        (DATABASE, "CREATE EXTENSION postgis"),
    ):
        asked = ["--username", USER, "--dbname", database, "--command", statement]
        _run([*psql, *asked], PGPASSWORD=server.password)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it ends every session
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=15)


def main() -> None:
    """Start a server, say where it is, and wait for Ctrl-C."""
    try:
        with temporary_postgis() as server:
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
    except PostgisAbsentError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    # Blocked from here on, so that a signal on the way up is waited for rather than lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    main()
