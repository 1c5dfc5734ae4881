"""The client hints that are read, and those that a page asks for; every start needs these names."""

from __future__ import annotations

#: The client hints that are read.
HINT_NAMES = ("Sec-CH-UA-Form-Factors", "Sec-CH-UA-Mobile", "Sec-CH-UA-Model", "Sec-CH-UA-Platform")
#: The hints that a page must ask for; Chromium sends Mobile and Platform unasked.
ACCEPT_CH = ("Sec-CH-UA-Form-Factors", "Sec-CH-UA-Model")
#: Either of them can change the class, so the browser should repeat its first request with them
#: (Accept-CH is defined in RFC 8942, Critical-CH in the client hints infrastructure).
CRITICAL_CH = ACCEPT_CH
