"""What this machine has: interpreters, GPUs, memory, folders, and the copy of the suite that runs on it."""
