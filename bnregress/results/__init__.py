"""The results of a run: their model, their file, and the merging of shards."""
