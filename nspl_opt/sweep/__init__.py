"""What breaks first: one thing lost at a time, every case solved from the same base."""
