"""What arrives at inboxes: how it is kept, found, verified, compared and exported. Knows no Flask."""
