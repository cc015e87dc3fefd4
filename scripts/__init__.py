"""What make calls: set-up, the first run, the lock."""
