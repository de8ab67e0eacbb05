"""Files that were shared in Slack -> files on disk, within bounds, and what could not be fetched said."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from bot.conversation import Attachment

MAX_FILE: Final = 64 << 20
"""Bytes of one file; a longer capture is better cut before it is sent through a chat."""
MAX_FILES: Final = 8

_BLOCK: Final = 1 << 16
_TIMEOUT: Final = 30.0
_UNSAFE = re.compile(r"[^\w.-]")
_UNREADABLE: Final = ("image", "video", "audio")


@dataclass(frozen=True)
class Uploads:
    """What came of the files of one message."""

    attachments: tuple[Attachment, ...]
    notes: tuple[str, ...]
    """A sentence for each file that was not fetched."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuses redirects: one would carry the token to another address, and Slack's own leads to a login page."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


class _UnfetchedError(Exception):
    """A file cannot be fetched; the text says why."""


def fetch(files: object, folder: Path, token: str, api: str) -> Uploads:
    """Download the files of a message into a folder.

    Args:
        files: the `files` of Slack's event, whatever it holds.
        folder: where they are put; the caller deletes it.
        token: the bot's token, sent only to hosts of Slack.
        api: the address of Slack's API, whose host is trusted with the token as well.
    """
    listed: Sequence[Any] = files if isinstance(files, list) else ()
    attachments: list[Attachment] = []
    notes: list[str] = []
    for index, file in enumerate(listed[:MAX_FILES]):
        if not isinstance(file, Mapping):
            continue
        name = str(file.get("name") or "file")[-100:]
        try:
            # The evidence names a file by its name on disk; a folder each keeps two of the same name apart.
            path = folder / str(index) / (_UNSAFE.sub("_", name).lstrip(".") or "file")
            path.parent.mkdir()
            _download(file, path, token, api)
            attachments.append(Attachment(name, path))
        except _UnfetchedError as reason:
            notes.append(f"I did not read {name}: {reason}.")
        except (OSError, HTTPException):
            notes.append(f"I did not read {name}: Slack did not hand it out. Is the scope files:read granted?")
    if len(listed) > MAX_FILES:
        notes.append(f"I read the first {MAX_FILES} files only.")
    return Uploads(tuple(attachments), tuple(notes))


def _download(file: Mapping[str, Any], path: Path, token: str, api: str) -> None:
    kind = str(file.get("mimetype") or "")
    if kind.split("/")[0] in _UNREADABLE:
        raise _UnfetchedError("I read text and captures only")
    if isinstance(file.get("size"), int) and file["size"] > MAX_FILE:
        raise _UnfetchedError(f"it is larger than {MAX_FILE >> 20} MB")
    url = str(file.get("url_private_download") or "")
    if not _is_slacks(url, api):
        raise _UnfetchedError("it is not stored in this Slack workspace")
    # The scheme was checked: only http(s) addresses of Slack come this far.
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=_TIMEOUT) as response, path.open("wb") as sink:
        if response.headers.get_content_type() == "text/html" and kind != "text/html":
            raise _UnfetchedError("Slack asked for a login instead; the scope files:read is missing")
        for size, block in _counted(response):
            if size > MAX_FILE:
                raise _UnfetchedError(f"it is larger than {MAX_FILE >> 20} MB")
            sink.write(block)


def _counted(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    size = 0
    while block := source.read(_BLOCK):
        size += len(block)
        yield size, block


def _is_slacks(url: str, api: str) -> bool:
    """Tell whether an address may be shown the token: Slack's own hosts by https, or wherever the API itself is."""
    try:
        target, home = urlsplit(url), urlsplit(api)
        host = target.hostname or ""
        if (target.scheme, target.netloc) == (home.scheme, home.netloc):
            return True
    except ValueError:
        return False
    return target.scheme == "https" and host.endswith((".slack.com", ".slack-gov.com"))
