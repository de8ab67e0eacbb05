"""Make real captures and logs of known faults: `python -m tests.captures.make FOLDER [SCENARIO…]`.

It takes root, Linux with network namespaces, and dnsmasq, dhclient, nft, iptables and tcpdump. Nothing outside of the
namespaces is touched, but for the limit of tracked connections where a kernel has only one; that is put back.
"""

from __future__ import annotations

import shutil
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.captures.lab import missing, short_folder
from tests.captures.scenarios import SCENARIOS


def make(name: str, folder: Path) -> Path:
    """Run one scenario and return the folder with its files."""
    with short_folder() as work:
        try:
            SCENARIOS[name](work)
        finally:
            target = folder / name
            target.mkdir(parents=True, exist_ok=True)
            for path in [*work.glob("*.pcap"), *work.glob("*.log"), *work.glob("*.txt")]:
                shutil.copy(path, target / path.name)
    return target


def make_all(folder: Path, names: list[str]) -> dict[str, Future[Path]]:
    """Start all scenarios side by side: they wait far more than they work."""
    pool = ThreadPoolExecutor(max_workers=len(names))
    futures = {name: pool.submit(make, name, folder) for name in names}
    pool.shutdown(wait=False)
    return futures


if __name__ == "__main__":
    reason = missing()
    if reason or len(sys.argv) < 2:
        sys.exit(reason or __doc__)
    for name, future in make_all(Path(sys.argv[1]), sys.argv[2:] or list(SCENARIOS)).items():
        print(name, future.exception() or future.result())
