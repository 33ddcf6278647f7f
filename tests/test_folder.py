"""A folder is written whole or not at all, and what stands somewhere is left alone."""

from __future__ import annotations

import errno
import os

import pytest

from ruggespraak.folder import FolderError, expect_new, whole


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_is_there_when_it_is_whole(tmp_path):
    with whole(tmp_path / "far" / "new") as half:
        (half / "one").write_text("1")
        assert names(tmp_path / "far") == [half.name]
    assert names(tmp_path / "far") == ["new"]
    assert names(tmp_path / "far" / "new") == ["one"]


def test_others_may_read_it_as_far_as_the_user_wants(tmp_path):
    before = os.umask(0o027)
    try:
        with whole(tmp_path / "new"):
            pass
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o750


@pytest.mark.control("C-62")
@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_nothing_is_left_where_it_stops_halfway(error, tmp_path):
    with pytest.raises(error), whole(tmp_path / "new"):
        raise error
    assert names(tmp_path) == []


def test_a_full_disk_is_one_clear_line(tmp_path):
    with pytest.raises(FolderError, match=r"new: No space left on device$"), whole(tmp_path / "new"):
        raise OSError(errno.ENOSPC, "No space left on device")  # as a write says it: without the name of the file
    assert names(tmp_path) == []


def stands(tmp_path, what):
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    elif what == "file":
        path.write_text("mine")
    else:
        path.symlink_to("nowhere")
    return path


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_stands_there_is_left_alone(what, tmp_path):
    path = stands(tmp_path, what)
    with pytest.raises(FolderError, match="something stands there, a new folder expected"):
        expect_new(path)
    with pytest.raises(FolderError), whole(path):
        raise AssertionError("it must not begin")
    assert names(tmp_path) == [what]


def test_of_two_at_once_the_second_says_so_and_takes_nothing_away(tmp_path):
    second, first = whole(tmp_path / "new"), whole(tmp_path / "new")
    (second.__enter__() / "second").touch()
    with first as half:
        (half / "first").touch()
    with pytest.raises(FolderError, match="new: Directory not empty"):
        second.__exit__(None, None, None)
    assert names(tmp_path) == ["new"]
    assert names(tmp_path / "new") == ["first"]


@pytest.mark.parametrize("where", ["file/new", "/proc/self/new/er"])
def test_a_place_where_no_folder_can_be_made_is_refused(where, tmp_path):
    stands(tmp_path, "file")
    with pytest.raises(FolderError, match="new"), whole(tmp_path / where):
        raise AssertionError("it must not begin")
