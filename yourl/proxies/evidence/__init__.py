"""What a request shows beyond the forwarding headers: that TLS was in use, that host or path were changed."""
