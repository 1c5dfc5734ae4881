"""The verdict offline: from a request that was written down to a report for a terminal.

``reading`` turns text into the same ``Head`` that the server reads from a socket; ``report`` turns an
inspection into text. Knows nothing of Flask, the command line or files.
"""

from yourl.explain.reading import FORMATS, read_request
from yourl.explain.report import device_text, plain_text, terminal_text
from yourl.explain.written import WrittenRequest, written_request

__all__ = [
    "FORMATS",
    "WrittenRequest",
    "device_text",
    "plain_text",
    "read_request",
    "terminal_text",
    "written_request",
]
