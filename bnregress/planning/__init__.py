"""Which cells run, where, and how long they are expected to take."""
