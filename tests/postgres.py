"""A PostgreSQL server of the tests' own, on a free port of this machine, for as long as a test needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_TRIES = 5


def _program(name: str) -> str | None:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def postgres_url(folder: Path) -> Iterator[str]:
    """Start a server with its files in a folder, yield its address, stop it; without PostgreSQL skip the test."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is not installed, which CI must see to")
        pytest.skip("PostgreSQL is not installed")
    data = folder / "postgres"
    # PostgreSQL refuses to run as root.
    before = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    data.mkdir()
    if before:
        shutil.chown(data, "postgres")
        for parent in (folder, *folder.parents[:3]):
            parent.chmod(parent.stat().st_mode | 0o011)
    run = {"capture_output": True, "cwd": "/"}
    subprocess.run([*before, initdb, "-D", data, "-U", "blip", "-A", "trust", "--no-sync"], check=True, **run)  # type: ignore[call-overload]
    for _ in range(_TRIES):
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        start = [*before, pg_ctl, "-D", data, "-w", "-l", data / "log", "-o", options, "start"]
        # Another process may have taken the port in the meantime.
        if subprocess.run(start, check=False, **run).returncode == 0:  # type: ignore[call-overload]
            break
    else:
        pytest.fail(f"PostgreSQL does not start: {(data / 'log').read_text(errors='replace')[-2000:]}")
    try:
        yield f"postgresql+psycopg://blip@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*before, pg_ctl, "-D", data, "-m", "immediate", "stop"], check=True, **run)  # type: ignore[call-overload]
