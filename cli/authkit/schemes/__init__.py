"""Signature schemes: one file each, one row each."""

# name of --scheme -> the module that holds its SCHEME
SCHEMES = {"sigv4": "authkit.schemes.sigv4"}
