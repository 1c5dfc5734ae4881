"""Closes a listening socket without resetting anybody: no new handshakes, then what is queued is accepted.

The kernel completes handshakes by itself. A connection that it completes between the last ``accept`` and
``close`` is reset, together with the request that its client has sent by then. So before the workers
stop, handshakes are no longer begun: the client's kernel repeats its SYN a second later, and finds another
server or nobody. Knows nothing of Gunicorn.
"""

from __future__ import annotations

import array
import contextlib
import socket
import struct
import sys
from collections.abc import Iterable

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h; the socket module has no name for it

# Classic BPF (linux/filter.h): code, jump if true, jump if false, operand. The filter of a TCP socket sees
# segments from the TCP header on. Accepted connections inherit it, so all but a SYN must pass.
_INSTRUCTIONS = (
    (0x30, 0, 0, 13),  # load the byte with the flags (RFC 9293 section 3.1)
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # a SYN that acknowledges nothing begins a handshake
    (0x06, 0, 0, 0),  # drop the segment
    (0x06, 0, 0, 0xFFFFFFFF),  # let it pass
)


def begin_no_handshakes(listeners: Iterable[socket.socket]) -> bool:
    """Drop every SYN from now on, for all processes that share these sockets; whether the system can (Linux).

    Handshakes that have begun are completed, and queued connections can be accepted as before.
    """
    if sys.platform != "linux":
        return False
    program = array.array("B", b"".join(struct.pack("HBBI", *step) for step in _INSTRUCTIONS))
    address, _ = program.buffer_info()
    pointer = struct.pack("HP", len(_INSTRUCTIONS), address)
    done = False
    for listener in listeners:
        if listener.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):
                listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)
                done = True
    return done
