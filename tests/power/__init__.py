"""`nox -s power`: what the suite catches of the faults in tests/faults, and how often it raises a false alarm."""
