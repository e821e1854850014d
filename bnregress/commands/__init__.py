"""The commands of `bnregress`, a module each: `execute` does it. What they take is in `declared`."""
