"""A name server on loopback that answers, or fails, as it is told; and what makes a program ask it."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: programs ask port 53 only; another address than the machine's own name server has
ADDRESS = "127.5.3.1"
#: RFC 1035 §4.1.1
CODES = {"ok": 0, "broken": 2, "unknown": 3, "refused": 5}


class Names:
    """Every name has the address 127.0.0.1, as long as nothing else is said.

    Attributes:
        mode: ok; broken (SERVFAIL), unknown (NXDOMAIN), refused, garbage, or silent.
        only: the one name for which that holds; None: for all.
    """

    def __init__(self, folder: Path) -> None:
        self.mode = "ok"
        self.only: str | None = None
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        resolv = folder / "resolv.conf"
        resolv.write_text(f"nameserver {ADDRESS}\n", "ascii")
        script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        #: what stands before a command that is to ask here
        self.prefix = ("unshare", "--mount", "sh", "-c", script, str(resolv))

    @contextmanager
    def serving(self) -> Iterator[Names]:
        """Answer inside the block; the test is skipped where we may not."""
        try:
            self._socket.bind((ADDRESS, 53))
        except OSError as error:
            pytest.skip(f"no name server may be made here: {error}")
        if shutil.which("unshare") is None or subprocess.run([*self.prefix, "true"], check=False).returncode:
            pytest.skip("no other name server may be named here")
        threading.Thread(target=self._answer_all, name="names", daemon=True).start()
        try:
            yield self
        finally:
            self._socket.close()

    def _answer_all(self) -> None:
        while True:
            try:
                question, asker = self._socket.recvfrom(4096)
            except OSError:
                return
            self.asked += 1
            if answer := self._answer(question):
                self._socket.sendto(answer, asker)

    def _answer(self, question: bytes) -> bytes:
        end = question.index(b"\0", 12) + 5
        name = _read_name(question)
        kind = struct.unpack("!H", question[end - 4 : end - 2])[0]
        mode = self.mode if self.only in {None, name} else "ok"
        if mode == "silent":
            return b""
        if mode == "garbage":
            return question[:2] + b"\xff" * 40
        is_found = mode == "ok" and kind == 1
        flags = 0x8180 | CODES[mode]
        head = question[:2] + struct.pack("!HHHHH", flags, 1, is_found, 0, 0)
        record = struct.pack("!HHHIH", 0xC00C, 1, 1, 0, 4) + socket.inet_aton("127.0.0.1")
        return head + question[12:end] + (record if is_found else b"")


def _read_name(question: bytes) -> str:
    labels, at = [], 12
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels).lower()
