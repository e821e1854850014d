"""All that needs a GPU, in one command."""
