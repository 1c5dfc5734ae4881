"""Access log and error log: their lines, and the threads that write them."""
