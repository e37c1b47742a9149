"""Files that are written whole or not at all, and backups that overwrite nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.workbook.errors import BookError


def refuse_taken(path: Path, overwrite: bool = False) -> None:
    """Raises BookError when a file of that name exists and may not be replaced, or its folder does not exist."""
    if path.exists() and not overwrite:
        raise BookError(f"{path} exists already; choose another name, or pass --overwrite.")
    if not path.parent.is_dir():
        raise BookError(f"The folder {path.parent} does not exist; make it first.")


def same_file(one: Path, other: Path) -> bool:
    """True when both paths lead to one file, through links or not."""
    try:
        return one.resolve() == other.resolve() or (one.exists() and other.exists() and one.samefile(other))
    except OSError as error:
        raise BookError(f"Cannot look at {other}: {error.strerror}.") from error


@contextlib.contextmanager
def replacing(target: Path, mode_of: Path | None = None) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `target` if the block ends well, and vanishes if it does not.

    It gets the permissions of `mode_of`, or those of any new file. Raises BookError when the folder is missing or
    not writable, or the disk is full.
    """
    target = target.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=".pbe-", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise BookError(f"Cannot write in the folder {target.parent}: {error.strerror}.") from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode_of is not None:
            shutil.copymode(mode_of, temporary)
        else:
            temporary.chmod(0o666 & ~_umask())
        os.replace(temporary, target)
    except OSError as error:
        raise BookError(
            f"Cannot write {target}: {error.strerror or error}; close it, or write to another place."
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def in_place_backup(source: Path) -> Path:
    """The path of a fresh copy NAME.bak.EXT beside the source (NAME.bak2.EXT and so on when taken).

    Raises BookError when it cannot be written.
    """
    number = 1
    while True:
        backup = source.with_name(f"{source.stem}.bak{number if number > 1 else ''}{source.suffix}")
        try:
            _copy_new(source, backup)
            return backup
        except FileExistsError:
            number += 1
        except OSError as error:
            raise BookError(
                f"Cannot make the backup {backup}: {error.strerror}; nothing was changed."
            ) from error


def prepare_target(source: Path, target: Path, in_place: bool) -> None:
    """Makes the backup when source and target are one file; BookError if that was not asked for."""
    if not same_file(source, target):
        return
    if not in_place:
        raise BookError(f"{target} is the file itself; give another file to write, or ask to write in place.")
    in_place_backup(source)


def _copy_new(source: Path, backup: Path) -> None:
    with backup.open("xb") as stream:
        try:
            with source.open("rb") as original:
                shutil.copyfileobj(original, stream, 1 << 20)
            stream.flush()
            os.fsync(stream.fileno())
        except OSError:
            backup.unlink(missing_ok=True)
            raise
    shutil.copystat(source, backup)


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # some systems cannot open a folder; the file itself is safe already
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
