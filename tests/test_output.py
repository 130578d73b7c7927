"""Writing in one step: what was there stays as it was when writing fails, and nothing is left beside it."""

import errno
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from ftc_lib.core import files
from ftc_lib.core.network import Layer, Network
from tools.files import write_if_changed


def network(path, content):
    Network((Layer(np.ones((1, 1)), np.zeros(1)), Layer(np.ones(1), np.zeros(())))).save(path)


writer = pytest.mark.parametrize("write", [files.write, write_if_changed, network])


@writer
def test_a_file_is_replaced_and_folders_are_made(write, tmp_path):
    path = tmp_path / "a" / "b" / "file"
    write(path, b"old")
    write(path, b"new")
    assert path.read_bytes() == b"new" or write is network
    assert list(path.parent.iterdir()) == [path]


@writer
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "link to a device", "link to itself"])
def test_what_is_no_regular_file_is_never_replaced(write, kind, tmp_path):
    path = tmp_path / "there"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a device":
        path.symlink_to(os.devnull)
    elif kind == "link to itself":
        path.symlink_to(path)
    else:
        try:
            os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("only root makes devices")
    before = path.lstat()
    with pytest.raises(ValueError, match=f"^{path} is there and is no regular file: name another one to write to"):
        write(path, b"new")
    assert path.lstat().st_ino == before.st_ino and path.lstat().st_mode == before.st_mode
    assert list(tmp_path.iterdir()) == [path]


@writer
def test_a_link_is_followed_and_stays_a_link(write, tmp_path):
    for name in ("there", "not yet"):
        target, link = tmp_path / "folder" / name, tmp_path / f"link {name}"
        target.parent.mkdir(exist_ok=True)
        if name == "there":
            target.write_bytes(b"old")
        link.symlink_to(Path("folder", name))
        write(link, b"new")
        assert link.is_symlink() and not target.is_symlink()
        assert target.read_bytes() == link.read_bytes() != b"old"
    assert len(list((tmp_path / "folder").iterdir())) == 2 and len(list(tmp_path.iterdir())) == 3


def failing(monkeypatch, step, error):
    """Let one step of writing fail after it has begun."""

    def write_half(path, content):
        with open(path, "wb") as file:
            file.write(content[: len(content) // 2])
        raise error

    def refuse(*_):
        raise error

    if step == "write":
        monkeypatch.setattr(Path, "write_bytes", write_half)
    else:
        monkeypatch.setattr(os, "replace", refuse)


@writer
@pytest.mark.parametrize("step", ["write", "replace"])
@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), PermissionError(errno.EACCES, "No"), KeyboardInterrupt()],
)
def test_whatever_fails_nothing_is_lost_or_left(write, step, error, tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    failing(monkeypatch, step, error)
    with pytest.raises(type(error)) as caught:
        write(path, b"new")
    monkeypatch.undo()
    assert isinstance(error, KeyboardInterrupt) or caught.value.filename == str(path)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


@writer
def test_a_folder_that_is_a_file_is_named(write, tmp_path):
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OSError, match=str(tmp_path / "file")):
        write(tmp_path / "file" / "more", b"new")
    assert (tmp_path / "file").read_bytes() == b"old"
