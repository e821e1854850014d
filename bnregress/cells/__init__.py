"""What names a cell: ids, variants, selectors, globs, shards."""
