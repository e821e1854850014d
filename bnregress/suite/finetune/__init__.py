"""Short fine-tune runs as in the report: a head trained on a frozen network, and what a person would see of it."""
