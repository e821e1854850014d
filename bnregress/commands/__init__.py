"""The commands of `bnregress`, a module each: `add_parser` declares its options, `execute` does it."""
