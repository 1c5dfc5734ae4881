"""Wakes processes of one machine that wait for something to be stored.

A board is a folder: a file with one byte for each watcher, and a datagram socket for each. A watcher sets its
byte and sleeps on its socket; a process that has stored something clears the bytes that are set and sends one
datagram each. So a store without watchers pays for one search in memory, and a watcher that is awake already
is not woken again.

A watcher that was killed leaves a byte that is cleared at the next datagram, which does not arrive. A wake-up
can be lost only together with its process.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from yourl.captures.errors import StoreUnavailable

SLOTS = 256
"""Watchers of one board at a time."""
_MARK = slice(SLOTS, SLOTS + 8)
"""Where the mark of the rules stands, behind the watchers' bytes."""
_IDLE, _ARMED = b"\x00", b"\x01"


class Board:
    """The board in ``folder``, which is made on first use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._flags: mmap.mmap | None = None
        self._sender: socket.socket | None = None
        self._descriptor = -1

    def notify(self) -> None:
        """Wake every armed watcher. Never raises and never blocks."""
        flags = self._flags
        if flags is None:
            try:
                flags = self._open()
            except OSError:
                return
        at = flags.find(_ARMED, 0, SLOTS)
        while at >= 0:
            flags[at] = 0
            with contextlib.suppress(OSError):  # full: it will wake anyway; refused: its process is gone
                self._send_to(at)
            at = flags.find(_ARMED, at + 1, SLOTS)

    def mark(self) -> bytes | None:
        """What ``change_mark`` has set last, in any process; None where the board cannot be used."""
        try:
            return (self._flags or self._open())[_MARK]
        except OSError:
            return None

    def change_mark(self) -> None:
        """Set another mark: what processes have remembered under the old one is out of date."""
        with contextlib.suppress(OSError):
            (self._flags or self._open())[_MARK] = os.urandom(8)

    def _send_to(self, slot: int) -> None:
        if self._sender is None:
            self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._sender.setblocking(False)
        self._sender.sendto(b"1", self._address(slot))

    def watch(self) -> WakeupWatcher:
        """A new watcher.

        :raises StoreUnavailable: where the folder cannot be used or has no free slot
        """
        try:
            flags = self._flags or self._open()
            receiver, slot = self._bind()
        except OSError as error:
            raise StoreUnavailable(f"New requests cannot be watched for: {error}.") from error
        return WakeupWatcher(receiver, flags, slot, self._folder / f"{slot}.sock")

    def _open(self) -> mmap.mmap:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._descriptor = os.open(self._folder, os.O_RDONLY)
        with self._only_one(), (self._folder / "flags").open("a+b") as file:
            missing = _MARK.stop - file.seek(0, os.SEEK_END)
            if missing > 0:
                file.write(_IDLE * missing)
                file.flush()
            self._flags = mmap.mmap(file.fileno(), _MARK.stop)
        return self._flags

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        with (self._folder / "lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _bind(self) -> tuple[socket.socket, int]:
        receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        receiver.setblocking(False)
        with self._only_one():
            for slot in range(SLOTS):
                if self._is_free(slot):
                    receiver.bind(self._address(slot))
                    return receiver, slot
        receiver.close()
        raise OSError(f"there are {SLOTS} watchers already")

    def _is_free(self, slot: int) -> bool:
        """Whether no process listens on the slot's socket; what a killed one left is removed."""
        path = self._folder / f"{slot}.sock"
        if not path.exists():
            return True
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(self._address(slot))
            except ConnectionRefusedError:
                path.unlink()
                return True
            except OSError:
                return False
        return False

    def _address(self, slot: int) -> str:
        path = str(self._folder / f"{slot}.sock")
        if len(os.fsencode(path)) <= 100:
            return path
        # A socket's address has room for about a hundred bytes; Linux knows the folder by its number too.
        return f"/proc/self/fd/{self._descriptor}/{slot}.sock"

    def close(self) -> None:
        """Close what this process has opened; its watchers stay."""
        if self._sender is not None:
            self._sender.close()
            self._sender = None
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._flags = None


class WakeupWatcher:
    """One watcher of a board; see ``yourl.captures.store.Watcher``."""

    def __init__(self, receiver: socket.socket, flags: mmap.mmap, slot: int, path: Path) -> None:
        self._receiver = receiver
        self._flags = flags
        self._slot = slot
        self._path = path

    def fileno(self) -> int:
        """Readable once something was stored after ``arm``."""
        return self._receiver.fileno()

    def arm(self) -> None:
        """Forget the wake-ups so far, and ask for the next one."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._receiver.recv(16)
        self._flags[self._slot] = 1

    def close(self) -> None:
        """Stop watching."""
        self._flags[self._slot] = 0
        self._receiver.close()
        self._path.unlink(missing_ok=True)
