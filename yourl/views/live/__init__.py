"""``/live`` and below: what is kept, for programs with the access code and for people with a session."""
