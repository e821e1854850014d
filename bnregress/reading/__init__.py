"""Reading what others wrote: strict JSON and TOML, tables, text for people."""
