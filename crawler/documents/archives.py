"""ZIP and RAR: names as Chinese systems write them, each member read like a file of its own."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import rarfile

from crawler.documents.packages import opened
from crawler.documents.record import DocumentText, Limits, Unreadable, unreadable

ReadMember = Callable[[bytes, str], DocumentText]
_HAN = re.compile(r"[\u4e00-\u9fff]")
_LINK = re.compile(r"[\\/]")


def read_zip(data: bytes, limits: Limits, read: ReadMember) -> DocumentText:
    """Every member of a ZIP. A member that cannot be read says why; the archive as a whole stays readable."""
    members: list[tuple[str, DocumentText]] = []
    with opened(data, limits) as package:
        infos = [info for info in package.infos if not info.is_dir() and not _noise(info.filename)]
        for info in infos[: limits.members]:
            name = zip_name(info)
            try:
                member = read(package.unpack(info), name)
            except Unreadable as fault:
                member = unreadable("unknown", fault.why)
            members.append((name, member))
            if member.why == "bomb":
                raise Unreadable("bomb")
    return _together("zip", members, len(infos) > limits.members)


def zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name; without the UTF-8 flag Windows wrote it in the system's code page, here GBK."""
    if info.flag_bits & 0x800:
        return info.filename[:300]
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename[:300]
    for codec in ("utf-8", "gb18030"):
        try:
            name = raw.decode(codec).replace("\\", "/")[:300]
        except UnicodeDecodeError:
            continue
        # Two GBK bytes can be valid UTF-8 of some other script: UTF-8 only counts with Chinese in it.
        if codec == "gb18030" or raw.isascii() or _HAN.search(name):
            return name
    return info.filename[:300]


def read_rar(data: bytes, limits: Limits, read: ReadMember) -> DocumentText:
    """Every member of a RAR. Stored members need no tool; packed ones need bsdtar, unar or unrar on this machine."""
    members: list[tuple[str, DocumentText]] = []
    left = limits.unpacked_bytes
    try:
        with rarfile.RarFile(io.BytesIO(data)) as archive:
            if archive.needs_password() and not archive.infolist():
                raise Unreadable("encrypted")
            infos = [info for info in archive.infolist() if not info.is_dir() and not _noise(info.filename)]
            if len(infos) > limits.entries:
                raise Unreadable("bomb")
            for info in infos[: limits.members]:
                if info.needs_password():
                    members.append((info.filename[:300], unreadable("unknown", "encrypted")))
                    continue
                if info.file_size > left or info.file_size > max(
                    1_000_000, limits.ratio * max(info.compress_size, 1)
                ):
                    raise Unreadable("bomb")
                try:
                    with archive.open(info) as entry:
                        raw = entry.read(info.file_size + 1)
                    left -= len(raw)
                    member = read(raw, info.filename)
                except (rarfile.RarCannotExec, rarfile.RarExecError):
                    member = unreadable("unknown", "unsupported")
                except (rarfile.Error, OSError, ValueError, EOFError):
                    member = unreadable("unknown", "broken")
                members.append((info.filename[:300], member))
    except rarfile.PasswordRequired as error:
        raise Unreadable("encrypted") from error
    except (rarfile.Error, OSError, ValueError, IndexError, KeyError, TypeError, EOFError) as error:
        raise Unreadable("broken") from error
    return _together("rar", members, len(infos) > limits.members)


def _noise(name: str) -> bool:
    last = _LINK.split(name)[-1]
    return name.startswith("__MACOSX/") or last in (".DS_Store", "Thumbs.db", "desktop.ini")


def _together(kind: str, members: list[tuple[str, DocumentText]], cut: bool) -> DocumentText:
    """One document out of its members: text and tables one after another, each text under its name."""
    if not members:
        raise Unreadable("empty")
    read = [(name, member) for name, member in members if member.readable]
    if not read:
        whys = {member.why for _, member in members}
        raise Unreadable((whys.pop() if len(whys) == 1 else None) or "no-text", tuple(members))
    return DocumentText(
        kind=kind,
        text="\n".join(f"{name}\n{member.text}" for name, member in read),
        tables=tuple(table for _, member in read for table in member.tables),
        title=read[0][1].title,
        links=tuple(dict.fromkeys(link for _, member in read for link in member.links)),
        members=tuple(members),
        cut=cut or any(member.cut for _, member in read),
        recognised=any(member.recognised for _, member in read),
    )
