"""HTTP messages as values."""
