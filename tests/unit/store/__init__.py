"""Of the store, what needs no database: limits, packing, chunks."""
