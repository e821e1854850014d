"""Images for fine-tune runs: prepared once, handed to every release as the same arrays."""
