"""Keep named arrays and strings in a directory that several processes can map into memory at once.

Each array is one NumPy file and a manifest says what belongs together, so that loading costs no reading: pages come
from disk when a search touches them, and the operating system shares them between processes.
"""

import json
import tempfile
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, overload

import numpy as np
import numpy.typing as npt

from kb.errors import StoredIndexError

Array = npt.NDArray[Any]

_MANIFEST: Final = "manifest.json"
_FORMAT: Final = "blip-arrays-1"


class Strings(Sequence[str]):
    """A read-only list of strings in two arrays, so that a million of them can be mapped instead of read."""

    def __init__(self, characters: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> None:
        self._characters, self._ends = characters, ends

    @classmethod
    def of(cls, strings: Iterable[str]) -> "Strings":
        """Copy strings into arrays; half of a surrogate pair, which no file can hold, becomes a question mark."""
        collector = StringCollector()
        for string in strings:
            collector.add(string)
        return collector.strings()

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Array], name: str) -> "Strings":
        """Find strings again among loaded arrays, by the name they were saved under."""
        return cls(arrays[f"{name}.characters"], arrays[f"{name}.ends"])

    def arrays(self, name: str) -> dict[str, Array]:
        """Return the arrays to save under a name."""
        return {f"{name}.characters": self._characters, f"{name}.ends": self._ends}

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        at %= len(self)
        start = int(self._ends[at - 1]) if at else 0
        return self._characters[start : int(self._ends[at])].tobytes().decode("utf-8", "replace")


class StringCollector:
    """Strings of a stream, packed as they come."""

    def __init__(self) -> None:
        self._blob, self._ends = bytearray(), array("q")

    def add(self, string: str) -> None:
        """Append one string."""
        self._blob += string.encode("utf-8", "replace")
        self._ends.append(len(self._blob))

    def strings(self) -> Strings:
        """Return the strings so far."""
        return Strings(np.frombuffer(bytes(self._blob), np.uint8), np.array(self._ends, np.int64))


def spans(starts: Array, stops: Array) -> npt.NDArray[np.int64]:
    """Return the numbers of all half-open ranges `starts[i]:stops[i]` one after the other."""
    lengths = np.asarray(stops - starts, np.int64)
    shift = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    return np.asarray(np.arange(len(shift)) + shift, np.int64)


def save_arrays(directory: Path, arrays: Mapping[str, Array], facts: Mapping[str, object]) -> None:
    """Write arrays and a few JSON facts as a directory, in place of one that is there.

    Everything is written beside the directory first and then renamed: a reader sees the old one or the new one, and a
    process that has the old one mapped keeps it until it loads again.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{directory.name}-", dir=directory.parent) as scratch:
        fresh = Path(scratch, "fresh")
        fresh.mkdir()
        for name, array in arrays.items():
            np.save(fresh / f"{name}.npy", array, allow_pickle=False)
        listed = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
        manifest = {"format": _FORMAT, "facts": dict(facts), "arrays": listed}
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        if directory.exists():
            _refuse_foreign(directory)
            directory.rename(Path(scratch, "former"))
        fresh.rename(directory)


def load_arrays(directory: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """Map the arrays of a directory into memory and return them with its facts.

    Raises:
        StoredIndexError: The directory is missing, damaged, or was not written by `save_arrays`.
    """
    manifest = _manifest(directory)
    try:
        listed = {name: (np.dtype(kind), tuple(shape)) for name, (kind, shape) in manifest["arrays"].items()}
        arrays = {name: _mapped(directory / f"{name}.npy", *form) for name, form in listed.items()}
        return arrays, dict(manifest["facts"])
    except (KeyError, TypeError, ValueError, AttributeError, OSError, EOFError) as error:
        raise StoredIndexError(f"{directory}: the saved index is damaged ({error}); build it again") from error


def _mapped(path: Path, kind: "np.dtype[Any]", shape: tuple[int, ...]) -> Array:
    if not np.prod(shape):  # nothing can be mapped, and nothing need be read
        return np.zeros(shape, kind)
    # Unlike np.load this opens nothing but a plain array, whatever the file pretends to be.
    array = np.lib.format.open_memmap(path, mode="r")
    if array.dtype != kind or array.shape != shape:
        raise ValueError(f"{path.name} holds {array.dtype} {array.shape}, not {kind} {shape}")
    # A plain view of the map: slices of numpy's memmap class cost several times as much.
    return np.asarray(array)


def _manifest(directory: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    except OSError as error:
        raise StoredIndexError(f"{directory}: no saved index here ({error.strerror})") from error
    except ValueError as error:
        raise StoredIndexError(f"{directory / _MANIFEST}: not readable as JSON ({error})") from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise StoredIndexError(f"{directory}: not a saved index of this version; build it again")
    return manifest


def _refuse_foreign(directory: Path) -> None:
    """Keep a typing mistake from replacing somebody's other directory."""
    if not directory.is_dir() or (any(directory.iterdir()) and not (directory / _MANIFEST).is_file()):
        raise StoredIndexError(f"{directory}: exists and is no saved index; it is left as it is")
