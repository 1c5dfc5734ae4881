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


class TooManyInboxRules(YourlError):
    """``limit`` inboxes have rules, and no other may have some."""

    code = "too_many_inbox_rules"

    def __init__(self, limit: int) -> None:
        super().__init__(f"As many inboxes have rules as may have some ({limit}). Remove those of another.")


class BadInboxRules(YourlError):
    """The rules of an inbox are wrong; ``faults`` holds one sentence for each mistake."""

    code = "bad_inbox_rules"

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))
