"""A conversation that is ready at once: what the casebook is turned into is kept until one of its files changes.

Reading all entries and learning from them takes seconds, which is long for a command that answers one question. The
result is kept as a pickle in the user's own cache folder, which nobody else may write; a pickle from elsewhere is never
read.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from bot.conversation import Conversation
from kb.load import BUILT_IN, FOLDERS, load

_KEPT: Final = 4
"""How many prepared conversations are kept: of the last few sets of casebooks."""


def prepared_conversation(casebooks: Sequence[Path]) -> Conversation:
    """Return a conversation on the built-in casebook and these private ones.

    Raises:
        KnowledgeBaseError: an entry is wrong.
    """
    folder = cache_folder()
    if folder is None:
        return Conversation(load(casebooks))
    path = folder / f"{_fingerprint(casebooks)}.pickle"
    conversation = _kept(path)
    if conversation is not None:
        return conversation
    conversation = Conversation(load(casebooks))
    _keep(conversation, path)
    return conversation


def _kept(path: Path) -> Conversation | None:
    """Return what was kept in a file, or None where nothing usable is."""
    collecting = gc.isenabled()
    # Nothing of what is read is garbage, and looking for some in between takes as long as the reading.
    gc.disable()
    try:
        kept = pickle.loads(path.read_bytes())  # noqa: S301 - this user wrote it, into a folder that is theirs alone
        return kept if isinstance(kept, Conversation) else None
    except Exception:
        return None  # whatever is wrong with a cache, the casebook itself is there
    finally:
        if collecting:
            gc.enable()


def cache_folder() -> Path | None:
    """Return the user's cache folder, or None where there is none that is theirs alone."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "blip"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except OSError:
        return None
    return folder if state.st_uid == os.getuid() and not state.st_mode & 0o022 else None


def _fingerprint(casebooks: Sequence[Path]) -> str:
    """Return what changes whenever a file that a conversation is made from changes."""
    digest = hashlib.sha256(sys.version.encode())
    for path in _sources(casebooks):
        state = path.stat()
        digest.update(f"{path} {state.st_mtime_ns} {state.st_size}\n".encode())
    return digest.hexdigest()[:32]


def _sources(casebooks: Sequence[Path]) -> Iterator[Path]:
    """Yield the entries, and the code and data that turn them into a conversation."""
    for casebook in (BUILT_IN, *casebooks):
        for folder in FOLDERS:
            yield from sorted((casebook.resolve() / folder).glob("*.md"))
    yield from sorted(BUILT_IN.glob("*.py"))
    yield from sorted(BUILT_IN.glob("*.yaml"))
    yield from sorted(Path(__file__).parent.glob("*.py"))


def _keep(conversation: Conversation, path: Path) -> None:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            pickle.dump(conversation, file, protocol=pickle.HIGHEST_PROTOCOL)
        Path(file.name).replace(path)
        kept = sorted(path.parent.glob("*.pickle"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in kept[_KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        # A full or read-only disk costs a second the next time, and nothing else.
        return
