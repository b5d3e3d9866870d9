"""Key material, and what is derived from it."""
