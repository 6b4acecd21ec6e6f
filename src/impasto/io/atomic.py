"""Writing a file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from impasto.errors import PictureError

_REMEDIES = {
    errno.ENOSPC: "make room on the disk or choose another folder",
    errno.EDQUOT: "make room in your quota or choose another folder",
    errno.EACCES: "allow writing there or choose another folder",
    errno.EPERM: "allow writing there or choose another folder",
    errno.EROFS: "choose a folder that can be written to",
}


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path`, in one step; see `replacing`."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Generator[BinaryIO]:
    """A file to write, which becomes `path` in one step: a reader sees the old file or the new one,
    never half.

    It is a temporary file beside it, whose bytes go to the disk before it is renamed. A symbolic
    link stays, and its target is replaced. A new file's mode follows the umask; a replaced one's
    is kept. Raises PictureError, with the old file as it was and no temporary file left.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".impasto-{secrets.token_hex(6)}.tmp")
    try:
        # Not tempfile: its files have mode 0600, and the umask can't be asked without setting it.
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        temporary.replace(target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        remedy = _REMEDIES.get(error.errno or 0, "choose another name or folder")
        raise PictureError(f"can't write {path}: {reason}; {remedy}") from error
    finally:
        temporary.unlink(missing_ok=True)  # gone already if it was renamed
