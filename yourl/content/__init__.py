"""A request's content: read within a limit, then decoded as far as its type, its bytes and its cost allow.

Knows nothing of Flask or the settings.
"""

from yourl.content.body import Body, decode_body
from yourl.content.forms import MAX_FIELDS, TooManyFields, parse_query
from yourl.content.multipart import UploadedFile
from yourl.content.reading import content_length, read_body

__all__ = [
    "MAX_FIELDS",
    "Body",
    "TooManyFields",
    "UploadedFile",
    "content_length",
    "decode_body",
    "parse_query",
    "read_body",
]
