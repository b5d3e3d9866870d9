"""RFC 9421 in parts: components, parameters, digests, keys, making and checking a signature."""
