"""The releases: the catalog, their locks, the package index, and releases made on demand."""
