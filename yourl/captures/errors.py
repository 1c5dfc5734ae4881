"""The errors of the room. Each is a sentence for people and one code of yourl.errors."""

from __future__ import annotations

from collections.abc import Sequence

from yourl.errors import YourlError


class StoreUnavailable(YourlError):
    """The store cannot be asked at present; the message says why."""

    code = "captures_unavailable"


class BadFilter(YourlError):
    """A query asks for something that cannot be; ``faults`` holds one sentence for each mistake."""

    code = "bad_filter"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


class BadInboxRules(YourlError):
    """The rules of an inbox are wrong; ``faults`` holds one sentence for each mistake."""

    code = "bad_inbox_rules"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))
