"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step: a reader sees the old bytes or the new ones, never half.

    Makes the folders on the way. A symbolic link is followed, and what it leads to is replaced whole. ValueError where
    something else than a regular file is there (a folder, a device, a pipe). OSError, which names the culprit, where
    nothing can be written. However it fails, what was there stays as it was, and nothing is left beside it.
    """
    target = Path(os.path.realpath(path))
    if os.path.lexists(target) and not stat.S_ISREG(target.lstat().st_mode):
        raise ValueError(f"{path} is there and is no regular file: name another one to write to")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name[:200]}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, target)
    except BaseException as error:  # a full disk, or Ctrl-C
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):  # it names the temporary file, or none
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise


def write_json(path: Path, value: object) -> None:
    """Write `value` as readable JSON with a final newline; equal values give equal bytes."""
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    write(path, text.encode() + b"\n")
