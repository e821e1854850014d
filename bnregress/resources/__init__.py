"""Data that a maintainer edits when a release appears: catalog, locks, schemas."""
